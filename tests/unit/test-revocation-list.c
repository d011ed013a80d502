/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Revocation lists: what is listed is found, whose list it is follows from the signature, and no altered
 * byte passes. */
#include "test_certificates.h"

#include "crypt/revocation_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define LISTED 300
#define LABEL "X509 CRL"

static test_identity authority, other;
static gnutls_datum_t der;

/* Odd numbers of one to three bytes; what begins with a set bit gets a zero byte before it, as DER wants. */
static size_t serial_of(uint32_t number, uint8_t serial[4]) {
    const uint8_t whole[4] = {0, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
    size_t skip = 0;
    while (skip < 3 && whole[skip] == 0 && whole[skip + 1] < 0x80)
        skip++;
    memcpy(serial, whole + skip, sizeof whole - skip);
    return sizeof whole - skip;
}

static uint32_t number_of(uint32_t i) {
    return (LISTED - i) * 257 * 2 + 1;
}

static void begin_list(gnutls_x509_crl_t *list) {
    assert_int_equal(gnutls_x509_crl_init(list), 0);
    assert_int_equal(gnutls_x509_crl_set_version(*list, 2), 0);
    assert_int_equal(gnutls_x509_crl_set_this_update(*list, 1000000000), 0);
    assert_int_equal(gnutls_x509_crl_set_next_update(*list, 2000000000), 0);
}

static void add_to_list(gnutls_x509_crl_t list, uint32_t number, time_t since) {
    uint8_t serial[4];
    assert_int_equal(gnutls_x509_crl_set_crt_serial(list, serial, serial_of(number, serial), since), 0);
}

static void finish_list(gnutls_x509_crl_t list, gnutls_datum_t *out) {
    assert_int_equal(gnutls_x509_crl_set_number(list, "\x01", 1), 0);
    assert_int_equal(gnutls_x509_crl_sign2(list, authority.certificate, authority.key, GNUTLS_DIG_SHA256, 0), 0);
    assert_int_equal(gnutls_x509_crl_export2(list, GNUTLS_X509_FMT_DER, out), 0);
    gnutls_x509_crl_deinit(list);
}

static int make(void **state) {
    const test_profile profile = {
        "CN=List CA", 1, time(NULL) - 3600, time(NULL) + 86400, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN, NULL};
    gnutls_x509_crl_t list;
    (void)state;
    test_identity_make(&authority, &profile, NULL, NULL);
    test_identity_make(&other, &profile, NULL, NULL);
    begin_list(&list);
    for (uint32_t i = 0; i < LISTED; i++)
        add_to_list(list, number_of(i), 1000000000);
    finish_list(list, &der);
    return 0;
}

static int forget(void **state) {
    (void)state;
    test_identity_free(&authority);
    test_identity_free(&other);
    gnutls_free(der.data);
    return 0;
}

/* As PEM, times times behind each other. */
static buffer pem_of(gnutls_datum_t content, int times) {
    buffer text = BUFFER_INIT(1024 * 1024);
    gnutls_datum_t pem;
    assert_int_equal(gnutls_pem_base64_encode2(LABEL, &content, &pem), 0);
    for (int i = 0; i < times; i++)
        assert_int_equal(buffer_append(&text, bytes_of(pem.data, pem.size)), RESULT_OK);
    gnutls_free(pem.data);
    return text;
}

static result read_list(gnutls_datum_t content, revocation_list **list) {
    bytes rest;
    buffer text = pem_of(content, 1);
    result code = revocation_list_read(buffer_bytes(&text), list, &rest);
    buffer_wipe(&text);
    return code;
}

static void listed_is_found(void **state) {
    revocation_list *list;
    uint8_t serial[4];
    int64_t since = 0;
    char name[CRYPT_NAME_MAX];
    (void)state;
    assert_int_equal(read_list(der, &list), RESULT_OK);
    assert_int_equal(revocation_list_count(list), LISTED);
    for (uint32_t i = 0; i < LISTED; i++) {
        assert_true(revocation_list_names(list, bytes_of(serial, serial_of(number_of(i), serial)), &since));
        assert_true(since == 1000000000);
        assert_false(revocation_list_names(list, bytes_of(serial, serial_of(number_of(i) + 1, serial)), &since));
    }
    assert_false(revocation_list_names(list, bytes_of(NULL, 0), &since));
    assert_int_equal(revocation_list_from(list), 1000000000);
    assert_int_equal(revocation_list_until(list), 2000000000);
    revocation_list_issuer(list, name);
    assert_string_equal(name, "CN=List CA");
    revocation_list_free(&list);
    assert_null(list);
}

/* Whichever entry of a number stands first, the certificate is revoked from the earlier time on. */
static void the_earlier_of_two_entries_counts(void **state) {
    static const time_t times[][2] = {{1000000100, 1000000200}, {1000000200, 1000000100}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        gnutls_x509_crl_t list;
        gnutls_datum_t twice;
        revocation_list *read;
        uint8_t serial[4];
        int64_t since = 0;
        begin_list(&list);
        for (size_t k = 0; k < 2; k++)
            add_to_list(list, number_of(1), times[i][k]);
        finish_list(list, &twice);
        assert_int_equal(read_list(twice, &read), RESULT_OK);
        assert_true(revocation_list_names(read, bytes_of(serial, serial_of(number_of(1), serial)), &since));
        assert_int_equal(since, 1000000100);
        revocation_list_free(&read);
        gnutls_free(twice.data);
    }
}

static void signature_decides(void **state) {
    revocation_list *list;
    (void)state;
    assert_int_equal(read_list(der, &list), RESULT_OK);
    assert_false(revocation_list_is_of(list, other.certificate)); /* of the same name */
    assert_true(revocation_list_is_of(list, authority.certificate));
    assert_true(revocation_list_is_of(list, authority.certificate));
    assert_false(revocation_list_is_of(list, other.certificate));
    revocation_list_free(&list);
}

static void no_altered_byte_passes(void **state) {
    (void)state;
    for (unsigned i = 0; i < der.size; i++) {
        revocation_list *list = NULL;
        der.data[i] ^= 0x01;
        if (read_list(der, &list) == RESULT_OK && revocation_list_is_of(list, authority.certificate))
            fail_msg("byte %u of %u altered, and accepted", i, der.size);
        revocation_list_free(&list);
        der.data[i] ^= 0x01;
    }
}

static void no_part_passes(void **state) {
    (void)state;
    for (unsigned length = 0; length < der.size; length += length < 200 ? 1 : 37) {
        revocation_list *list = NULL;
        if (length > 0 && read_list((gnutls_datum_t){der.data, length}, &list) == RESULT_OK)
            fail_msg("%u of %u bytes accepted", length, der.size);
        assert_null(list);
    }
}

static void several_in_a_file(void **state) {
    revocation_list *list;
    buffer text = pem_of(der, 3);
    bytes rest = buffer_bytes(&text);
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(revocation_list_read(rest, &list, &rest), RESULT_OK);
        revocation_list_free(&list);
    }
    assert_int_equal(revocation_list_read(rest, &list, &rest), RESULT_NOT_FOUND);
    assert_int_equal(revocation_list_read(bytes_of(NULL, 0), &list, &rest), RESULT_NOT_FOUND);
    buffer_wipe(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listed_is_found),   cmocka_unit_test(the_earlier_of_two_entries_counts),
        cmocka_unit_test(signature_decides), cmocka_unit_test(no_altered_byte_passes),
        cmocka_unit_test(no_part_passes),    cmocka_unit_test(several_in_a_file),
    };
    return cmocka_run_group_tests(tests, make, forget);
}
