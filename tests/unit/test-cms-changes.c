/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Changes to good messages: none makes a second one, OpenSSL agrees; what a card computes wrongly stays inside. */
#include "base/hex.h"
#include "cms_signers.h"
#include "crypt/der.h"
#include "iso7816/tlv.h"

#include <openssl/cms.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* --- second messages ---------------------------------------------------------------------------------------------- */

/* Where the tree of values of a DER message has its nodes; enough to exchange, double and leave out each of them. */
typedef struct node {
    size_t at, header, length; /* length: of the content */
} node;

static size_t find_nodes(bytes der, size_t from, size_t to, node *nodes, size_t count, size_t max) {
    while (from + 2 <= to && count < max) {
        node n = {from, 2, der.data[from + 1]};
        if (n.length > 0x80) {
            const size_t digits = n.length & 0x7F;
            n.header += digits;
            n.length = 0;
            for (size_t i = 0; i < digits; i++)
                n.length = n.length << 8 | der.data[from + 2 + i];
        }
        nodes[count++] = n;
        if (der.data[from] & 0x20)
            count = find_nodes(der, from + n.header, from + n.header + n.length, nodes, count, max);
        from += n.header + n.length;
    }
    return count;
}

#define NODES_MAX 1024

/* Replaces the bytes from..to and makes the lengths of everything around them right again. */
static void splice(bytes der, const node *nodes, size_t count, size_t from, size_t to, bytes by, buffer *out) {
    buffer content_now = BUFFER_INIT(CMS_MESSAGE_MAX), wrapped = BUFFER_INIT(CMS_MESSAGE_MAX);
    size_t begin = from, end = to;
    buffer_append(&content_now, by);
    for (size_t i = count; i-- > 0;) { /* from the innermost to the outermost that holds the place */
        const node *n = &nodes[i];
        if (n->at + n->header > from || n->at + n->header + n->length < to || (der.data[n->at] & 0x20) == 0 ||
            n->at >= begin)
            continue;
        buffer_clear(&wrapped);
        buffer_append(&wrapped, bytes_slice(der, n->at + n->header, begin - n->at - n->header));
        buffer_append(&wrapped, buffer_bytes(&content_now));
        buffer_append(&wrapped, bytes_slice(der, end, n->at + n->header + n->length - end));
        buffer_clear(&content_now);
        tlv_append(&content_now, der.data[n->at], buffer_bytes(&wrapped));
        begin = n->at;
        end = n->at + n->header + n->length;
    }
    buffer_clear(out);
    buffer_append(out, buffer_bytes(&content_now));
    buffer_wipe(&content_now);
    buffer_wipe(&wrapped);
}

static size_t accepted_second(bytes der, bytes changed) {
    cms_message message;
    if (bytes_equal(der, changed))
        return 0;
    const result code = cms_verify(changed, bytes_of(NULL, 0), &message);
    cms_message_free(&message);
    return code == RESULT_OK ? 1 : 0;
}

/* Every bit turned; every value left out, doubled, emptied, exchanged with the one behind it, with something behind it,
 * with a NULL inside at the end; a part put where CRLs and unsigned attributes would stand. */
static size_t count_second_messages(bytes der) {
    static node nodes[NODES_MAX];
    static const char *const additions[] = {"0500", "A100", "A10530030201FF", "A1023000", "3000"};
    buffer changed = BUFFER_INIT(CMS_MESSAGE_MAX), part = BUFFER_INIT(CMS_MESSAGE_MAX);
    size_t accepted = 0, count = find_nodes(der, 0, der.length, nodes, 0, NODES_MAX);
    assert_in_range(count, 50, NODES_MAX - 1);
    for (size_t i = 0; i < 8 * der.length; i++) {
        buffer_clear(&changed);
        buffer_append(&changed, der);
        changed.data[i / 8] ^= (uint8_t)(1 << i % 8);
        accepted += accepted_second(der, buffer_bytes(&changed));
    }
    for (size_t i = 0; i < count; i++) {
        const node *n = &nodes[i];
        const size_t end_at = n->at + n->header + n->length;
        const bytes whole = bytes_slice(der, n->at, n->header + n->length);
        splice(der, nodes, count, n->at, end_at, bytes_of("", 0), &changed);
        accepted += accepted_second(der, buffer_bytes(&changed));
        splice(der, nodes, count, end_at, end_at, whole, &changed);
        accepted += accepted_second(der, buffer_bytes(&changed));
        splice(der, nodes, count, n->at, n->at, whole, &changed);
        accepted += accepted_second(der, buffer_bytes(&changed));
        for (size_t k = 0; k < COUNT(additions); k++) {
            buffer_clear(&part);
            assert_int_equal(hex_decode(additions[k], &part), RESULT_OK);
            splice(der, nodes, count, end_at, end_at, buffer_bytes(&part), &changed);
            accepted += accepted_second(der, buffer_bytes(&changed));
            splice(der, nodes, count, end_at - n->length, end_at - n->length, buffer_bytes(&part), &changed);
            accepted += accepted_second(der, buffer_bytes(&changed));
        }
        for (size_t k = i + 1; k < count; k++)
            if (nodes[k].at == end_at) { /* the next of the same level */
                const size_t further = nodes[k].at + nodes[k].header + nodes[k].length;
                buffer_clear(&part);
                buffer_append(&part, bytes_slice(der, end_at, further - end_at));
                buffer_append(&part, whole);
                splice(der, nodes, count, n->at, further, buffer_bytes(&part), &changed);
                accepted += accepted_second(der, buffer_bytes(&changed));
                break;
            }
    }
    buffer_wipe(&changed);
    buffer_wipe(&part);
    return accepted;
}

static void nobody_makes_a_second_message(void **state) {
    (void)state;
    buffer der = BUFFER_INIT(CMS_MESSAGE_MAX);
    const cms_signer two[] = {cms_person.signer, cms_authority.signer};
    for (size_t count = 1; count <= 2; count++) {
        buffer_clear(&der);
        assert_int_equal(cms_sign(cms_example, false, two, count, 1795564931, &der), RESULT_OK);
        assert_int_equal(count_second_messages(buffer_bytes(&der)), 0);
    }
    buffer_wipe(&der);
}

/* --- years from 2050 on ------------------------------------------------------------------------------------------- */

static void later_years_are_signed(void **state) {
    static const struct {
        int64_t at;
        const char *hex; /* of the signing-time's value */
        result due;
    } rows[] = {
        {2524607999, "170D3439313233313233353935395A", RESULT_OK},     /* 491231235959Z */
        {2524608000, "180F32303530303130313030303030305A", RESULT_OK}, /* 20500101000000Z */
        {2556144000, "180F32303531303130313030303030305A", RESULT_OK},
        {253402300799, "180F39393939313233313233353935395A", RESULT_OK},
        {253402300800, NULL, RESULT_INVALID},
        {-1, NULL, RESULT_INVALID},
    };
    buffer der = BUFFER_INIT(CMS_MESSAGE_MAX), value = BUFFER_INIT(64);
    const cms_signer one = cms_person.signer;
    cms_message message;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        buffer_clear(&der);
        assert_int_equal(cms_sign(cms_example, false, &one, 1, rows[i].at, &der), rows[i].due);
        if (rows[i].due != RESULT_OK)
            continue;
        buffer_clear(&value);
        assert_int_equal(hex_decode(rows[i].hex, &value), RESULT_OK);
        assert_non_null(memmem(der.data, der.length, value.data, value.length));
        assert_int_equal(cms_verify(buffer_bytes(&der), bytes_of(NULL, 0), &message), RESULT_OK);
        assert_int_equal(message.signing_time[0], rows[i].at);
        cms_message_free(&message);
        assert_true(cms_openssl_accepts(buffer_bytes(&der), cms_example));
    }
    buffer_wipe(&der);
    buffer_wipe(&value);
}

static void there_is_room_for_so_many_signers(void **state) {
    cms_signer signers[CMS_SIGNERS_MAX + 1];
    buffer der = BUFFER_INIT(CMS_MESSAGE_MAX);
    (void)state;
    for (size_t i = 0; i < COUNT(signers); i++)
        signers[i] = i % 2 ? cms_person.signer : cms_authority.signer;
    assert_int_equal(cms_sign(cms_example, false, signers, 0, 1795564931, &der), RESULT_INVALID);
    assert_int_equal(cms_sign(cms_example, false, signers, COUNT(signers), 1795564931, &der), RESULT_INVALID);
    assert_int_equal(der.length, 0);
    buffer_wipe(&der);
}

/* --- mutation ----------------------------------------------------------------------------------------------------- */

static result verify(bytes der, cms_problem *problem) {
    return cms_signers_verify(cms_verify_foreign_forms, der, problem);
}

static void sign_by_openssl(unsigned flags, buffer *der) {
    const unsigned char *at = cms_person.identity.der.data;
    gnutls_datum_t raw = {NULL, 0};
    assert_int_equal(gnutls_x509_privkey_export2(cms_person.identity.key, GNUTLS_X509_FMT_DER, &raw), 0);
    const unsigned char *key_at = raw.data;
    X509 *c = d2i_X509(NULL, &at, (long)cms_person.identity.der.size);
    EVP_PKEY *k = d2i_AutoPrivateKey(NULL, &key_at, (long)raw.size);
    BIO *in = BIO_new_mem_buf(cms_example.data, (int)cms_example.length);
    CMS_ContentInfo *cms = CMS_sign(c, k, NULL, in, CMS_BINARY | flags);
    unsigned char *out = NULL;
    int length = i2d_CMS_ContentInfo(cms, &out);
    assert_true(length > 0);
    assert_int_equal(buffer_append(der, bytes_of(out, (size_t)length)), RESULT_OK);
    OPENSSL_free(out);
    CMS_ContentInfo_free(cms);
    BIO_free(in);
    EVP_PKEY_free(k);
    X509_free(c);
    gnutls_free(raw.data);
}

/* Fixed, so that a failure comes again. */
static uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Up to three bytes set, or a part cut out or doubled. */
static void mutate(bytes from, uint32_t *random, buffer *out) {
    buffer_clear(out);
    size_t at = next_random(random) % from.length, length = next_random(random) % 40;
    buffer_append(out, bytes_slice(from, 0, at));
    switch (next_random(random) % 3) {
    case 0: buffer_append(out, bytes_slice(from, at + length, from.length)); break;
    case 1:
        buffer_append(out, bytes_slice(from, at, length));
        buffer_append(out, bytes_slice(from, at, from.length));
        break;
    default:
        buffer_append(out, bytes_slice(from, at, from.length));
        for (int i = 0; i < 3; i++)
            out->data[next_random(random) % out->length] = (uint8_t)next_random(random);
    }
}

static void check_mutations(bytes der) {
    static const uint8_t flips[] = {0x01, 0x20, 0x80, 0xFF};
    buffer changed = BUFFER_INIT(CMS_MESSAGE_MAX);
    cms_problem problem;
    uint32_t random = 20261123;
    size_t refused = 0;
    assert_int_equal(verify(der, &problem), RESULT_OK);
    for (size_t i = 0; i < 4 * der.length; i++) {
        buffer_clear(&changed);
        buffer_append(&changed, der);
        changed.data[i / 4] ^= flips[i % 4];
        refused += verify(buffer_bytes(&changed), &problem) != RESULT_OK;
    }
    assert_true(refused >= 4 * der.length - 16);
    for (int i = 0; i < 20000; i++) {
        mutate(der, &random, &changed);
        verify(buffer_bytes(&changed), &problem);
    }
    for (size_t i = 0; i < der.length; i++)
        assert_int_not_equal(verify(bytes_slice(der, 0, i), &problem), RESULT_OK);
    buffer_wipe(&changed);
}

static void openssl_agrees_on_mutations(void **state) {
    (void)state;
    buffer der = BUFFER_INIT(CMS_MESSAGE_MAX);
    sign_by_openssl(CMS_CADES, &der);
    check_mutations(buffer_bytes(&der));
    buffer_clear(&der);
    sign_by_openssl(0, &der);
    check_mutations(buffer_bytes(&der));
    buffer_clear(&der);
    const cms_signer two[] = {cms_person.signer, cms_authority.signer};
    assert_int_equal(cms_sign(cms_example, false, two, 2, 1795564931, &der), RESULT_OK);
    check_mutations(buffer_bytes(&der));
    buffer_wipe(&der);
}

/* A card that computes wrongly. */
static result sign_wrongly(void *context, bytes message, buffer *signature) {
    const result code = cms_key_sign(context, message, signature);
    if (code == RESULT_OK)
        signature->data[signature->length / 2] ^= 1;
    return code;
}

static void wrong_signatures_stay_inside(void **state) {
    buffer der = BUFFER_INIT(8192);
    (void)state;
    const cms_signer wrong[] = {cms_authority.signer, {cms_person.certificate, sign_wrongly, cms_person.key}};
    const cms_signer of_another_key[] = {cms_key_signer(cms_authority.key, cms_person.certificate)};
    assert_int_equal(cms_sign(cms_example, false, wrong, 2, 1795564931, &der), RESULT_BAD_SIGNATURE);
    assert_int_equal(cms_sign(cms_example, true, of_another_key, 1, 1795564931, &der), RESULT_BAD_SIGNATURE);
    assert_int_equal(der.length, 0);
    buffer_wipe(&der);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_makes_a_second_message),     cmocka_unit_test(later_years_are_signed),
        cmocka_unit_test(there_is_room_for_so_many_signers), cmocka_unit_test(openssl_agrees_on_mutations),
        cmocka_unit_test(wrong_signatures_stay_inside),
    };
    return cmocka_run_group_tests(tests, cms_signers_make, cms_signers_free);
}
