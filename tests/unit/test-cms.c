/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The DER walker, and the CMS reader rule by rule: a message is built from its parts, one of them changed and
 * everything signed again, so that only the rule can refuse it. Whatever we accept, OpenSSL must accept, with the
 * same content. */
#include "base/hex.h"
#include "crypt/cms.h"
#include "crypt/cms_read.h"
#include "crypt/der.h"
#include "iso7816/tlv.h"
#include "test_certificates.h"

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
#define MESSAGE_MAX 65536

static test_identity authority, person;
static certificate *signer, *second;
static gnutls_datum_t monstrous; /* the person's name and number over a key of 65,536 bits */
static cms_key *key, *second_key;
static const bytes content = {(const uint8_t *)"{\"version\":1}", 13};

static void load(const test_identity *identity, const char *folder, certificate **c, cms_key **k) {
    char pem[64], path[64];
    snprintf(pem, sizeof pem, "%s/pem", folder);
    snprintf(path, sizeof path, "%s/key", folder);
    test_identity_write(identity, pem, path);
    assert_int_equal(cms_key_from_file(path, k), RESULT_OK);
    assert_int_equal(certificate_from_file(pem, c), RESULT_OK);
    unlink(pem);
    unlink(path);
}

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
    assert_int_equal(gnutls_x509_crt_sign2(c, authority.certificate, authority.key, GNUTLS_DIG_SHA256, 0), 0);
    assert_int_equal(gnutls_x509_crt_export2(c, GNUTLS_X509_FMT_DER, &monstrous), 0);
    gnutls_x509_crt_deinit(c);
    gnutls_pubkey_deinit(public_key);
}

static int make_signers(void **state) {
    (void)state;
    char folder[] = "/tmp/test-cms.XXXXXX";
    const int64_t now = time(NULL);
    const test_profile ca = {"CN=CA,C=JP", 1, now - 86400, now + 86400, GNUTLS_KEY_KEY_CERT_SIGN, NULL};
    const test_profile p = {"CN=Person,C=JP", 0x00C0FFEE, now - 86400, now + 86400, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL};
    assert_non_null(mkdtemp(folder));
    test_identity_make(&authority, &ca, NULL, NULL);
    test_identity_make(&person, &p, &authority, NULL);
    make_monstrous(&p);
    load(&person, folder, &signer, &key);
    load(&authority, folder, &second, &second_key);
    rmdir(folder);
    return 0;
}

static int free_signers(void **state) {
    (void)state;
    cms_key_free(&key);
    cms_key_free(&second_key);
    certificate_free(&signer);
    certificate_free(&second);
    test_identity_free(&person);
    test_identity_free(&authority);
    gnutls_free(monstrous.data);
    return 0;
}

/* --- the walker --------------------------------------------------------------------------------------------------- */

static result walk(const char *hex, void (*step)(der_reader *d)) {
    buffer data = BUFFER_INIT(256);
    result failed;
    assert_int_equal(hex_decode(hex, &data), RESULT_OK);
    der_reader d = der_over(buffer_bytes(&data), &failed);
    step(&d);
    der_end(&d);
    buffer_wipe(&data);
    return failed;
}

static void take_any(der_reader *d) {
    der_take_any(d);
}
static void take_octets(der_reader *d) {
    der_take(d, DER_OCTET_STRING);
}
static void take_integer(der_reader *d) {
    der_take_integer(d);
}
static void take_time(der_reader *d) {
    der_take_time(d);
}

static void der_is_strict(void **state) {
    (void)state;
    static const struct {
        const char *hex;
        void (*step)(der_reader *d);
        result expected;
    } rows[] = {
        {"0400", take_any, RESULT_OK},
        {"", take_any, RESULT_TRUNCATED},
        {"04", take_any, RESULT_TRUNCATED},
        {"0401", take_any, RESULT_TRUNCATED},
        {"0481", take_any, RESULT_TRUNCATED},
        {"04828000", take_any, RESULT_TRUNCATED},
        {"04810100", take_any, RESULT_INVALID}, /* a longer form than needed */
        {"0482000100", take_any, RESULT_INVALID},
        {"0484FFFFFFFF", take_any, RESULT_INVALID}, /* more than three bytes of length */
        {"04FF", take_any, RESULT_INVALID},
        {"30800000", take_any, RESULT_UNSUPPORTED}, /* indefinite: BER */
        {"1F0100", take_any, RESULT_INVALID},       /* a tag of several bytes */
        {"040000", take_any, RESULT_INVALID},       /* something behind */
        {"0500", take_octets, RESULT_INVALID},
        {"24020400", take_octets, RESULT_INVALID}, /* constructed */
        {"020100", take_integer, RESULT_OK},
        {"02020080", take_integer, RESULT_OK},
        {"0202FF7F", take_integer, RESULT_OK},
        {"0200", take_integer, RESULT_INVALID},
        {"0202007F", take_integer, RESULT_INVALID},
        {"0202FF80", take_integer, RESULT_INVALID},
        {"170D3236313132343030303231315A", take_time, RESULT_OK},              /* 261124000211Z */
        {"170B323631313234303030325A", take_time, RESULT_INVALID},             /* no seconds */
        {"17113236313132343030303231312B30393030", take_time, RESULT_INVALID}, /* +0900 */
        {"170D3236303233303030303231315A", take_time, RESULT_INVALID},         /* 30 February */
        {"170D3236313132343234303231315A", take_time, RESULT_INVALID},         /* hour 24 */
        {"170D32363131323430302F3231315A", take_time, RESULT_INVALID},
        {"180F32303530303130313030303030305A", take_time, RESULT_OK},
        {"18123230353030313031303030303030302E355A", take_time, RESULT_INVALID},
        {"300602010104010000", der_pass, RESULT_TRUNCATED},
        {"30060201010401FF", der_pass, RESULT_OK},
        {"3006020200010500", der_pass, RESULT_INVALID}, /* not the shortest INTEGER, further down */
        {"3003010101", der_pass, RESULT_INVALID},       /* BOOLEAN is 00 or FF */
        {"060180", der_pass, RESULT_INVALID},
        {"06032A8648", der_pass, RESULT_OK},
        {"06042A808648", der_pass, RESULT_INVALID}, /* a leading 80 in the middle */
        {"060B2AFFFFFFFFFFFFFFFFFF7F", der_pass, RESULT_INVALID},
        {"30020580", der_pass, RESULT_UNSUPPORTED},
        {"1000", der_pass, RESULT_INVALID}, /* SEQUENCE is constructed */
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (walk(rows[i].hex, rows[i].step) != rows[i].expected)
            print_error("%s: %s\n", rows[i].hex, result_text(walk(rows[i].hex, rows[i].step)));
        assert_int_equal(walk(rows[i].hex, rows[i].step), rows[i].expected);
    }
}

static void der_has_a_floor(void **state) {
    (void)state;
    char hex[4 * 64 + 1];
    for (size_t i = 0; i < 64; i++)
        snprintf(hex + 4 * i, 5, "30%02X", (unsigned)(2 * (63 - i)));
    assert_int_equal(walk(hex, der_pass), RESULT_INVALID);
    assert_int_equal(walk(hex + 4 * 54, der_pass), RESULT_OK);
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
    buffer whole = BUFFER_INIT(MESSAGE_MAX);
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
            add_digest(out, "302F" PKCS9 "0431220420", content);
        else if (i == 3)
            add_digest(out, "3037" ESS "31283026302430220420", certificate_der(signer));
}

static void add_sid(const recipe *r, buffer *out) {
    gnutls_datum_t issuer = {NULL, 0};
    buffer sid = BUFFER_INIT(MESSAGE_MAX);
    uint8_t serial[32];
    size_t length = sizeof serial;
    assert_int_equal(gnutls_x509_crt_get_raw_issuer_dn(person.certificate, &issuer), 0);
    assert_int_equal(gnutls_x509_crt_get_serial(person.certificate, serial, &length), 0);
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
    buffer info = BUFFER_INIT(MESSAGE_MAX), attributes = BUFFER_INIT(MESSAGE_MAX), signature = BUFFER_INIT(512);
    add(&info, r->signer_version, "020101");
    add_sid(r, &info);
    add(&info, r->signer_digest, SHA256);
    add_attributes(r, &attributes);
    wrap(&attributes, DER_SET);
    assert_int_equal(cms_key_sign(key, buffer_bytes(&attributes), &signature), RESULT_OK);
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
    buffer data = BUFFER_INIT(MESSAGE_MAX), infos = BUFFER_INIT(MESSAGE_MAX);
    add(&data, r->version, "020101");
    add(&data, r->digests, "310D" SHA256);
    add(&data, r->content, "301C06092A864886F70D010701A00F040D7B2276657273696F6E223A317D");
    tlv_append(&data, DER_CONTEXT(0),
               enclosed != NULL ? bytes_of(enclosed->data, enclosed->size) : certificate_der(signer));
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

/* Stock OpenSSL's verdict of the same message, and the content that it gives. Trust is not asked. */
static bool openssl_accepts(bytes der, bytes expected) {
    BIO *in = BIO_new_mem_buf(der.data, (int)der.length), *out = BIO_new(BIO_s_mem());
    CMS_ContentInfo *cms = d2i_CMS_bio(in, NULL);
    char *data = NULL;
    bool good = cms != NULL && CMS_verify(cms, NULL, NULL, NULL, out, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) == 1;
    long length = BIO_get_mem_data(out, &data);
    good = good && bytes_equal(bytes_of(data, (size_t)length), expected);
    CMS_ContentInfo_free(cms);
    BIO_free(in);
    BIO_free(out);
    return good;
}

typedef result verifier(bytes der, bytes detached, cms_message *out);

static result verify_by(verifier *by, bytes der, cms_problem *problem) {
    cms_message message;
    bool known = true;
    result code = by(der, bytes_of(NULL, 0), &message);
    *problem = message.problem;
    if (code == RESULT_OK) {
        assert_true(bytes_equal(buffer_bytes(&message.content), content));
        /* another certificate is trust_check's to refuse, and GnuTLS's to read */
        for (size_t i = 0; i < message.count; i++)
            known = known &&
                    (certificate_equal(message.signers[i], signer) || certificate_equal(message.signers[i], second));
        assert_true(!known || openssl_accepts(der, content));
    }
    cms_message_free(&message);
    return known ? code : RESULT_DENIED;
}

static result verify(bytes der, cms_problem *problem) {
    return verify_by(cms_verify_foreign_forms, der, problem);
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
    buffer der = BUFFER_INIT(MESSAGE_MAX);
    for (size_t i = 0; i < COUNT(rules); i++) {
        recipe r = {NULL};
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

/* A signature whose verification would last for many seconds: the message fails by the key alone, although its content
 * is another one than was signed and its signature has the wrong length, which would be found by computing. */
/* Other programs enclose a CA's certificate, or more. Each fits the room that there is, and one more does not. */
static void so_many_certificates_may_be_enclosed(void **state) {
    static const recipe right;
    const bytes one = certificate_der(signer);
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

static void monstrous_keys_cost_nothing(void **state) {
    static const char *const contents[] = {NULL, "301C06092A864886F70D010701A00F040D7B2276657273696F6E223A327D"};
    buffer der = BUFFER_INIT(MESSAGE_MAX);
    cms_problem problem;
    (void)state;
    enclosed = &monstrous;
    for (size_t i = 0; i < COUNT(contents); i++) {
        buffer_clear(&der);
        build(&(recipe){.content = contents[i]}, &der);
        assert_int_equal(verify_by(cms_verify, buffer_bytes(&der), &problem), RESULT_KEY);
        assert_int_equal(problem, CMS_KEY);
        assert_int_equal(verify(buffer_bytes(&der), &problem), RESULT_KEY);
    }
    enclosed = NULL;
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
    buffer der = BUFFER_INIT(MESSAGE_MAX);
    cms_problem problem;
    (void)state;
    build(&(recipe){NULL}, &der);
    assert_int_equal(verify_by(cms_verify, buffer_bytes(&der), &problem), RESULT_OK);
    for (size_t i = 0; i < COUNT(rows); i++) {
        recipe r = {NULL};
        *(const char **)(void *)((char *)&r + rows[i].field) = rows[i].hex;
        buffer_clear(&der);
        build(&r, &der);
        if (verify(buffer_bytes(&der), &problem) != RESULT_OK)
            fail_msg("%s: a stranger may write this", rows[i].what);
        if (verify_by(cms_verify, buffer_bytes(&der), &problem) != RESULT_INVALID || problem != CMS_FORM)
            fail_msg("%s: accepted, or another problem: %d", rows[i].what, (int)problem);
    }
    buffer_wipe(&der);
}

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
    buffer content_now = BUFFER_INIT(MESSAGE_MAX), wrapped = BUFFER_INIT(MESSAGE_MAX);
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
    buffer changed = BUFFER_INIT(MESSAGE_MAX), part = BUFFER_INIT(MESSAGE_MAX);
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
            add(&part, additions[k], NULL);
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
    buffer der = BUFFER_INIT(MESSAGE_MAX);
    const cms_signer two[] = {cms_key_signer(key, signer), cms_key_signer(second_key, second)};
    for (size_t count = 1; count <= 2; count++) {
        buffer_clear(&der);
        assert_int_equal(cms_sign(content, false, two, count, 1795564931, &der), RESULT_OK);
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
    buffer der = BUFFER_INIT(MESSAGE_MAX), value = BUFFER_INIT(64);
    const cms_signer one = cms_key_signer(key, signer);
    cms_message message;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        buffer_clear(&der);
        assert_int_equal(cms_sign(content, false, &one, 1, rows[i].at, &der), rows[i].due);
        if (rows[i].due != RESULT_OK)
            continue;
        buffer_clear(&value);
        add(&value, rows[i].hex, NULL);
        assert_non_null(memmem(der.data, der.length, value.data, value.length));
        assert_int_equal(cms_verify(buffer_bytes(&der), bytes_of(NULL, 0), &message), RESULT_OK);
        assert_int_equal(message.signing_time[0], rows[i].at);
        cms_message_free(&message);
        assert_true(openssl_accepts(buffer_bytes(&der), content));
    }
    buffer_wipe(&der);
    buffer_wipe(&value);
}

/* --- mutation ----------------------------------------------------------------------------------------------------- */

static void sign_by_openssl(unsigned flags, buffer *der) {
    const unsigned char *at = person.der.data;
    gnutls_datum_t raw = {NULL, 0};
    assert_int_equal(gnutls_x509_privkey_export2(person.key, GNUTLS_X509_FMT_DER, &raw), 0);
    const unsigned char *key_at = raw.data;
    X509 *c = d2i_X509(NULL, &at, (long)person.der.size);
    EVP_PKEY *k = d2i_AutoPrivateKey(NULL, &key_at, (long)raw.size);
    BIO *in = BIO_new_mem_buf(content.data, (int)content.length);
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
    buffer changed = BUFFER_INIT(MESSAGE_MAX);
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
    buffer der = BUFFER_INIT(MESSAGE_MAX);
    sign_by_openssl(CMS_CADES, &der);
    check_mutations(buffer_bytes(&der));
    buffer_clear(&der);
    sign_by_openssl(0, &der);
    check_mutations(buffer_bytes(&der));
    buffer_clear(&der);
    const cms_signer two[] = {cms_key_signer(key, signer), cms_key_signer(second_key, second)};
    assert_int_equal(cms_sign(content, false, two, 2, 1795564931, &der), RESULT_OK);
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
    const cms_signer wrong[] = {cms_key_signer(second_key, second), {signer, sign_wrongly, key}};
    const cms_signer of_another_key[] = {cms_key_signer(second_key, signer)};
    assert_int_equal(cms_sign(content, false, wrong, 2, 1795564931, &der), RESULT_BAD_SIGNATURE);
    assert_int_equal(cms_sign(content, true, of_another_key, 1, 1795564931, &der), RESULT_BAD_SIGNATURE);
    assert_int_equal(der.length, 0);
    buffer_wipe(&der);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(der_is_strict),
        cmocka_unit_test(der_has_a_floor),
        cmocka_unit_test(each_rule_refuses),
        cmocka_unit_test(so_many_certificates_may_be_enclosed),
        cmocka_unit_test(monstrous_keys_cost_nothing),
        cmocka_unit_test(only_what_we_write),
        cmocka_unit_test(nobody_makes_a_second_message),
        cmocka_unit_test(later_years_are_signed),
        cmocka_unit_test(openssl_agrees_on_mutations),
        cmocka_unit_test(wrong_signatures_stay_inside),
    };
    return cmocka_run_group_tests(tests, make_signers, free_signers);
}
