/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Keys from outside are bounded when they are read (crypt/key_rule.h), at each place where one is taken, and nothing is
 * computed with one that is refused. */
#include "crypt/certificate.h"
#include "crypt/cms.h"
#include "crypt/key_rule.h"
#include "crypt/request.h"
#include "crypt/trust.h"
#include "net/http_tls.h"
#include "test_certificates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define MODULUS_MAX 8192

static test_identity ca;
static uint8_t modulus[MODULUS_MAX];

static int begin(void **state) {
    const int64_t now = time(NULL);
    const test_profile of_ca = {"CN=CA,C=JP", 1, now - 86400, now + 86400, GNUTLS_KEY_KEY_CERT_SIGN, NULL};
    (void)state;
    test_identity_make(&ca, &of_ca, NULL, NULL);
    memset(modulus, 0xA5, sizeof modulus); /* nobody has its factors, and nobody needs them */
    return 0;
}

static int end(void **state) {
    (void)state;
    test_identity_free(&ca);
    return 0;
}

/* A number of so many bits, odd or even. */
static bytes number_of(size_t bits, bool odd) {
    const size_t length = (bits + 7) / 8;
    modulus[0] = (uint8_t)(0x80 >> (8 * length - bits));
    modulus[length - 1] = odd ? 0xA5 : 0xA4;
    return bytes_of(modulus, length);
}

static const struct {
    const char *what;
    size_t bits;
    bool odd;
    uint8_t exponent[6];
    size_t exponent_length;
    result due;
} keys[] = {
    {"RSA-2048, 65537", 2048, true, {1, 0, 1}, 3, RESULT_OK},
    {"RSA-4096, 65537", 4096, true, {1, 0, 1}, 3, RESULT_OK},
    {"exponent 5", 2048, true, {5}, 1, RESULT_OK},
    {"exponent 2^32 - 1", 2048, true, {0xFF, 0xFF, 0xFF, 0xFF}, 4, RESULT_OK},
    {"zeros before the exponent", 2048, true, {0, 0, 1, 0, 1}, 5, RESULT_OK},
    {"RSA-2047", 2047, true, {1, 0, 1}, 3, RESULT_KEY},
    {"RSA-1024", 1024, true, {1, 0, 1}, 3, RESULT_KEY},
    {"RSA-4097", 4097, true, {1, 0, 1}, 3, RESULT_KEY},
    {"RSA-65536", 65536, true, {1, 0, 1}, 3, RESULT_KEY},
    {"an even modulus", 2048, false, {1, 0, 1}, 3, RESULT_KEY},
    {"exponent 1", 2048, true, {1}, 1, RESULT_KEY},
    {"exponent 3", 2048, true, {3}, 1, RESULT_KEY},
    {"an even exponent", 2048, true, {1, 0, 0}, 3, RESULT_KEY},
    {"exponent 2^32 + 1", 2048, true, {1, 0, 0, 0, 1}, 5, RESULT_KEY},
    {"no exponent", 2048, true, {0}, 1, RESULT_KEY},
};

static void numbers_have_bounds(void **state) {
    uint8_t digest[32] = {0};
    buffer encrypted = BUFFER_INIT(MODULUS_MAX);
    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        const bytes n = number_of(keys[i].bits, keys[i].odd), e = bytes_of(keys[i].exponent, keys[i].exponent_length);
        if (key_rule_check_rsa(n, e) != keys[i].due)
            fail_msg("%s: %s", keys[i].what, result_text(key_rule_check_rsa(n, e)));
        const result verified = crypt_rsa_verify(n, e, BYTES(digest), bytes_of(modulus, n.length));
        assert_int_equal(verified == RESULT_KEY, keys[i].due == RESULT_KEY);
        if (keys[i].due == RESULT_KEY)
            assert_int_equal(crypt_rsa_encrypt(n, e, BYTES(digest), &encrypted), RESULT_KEY);
    }
    buffer_wipe(&encrypted);
}

/* A certificate of the CA over a public key that nobody has. */
static gnutls_datum_t certificate_over(gnutls_pubkey_t key, const char *dn) {
    gnutls_x509_crt_t c;
    gnutls_datum_t der = {NULL, 0};
    const char *error;
    assert_int_equal(gnutls_x509_crt_init(&c), 0);
    assert_int_equal(gnutls_x509_crt_set_version(c, 3), 0);
    assert_int_equal(gnutls_x509_crt_set_dn(c, dn, &error), 0);
    assert_int_equal(gnutls_x509_crt_set_serial(c, "\x07", 1), 0);
    assert_int_equal(gnutls_x509_crt_set_activation_time(c, time(NULL) - 3600), 0);
    assert_int_equal(gnutls_x509_crt_set_expiration_time(c, time(NULL) + 3600), 0);
    assert_int_equal(gnutls_x509_crt_set_basic_constraints(c, 1, -1), 0);
    assert_int_equal(gnutls_x509_crt_set_pubkey(c, key), 0);
    assert_int_equal(gnutls_x509_crt_sign2(c, ca.certificate, ca.key, GNUTLS_DIG_SHA256, 0), 0);
    assert_int_equal(gnutls_x509_crt_export2(c, GNUTLS_X509_FMT_DER, &der), 0);
    gnutls_x509_crt_deinit(c);
    return der;
}

static gnutls_datum_t certificate_of_row(size_t i) {
    gnutls_pubkey_t key;
    const bytes n = number_of(keys[i].bits, keys[i].odd);
    const gnutls_datum_t m = {modulus, (unsigned)n.length},
                         e = {(unsigned char *)(uintptr_t)keys[i].exponent, (unsigned)keys[i].exponent_length};
    assert_int_equal(gnutls_pubkey_init(&key), 0);
    assert_int_equal(gnutls_pubkey_import_rsa_raw(key, &m, &e), 0);
    gnutls_datum_t der = certificate_over(key, "CN=Someone,C=JP");
    gnutls_pubkey_deinit(key);
    return der;
}

static void put_pem(const char *path, gnutls_datum_t der) {
    gnutls_datum_t pem = {NULL, 0};
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(gnutls_pem_base64_encode2("CERTIFICATE", &der, &pem), 0);
    assert_int_equal(fwrite(pem.data, 1, pem.size, file), pem.size);
    assert_int_equal(fclose(file), 0);
    gnutls_free(pem.data);
}

/* RFC 8446 4.4.2 and RFC 5246 7.4.2. */
static bytes handshake_message(gnutls_datum_t der, bool of_1_3, buffer *out) {
    const size_t entry = 3 + der.size + (of_1_3 ? 2 : 0);
    buffer_clear(out);
    if (of_1_3)
        buffer_append_u8(out, 0);
    for (int shift = 16; shift >= 0; shift -= 8)
        buffer_append_u8(out, (uint8_t)(entry >> shift));
    for (int shift = 16; shift >= 0; shift -= 8)
        buffer_append_u8(out, (uint8_t)(der.size >> shift));
    buffer_append(out, bytes_of(der.data, der.size));
    if (of_1_3)
        buffer_append(out, bytes_of("\0\0", 2));
    return buffer_bytes(out);
}

static void certificates_are_refused_when_they_are_read(void **state) {
    char path[] = "/tmp/test-key-rule.XXXXXX";
    buffer message = BUFFER_INIT(65536);
    (void)state;
    close(mkstemp(path));
    for (size_t i = 0; i < COUNT(keys); i++) {
        if (keys[i].exponent[0] == 0 && keys[i].exponent_length == 1)
            continue; /* GnuTLS itself makes no such certificate */
        gnutls_datum_t der = certificate_of_row(i);
        certificate *c = NULL;
        trust *t = NULL;
        const result code = certificate_new(bytes_of(der.data, der.size), &c);
        if (code != keys[i].due)
            fail_msg("%s: %s", keys[i].what, result_text(code));
        put_pem(path, der);
        assert_int_equal(trust_new(&t), RESULT_OK);
        assert_int_equal(trust_add_authorities(t, path), keys[i].due);
        for (int of_1_3 = 0; of_1_3 <= 1; of_1_3++)
            assert_int_equal(http_tls_message_fits(handshake_message(der, of_1_3, &message), of_1_3),
                             keys[i].due == RESULT_OK);
        trust_free(&t);
        certificate_free(&c);
        gnutls_free(der.data);
    }
    unlink(path);
    buffer_wipe(&message);
}

static void curves_are_those_of_the_table(void **state) {
    static const struct {
        gnutls_pk_algorithm_t algorithm;
        unsigned bits;
        result due;
    } rows[] = {
        {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), RESULT_OK},
        {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1), RESULT_OK},
        {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1), RESULT_OK},
        {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP224R1), RESULT_KEY},
        {GNUTLS_PK_EDDSA_ED25519, 0, RESULT_KEY},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        gnutls_x509_privkey_t own;
        gnutls_privkey_t key;
        gnutls_pubkey_t public;
        assert_int_equal(gnutls_x509_privkey_init(&own), 0);
        assert_int_equal(gnutls_x509_privkey_generate(own, rows[i].algorithm, rows[i].bits, 0), 0);
        assert_int_equal(gnutls_privkey_init(&key), 0);
        assert_int_equal(gnutls_privkey_import_x509(key, own, 0), 0);
        assert_int_equal(gnutls_pubkey_init(&public), 0);
        assert_int_equal(gnutls_pubkey_import_privkey(public, key, 0, 0), 0);
        assert_int_equal(key_rule_check(public), rows[i].due);
        gnutls_pubkey_deinit(public);
        gnutls_privkey_deinit(key);
        gnutls_x509_privkey_deinit(own);
    }
}

static result never_called(void *context, bytes message, buffer *signature) {
    (void)context;
    (void)message;
    (void)signature;
    fail_msg("signed for a key that is not worked with");
    return RESULT_INTERNAL;
}

static void requests_are_for_keys_that_fit(void **state) {
    buffer pem = BUFFER_INIT(65536);
    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        if (keys[i].due == RESULT_OK)
            continue;
        const request_key key = {number_of(keys[i].bits, keys[i].odd),
                                 bytes_of(keys[i].exponent, keys[i].exponent_length), never_called, NULL};
        assert_int_equal(request_make(&key, "Someone", &pem), RESULT_KEY);
    }
    buffer_wipe(&pem);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_bounds),
        cmocka_unit_test(certificates_are_refused_when_they_are_read),
        cmocka_unit_test(curves_are_those_of_the_table),
        cmocka_unit_test(requests_are_for_keys_that_fit),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
