/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The CMS reader rule by rule: a message that is right but for one thing. */
#include "base/hex.h"
#include "crypt/der.h"
#include "cms_signers.h"
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

static gnutls_datum_t monstrous; /* the person's name and number over a key of 65,536 bits */

static void make_monstrous(const test_profile *p) {
    static uint8_t modulus[8192];
    const gnutls_datum_t n = {modulus, sizeof modulus}, e = {(unsigned char *)"\x01\x00\x01", 3};
    gnutls_pubkey_t public_key;
    gnutls_x509_crt_t c;
    const char *error;
    const uint8_t serial[] = {(uint8_t)(p->serial >> 24), (uint8_t)(p->serial >> 16), (uint8_t)(p->serial >> 8),
                              (uint8_t)p->serial};
    memset(modulus, 0xA5, sizeof modulus);
    assert_int_equal(gnutls_pubkey_init(&public_key), 0);
    assert_int_equal(gnutls_pubkey_import_rsa_raw(public_key, &n, &e), 0);
    assert_int_equal(gnutls_x509_crt_init(&c), 0);
    gnutls_x509_crt_set_version(c, 3);
    gnutls_x509_crt_set_dn(c, p->dn, &error);
    gnutls_x509_crt_set_serial(c, serial, sizeof serial);
    gnutls_x509_crt_set_activation_time(c, p->not_before);
    gnutls_x509_crt_set_expiration_time(c, p->not_after);
    assert_int_equal(gnutls_x509_crt_set_pubkey(c, public_key), 0);
    assert_int_equal(
        gnutls_x509_crt_sign2(c, cms_authority.identity.certificate, cms_authority.identity.key, GNUTLS_DIG_SHA256, 0),
        0);
    assert_int_equal(gnutls_x509_crt_export2(c, GNUTLS_X509_FMT_DER, &monstrous), 0);
    gnutls_x509_crt_deinit(c);
    gnutls_pubkey_deinit(public_key);
}

static int begin(void **state) {
    const int64_t now = time(NULL);
    const test_profile p = {"CN=Person,C=JP", 0x00C0FFEE, now - 86400, now + 86400, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL};
    const int failed = cms_signers_make(state);
    make_monstrous(&p);
    return failed;
}

static int end(void **state) {
    gnutls_free(monstrous.data);
    return cms_signers_free(state);
}

/* --- messages from parts ------------------------------------------------------------------------------------------ */

#define ATTRIBUTES 6
#define SHA256 "300B0609608648016503040201"
#define SHA512 "300B0609608648016503040203"
#define PKCS9 "06092A864886F70D0109"
#define CONTENT_TYPE "3018" PKCS9 "03310B06092A864886F70D010701"
#define TIME(utc) "301C" PKCS9 "05310F170D" utc
#define TIME_1 TIME("3236313132343030303231315A")
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define ESS "060B2A864886F70D010910022F"

/* Hexadecimal DER; NULL stands for what is right. */
typedef struct recipe {
    const char *type, *version, *digests, *content, *lists, *signer_version, *sid, *signer_digest, *signature_algorithm,
        *unsigned_attributes, *tail;
    /* content-type, signing-time, message-digest, signing-certificate-v2, two more */
    const char *attributes[ATTRIBUTES];
} recipe;

static void add(buffer *out, const char *given, const char *right) {
    assert_int_equal(hex_decode(given != NULL ? given : right, out), RESULT_OK);
}

static void wrap(buffer *content_of, uint32_t tag) {
    buffer whole = BUFFER_INIT(CMS_MESSAGE_MAX);
    assert_int_equal(tlv_append(&whole, tag, buffer_bytes(content_of)), RESULT_OK);
    buffer_wipe(content_of);
    *content_of = whole;
}

static void add_digest(buffer *out, const char *header, bytes of) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    assert_int_equal(crypt_sha256(of, digest), RESULT_OK);
    add(out, header, NULL);
    assert_int_equal(buffer_append(out, BYTES(digest)), RESULT_OK);
}

static void add_attributes(const recipe *r, buffer *out) {
    for (size_t i = 0; i < ATTRIBUTES; i++)
        if (r->attributes[i] != NULL)
            add(out, r->attributes[i], NULL);
        else if (i == 0)
            add(out, CONTENT_TYPE, NULL);
        else if (i == 1)
            add(out, TIME_1, NULL);
        else if (i == 2)
            add_digest(out, "302F" PKCS9 "0431220420", cms_example);
        else if (i == 3)
            add_digest(out, "3037" ESS "31283026302430220420", certificate_der(cms_person.certificate));
}

static void add_sid(const recipe *r, buffer *out) {
    gnutls_datum_t issuer = {NULL, 0};
    buffer sid = BUFFER_INIT(CMS_MESSAGE_MAX);
    uint8_t serial[32];
    size_t length = sizeof serial;
    assert_int_equal(gnutls_x509_crt_get_raw_issuer_dn(cms_person.identity.certificate, &issuer), 0);
    assert_int_equal(gnutls_x509_crt_get_serial(cms_person.identity.certificate, serial, &length), 0);
    buffer_append(&sid, bytes_of(issuer.data, issuer.size));
    tlv_append(&sid, DER_INTEGER, bytes_of(serial, length));
    wrap(&sid, DER_SEQUENCE);
    if (r->sid != NULL)
        add(out, r->sid, NULL);
    else
        buffer_append(out, buffer_bytes(&sid));
    buffer_wipe(&sid);
    gnutls_free(issuer.data);
}

static void add_signer(const recipe *r, buffer *out) {
    buffer info = BUFFER_INIT(CMS_MESSAGE_MAX), attributes = BUFFER_INIT(CMS_MESSAGE_MAX), signature = BUFFER_INIT(512);
    add(&info, r->signer_version, "020101");
    add_sid(r, &info);
    add(&info, r->signer_digest, SHA256);
    add_attributes(r, &attributes);
    wrap(&attributes, DER_SET);
    assert_int_equal(cms_key_sign(cms_person.key, buffer_bytes(&attributes), &signature), RESULT_OK);
    attributes.data[0] = DER_CONTEXT(0);
    buffer_append(&info, buffer_bytes(&attributes));
    add(&info, r->signature_algorithm, "300D06092A864886F70D0101010500");
    tlv_append(&info, DER_OCTET_STRING, buffer_bytes(&signature));
    add(&info, r->unsigned_attributes, "");
    wrap(&info, DER_SEQUENCE);
    buffer_append(out, buffer_bytes(&info));
    buffer_wipe(&info);
    buffer_wipe(&attributes);
    buffer_wipe(&signature);
}

static const gnutls_datum_t *enclosed; /* instead of the signer's certificate; NULL: that one */

static void build(const recipe *r, buffer *out) {
    buffer data = BUFFER_INIT(CMS_MESSAGE_MAX), infos = BUFFER_INIT(CMS_MESSAGE_MAX);
    add(&data, r->version, "020101");
    add(&data, r->digests, "310D" SHA256);
    add(&data, r->content, "301C06092A864886F70D010701A00F040D7B2276657273696F6E223A317D");
    tlv_append(&data, DER_CONTEXT(0),
               enclosed != NULL ? bytes_of(enclosed->data, enclosed->size) : certificate_der(cms_person.certificate));
    add(&data, r->lists, "");
    add_signer(r, &infos);
    wrap(&infos, DER_SET);
    buffer_append(&data, buffer_bytes(&infos));
    wrap(&data, DER_SEQUENCE);
    wrap(&data, DER_CONTEXT(0));
    add(out, r->type, "06092A864886F70D010702");
    buffer_append(out, buffer_bytes(&data));
    wrap(out, DER_SEQUENCE);
    add(out, r->tail, "");
    buffer_wipe(&data);
    buffer_wipe(&infos);
}

static result verify(bytes der, cms_problem *problem) {
    return cms_signers_verify(cms_verify_foreign_forms, der, problem);
}

#define FIELD(name) offsetof(recipe, name)
#define ATTRIBUTE(index) (offsetof(recipe, attributes) + (index) * sizeof(char *))

static const struct {
    const char *what;
    size_t field;
    const char *hex;
    result expected;
    cms_problem problem;
    /* clang-format off */
} rules[] = {
    {"as it should be", FIELD(tail), "", RESULT_OK, 0},
    {"SHA-256 with NULL", FIELD(signer_digest), "300D06096086480165030402010500", RESULT_OK, 0},
    {"sha256WithRSAEncryption", FIELD(signature_algorithm), "300D06092A864886F70D01010B0500", RESULT_OK, 0},
    {"an unknown attribute", ATTRIBUTE(4), "303806092A864886F70D01096331" "2B0429" ZEROS "000000000000000000",
     RESULT_OK, 0},
    {"an unsigned attribute", FIELD(unsigned_attributes), "A111300F06092A864886F70D01096331020500", RESULT_INVALID,
     CMS_KIND},
    {"an empty set of unsigned attributes", FIELD(unsigned_attributes), "A100", RESULT_INVALID, CMS_KIND},
    {"no signing-certificate-v2", ATTRIBUTE(3), "", RESULT_OK, 0},
    {"no signing-time", ATTRIBUTE(1), "", RESULT_OK, 0},
    {"GeneralizedTime from 2050 on", ATTRIBUTE(1), "301E" PKCS9 "053111180F32303530303130313030303030305A", RESULT_OK,
     0},
    {"GeneralizedTime of the year 9999", ATTRIBUTE(1), "301E" PKCS9 "053111180F39393939313233313233353935395A",
     RESULT_OK, 0},
    {"UTCTime of 2049", ATTRIBUTE(1), TIME("3439313233313233353935395A"), RESULT_OK, 0},
    {"EnvelopedData", FIELD(type), "06092A864886F70D010703", RESULT_INVALID, CMS_KIND},
    {"a byte behind the message", FIELD(tail), "00", RESULT_INVALID, 0},
    {"version 3", FIELD(version), "020103", RESULT_INVALID, CMS_KIND},
    {"version 1 in two bytes", FIELD(version), "02020001", RESULT_INVALID, 0},
    {"no digest algorithm", FIELD(digests), "3100", RESULT_INVALID, 0},
    {"SHA-512 announced", FIELD(digests), "310D" SHA512, RESULT_BAD_SIGNATURE, CMS_ALGORITHM},
    {"another kind of content", FIELD(content), "301C06092A864886F70D010702A00F040D7B2276657273696F6E223A317D",
     RESULT_INVALID, CMS_KIND},
    {"content behind the content", FIELD(content), "301E06092A864886F70D010701A011040D7B2276657273696F6E223A317D0500",
     RESULT_INVALID, 0},
    {"other content", FIELD(content), "301C06092A864886F70D010701A00F040D7B2276657273696F6E223A327D",
     RESULT_BAD_SIGNATURE, 0},
    {"no content", FIELD(content), "300B06092A864886F70D010701", RESULT_INVALID, CMS_CONTENT_MISSING},
    {"an empty set of CRLs", FIELD(lists), "A100", RESULT_INVALID, CMS_KIND},
    {"CRLs that are DER, but no CRLs", FIELD(lists), "A10530030201FF", RESULT_INVALID, CMS_KIND},
    {"signer version 3", FIELD(signer_version), "020103", RESULT_INVALID, CMS_KIND},
    {"subjectKeyIdentifier", FIELD(sid), "800101", RESULT_INVALID, CMS_KIND},
    {"a signer who is not inside", FIELD(sid), "30053000020101", RESULT_BAD_SIGNATURE, CMS_CERTIFICATE_MISSING},
    {"digested by SHA-512", FIELD(signer_digest), SHA512, RESULT_BAD_SIGNATURE, CMS_ALGORITHM},
    {"SHA-256 with other parameters", FIELD(signer_digest), "300E0609608648016503040201" "020101", RESULT_INVALID, 0},
    {"RSASSA-PSS", FIELD(signature_algorithm), "300D06092A864886F70D01010A0500", RESULT_BAD_SIGNATURE, CMS_ALGORITHM},
    {"RSA without NULL", FIELD(signature_algorithm), "300B06092A864886F70D010101", RESULT_INVALID, 0},
    {"content-type absent", ATTRIBUTE(0), "", RESULT_INVALID, 0},
    {"content-type of something else", ATTRIBUTE(0), "3018" PKCS9 "03310B06092A864886F70D010702", RESULT_INVALID, 0},
    {"message-digest absent", ATTRIBUTE(2), "", RESULT_INVALID, 0},
    {"message-digest of other content", ATTRIBUTE(2), "302F" PKCS9 "0431220420" ZEROS, RESULT_BAD_SIGNATURE, 0},
    {"message-digest too short", ATTRIBUTE(2),
     "302E" PKCS9 "043121041F" "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E", RESULT_INVALID, 0},
    {"signing-time twice", ATTRIBUTE(1), TIME_1 TIME("3236313132343030303231325A"), RESULT_INVALID, 0},
    {"signing-time with two values", ATTRIBUTE(1),
     "302B" PKCS9 "05311E" "170D3236313132343030303231315A170D3236313132343030303231325A", RESULT_INVALID, 0},
    {"signing-time as INTEGER", ATTRIBUTE(1), "301C" PKCS9 "05310F020D32363131323430303032313100", RESULT_INVALID, 0},
    {"GeneralizedTime before 2050", ATTRIBUTE(1), "301E" PKCS9 "053111180F32303236313132343030303231315A",
     RESULT_INVALID, 0},
    {"GeneralizedTime of 2049's last second", ATTRIBUTE(1), "301E" PKCS9 "053111180F32303439313233313233353935395A",
     RESULT_INVALID, 0},
    {"attributes out of order", ATTRIBUTE(4), "300F06092A864886F70D01096331020500", RESULT_INVALID, 0},
    {"an unknown attribute twice", ATTRIBUTE(4), "303806092A864886F70D01096331" "2B0429" ZEROS "000000000000000000"
     "303806092A864886F70D01096331" "2B0429" ZEROS "000000000000000001", RESULT_INVALID, 0},
    {"an unknown attribute that is not DER", ATTRIBUTE(4),
     "303806092A864886F70D01096331" "2B0430" ZEROS "000000000000000000", RESULT_INVALID, 0},
    {"another certificate's hash", ATTRIBUTE(3), "3037" ESS "31283026302430220420" ZEROS, RESULT_BAD_SIGNATURE, 0},
    {"a certificate's hash of 31 bytes", ATTRIBUTE(3), "3036" ESS "312730253023" "3021041F"
     "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E", RESULT_INVALID, 0},
};
/* clang-format on */

static void each_rule_refuses(void **state) {
    (void)state;
    buffer der = BUFFER_INIT(CMS_MESSAGE_MAX);
    for (size_t i = 0; i < COUNT(rules); i++) {
        recipe r = {0};
        cms_problem problem;
        *(const char **)(void *)((char *)&r + rules[i].field) = rules[i].hex;
        buffer_clear(&der);
        build(&r, &der);
        result code = verify(buffer_bytes(&der), &problem);
        if (code != rules[i].expected || problem != rules[i].problem)
            print_error("%s: %s, problem %d\n", rules[i].what, result_text(code), (int)problem);
        assert_int_equal(code, rules[i].expected);
        assert_int_equal(problem, rules[i].problem);
    }
    buffer_wipe(&der);
}

/* Other programs enclose a CA's certificate, or more. Each fits the room that there is, and one more does not. */
static void so_many_certificates_may_be_enclosed(void **state) {
    static const recipe right;
    const bytes one = certificate_der(cms_person.certificate);
    (void)state;
    for (size_t count = CMS_CERTIFICATES_MAX - 1; count <= CMS_CERTIFICATES_MAX + 1; count++) {
        buffer all = BUFFER_INIT(65536), der = BUFFER_INIT(65536);
        cms_message message;
        for (size_t i = 0; i < count; i++)
            assert_int_equal(buffer_append(&all, one), RESULT_OK);
        const gnutls_datum_t many = {all.data, (unsigned)all.length};
        enclosed = &many;
        build(&right, &der);
        enclosed = NULL;
        assert_int_equal(cms_verify_foreign_forms(buffer_bytes(&der), bytes_of(NULL, 0), &message),
                         count <= CMS_CERTIFICATES_MAX ? RESULT_OK : RESULT_TOO_LONG);
        cms_message_free(&message);
        buffer_wipe(&all);
        buffer_wipe(&der);
    }
}

/* A signature whose verification would last for many seconds: the message fails by the key alone, although its content
 * is another one than was signed and its signature has the wrong length, which would be found by computing. */
static void monstrous_keys_cost_nothing(void **state) {
    static const char *const contents[] = {NULL, "301C06092A864886F70D010701A00F040D7B2276657273696F6E223A327D"};
    buffer der = BUFFER_INIT(CMS_MESSAGE_MAX);
    cms_problem problem;
    (void)state;
    enclosed = &monstrous;
    for (size_t i = 0; i < COUNT(contents); i++) {
        buffer_clear(&der);
        build(&(recipe){.content = contents[i]}, &der);
        assert_int_equal(cms_signers_verify(cms_verify, buffer_bytes(&der), &problem), RESULT_KEY);
        assert_int_equal(problem, CMS_KEY);
        assert_int_equal(verify(buffer_bytes(&der), &problem), RESULT_KEY);
    }
    enclosed = NULL;
    buffer_wipe(&der);
}

/* --- whose certificate ------------------------------------------------------------------------------------------------ */

static void append_name(buffer *out, const test_identity *issued) {
    gnutls_datum_t issuer = {NULL, 0};
    assert_int_equal(gnutls_x509_crt_get_raw_issuer_dn(issued->certificate, &issuer), 0);
    buffer_append(out, bytes_of(issuer.data, issuer.size));
    gnutls_free(issuer.data);
}

/* The attribute with IssuerSerial (RFC 5035 5), in hexadecimal. */
static const char *attribute_naming(bytes name, const char *serial) {
    static char hex[2048];
    buffer id = BUFFER_INIT(1024), part = BUFFER_INIT(1024);
    buffer_append(&part, name);
    wrap(&part, DER_CONTEXT(4));
    wrap(&part, DER_SEQUENCE);
    add(&part, serial, NULL);
    wrap(&part, DER_SEQUENCE);
    add_digest(&id, "0420", certificate_der(cms_person.certificate));
    buffer_append(&id, buffer_bytes(&part));
    wrap(&id, DER_SEQUENCE); /* ESSCertIDv2 */
    wrap(&id, DER_SEQUENCE);
    wrap(&id, DER_SEQUENCE);
    wrap(&id, DER_SET);
    buffer_clear(&part);
    add(&part, ESS, NULL);
    buffer_append(&part, buffer_bytes(&id));
    wrap(&part, DER_SEQUENCE);
    hex_encode(buffer_bytes(&part), hex, sizeof hex);
    buffer_wipe(&id);
    buffer_wipe(&part);
    return hex;
}

static void the_attribute_names_the_signer_s_certificate(void **state) {
    static const uint8_t nobody[] = {0x30, 0x00};
    buffer issuer = BUFFER_INIT(1024), der = BUFFER_INIT(CMS_MESSAGE_MAX);
    (void)state;
    append_name(&issuer, &cms_person.identity);
    const struct {
        bytes name;
        const char *serial;
        result due;
    } rows[] = {{buffer_bytes(&issuer), "020400C0FFEE", RESULT_OK},
                {buffer_bytes(&issuer), "020400C0FFEF", RESULT_BAD_SIGNATURE},
                {BYTES(nobody), "020400C0FFEE", RESULT_BAD_SIGNATURE}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        cms_problem problem;
        buffer_clear(&der);
        build(&(recipe){.attributes = {[3] = "", [4] = attribute_naming(rows[i].name, rows[i].serial)}}, &der);
        assert_int_equal(verify(buffer_bytes(&der), &problem), rows[i].due);
    }
    buffer_wipe(&issuer);
    buffer_wipe(&der);
}

/* Who has another CA issue a certificate of the same number has none of the signer's. */
static void a_number_alone_names_no_certificate(void **state) {
    const int64_t now = time(NULL);
    const test_profile other = {"CN=Other CA,C=JP", 1, now - 86400, now + 86400, GNUTLS_KEY_KEY_CERT_SIGN, NULL};
    const test_profile p = {"CN=Person,C=JP", 0x00C0FFEE, now - 86400, now + 86400, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL};
    test_identity ca, namesake;
    buffer der = BUFFER_INIT(CMS_MESSAGE_MAX);
    cms_problem problem;
    (void)state;
    test_identity_make(&ca, &other, NULL, cms_authority.identity.key);
    test_identity_make(&namesake, &p, &ca, cms_person.identity.key);
    enclosed = &namesake.der;
    build(&(recipe){0}, &der);
    enclosed = NULL;
    assert_int_equal(verify(buffer_bytes(&der), &problem), RESULT_BAD_SIGNATURE);
    assert_int_equal(problem, CMS_CERTIFICATE_MISSING);
    assert_int_equal(cms_signers_verify(cms_verify, buffer_bytes(&der), &problem), RESULT_INVALID);
    assert_int_equal(problem, CMS_FORM);
    buffer_wipe(&der);
    ca.key = namesake.key = NULL; /* the others' */
    test_identity_free(&namesake);
    test_identity_free(&ca);
}

static void content_is_inside_or_beside(void **state) {
    buffer der = BUFFER_INIT(CMS_MESSAGE_MAX);
    cms_message message;
    (void)state;
    build(&(recipe){0}, &der);
    assert_int_equal(cms_verify(buffer_bytes(&der), cms_example, &message), RESULT_INVALID);
    assert_int_equal(message.problem, CMS_CONTENT_INSIDE);
    cms_message_free(&message);
    buffer_wipe(&der);
}

/* --- the one form that is taken of our own messages --------------------------------------------------------------- */

static void only_what_we_write(void **state) {
    static const struct {
        const char *what;
        size_t field;
        const char *hex;
    } rows[] = {
        {"SHA-256 with NULL in front", FIELD(digests), "310F300D06096086480165030402010500"},
        {"two digest algorithms", FIELD(digests), "311C" SHA256 "300D06096086480165030402010500"},
        {"a signer's SHA-256 with NULL", FIELD(signer_digest), "300D06096086480165030402010500"},
        {"sha256WithRSAEncryption", FIELD(signature_algorithm), "300D06092A864886F70D01010B0500"},
        {"no signing-time", ATTRIBUTE(1), ""},
        {"no signing-certificate-v2", ATTRIBUTE(3), ""},
    };
    buffer der = BUFFER_INIT(CMS_MESSAGE_MAX);
    cms_problem problem;
    (void)state;
    build(&(recipe){0}, &der);
    assert_int_equal(cms_signers_verify(cms_verify, buffer_bytes(&der), &problem), RESULT_OK);
    for (size_t i = 0; i < COUNT(rows); i++) {
        recipe r = {0};
        *(const char **)(void *)((char *)&r + rows[i].field) = rows[i].hex;
        buffer_clear(&der);
        build(&r, &der);
        if (verify(buffer_bytes(&der), &problem) != RESULT_OK)
            fail_msg("%s: a stranger may write this", rows[i].what);
        if (cms_signers_verify(cms_verify, buffer_bytes(&der), &problem) != RESULT_INVALID || problem != CMS_FORM)
            fail_msg("%s: accepted, or another problem: %d", rows[i].what, (int)problem);
    }
    buffer_wipe(&der);
}

/* Certificates that are nobody's, in front of the signer's or behind it: one of the two is in the order of DER. */
static void only_the_signers_certificates(void **state) {
    const bytes certificates[] = {certificate_der(cms_person.certificate), certificate_der(cms_authority.certificate)};
    buffer both = BUFFER_INIT(65536), der = BUFFER_INIT(65536);
    cms_problem problem;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        buffer_clear(&both);
        buffer_clear(&der);
        buffer_append(&both, certificates[i]);
        buffer_append(&both, certificates[1 - i]);
        const gnutls_datum_t two = {both.data, (unsigned)both.length};
        enclosed = &two;
        build(&(recipe){0}, &der);
        enclosed = NULL;
        assert_int_equal(verify(buffer_bytes(&der), &problem), RESULT_OK);
        assert_int_equal(cms_signers_verify(cms_verify, buffer_bytes(&der), &problem), RESULT_INVALID);
        assert_int_equal(problem, CMS_FORM);
    }
    buffer_wipe(&both);
    buffer_wipe(&der);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_refuses),
        cmocka_unit_test(so_many_certificates_may_be_enclosed),
        cmocka_unit_test(monstrous_keys_cost_nothing),
        cmocka_unit_test(the_attribute_names_the_signer_s_certificate),
        cmocka_unit_test(a_number_alone_names_no_certificate),
        cmocka_unit_test(content_is_inside_or_beside),
        cmocka_unit_test(only_what_we_write),
        cmocka_unit_test(only_the_signers_certificates),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
