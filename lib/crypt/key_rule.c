/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/key_rule.h"

#include <stdbool.h>

#define EXPONENT_BYTES_MAX 4

static const gnutls_ecc_curve_t curves[] = {GNUTLS_ECC_CURVE_SECP256R1, GNUTLS_ECC_CURVE_SECP384R1,
                                            GNUTLS_ECC_CURVE_SECP521R1};

/* Without the zeros in front, among them the sign byte of DER's INTEGER. */
static bytes significant(bytes number) {
    while (number.length > 0 && number.data[0] == 0)
        number = bytes_slice(number, 1, number.length);
    return number;
}

static bool is_odd(bytes number) {
    return number.length > 0 && (number.data[number.length - 1] & 1) != 0;
}

static size_t count_bits(bytes number) {
    size_t bits = 8 * number.length;
    for (uint8_t first = number.length > 0 ? number.data[0] : 0x80; (first & 0x80) == 0; first = (uint8_t)(first << 1))
        bits--;
    return bits;
}

result key_rule_check_rsa(bytes modulus, bytes exponent) {
    const bytes n = significant(modulus), e = significant(exponent);
    const size_t bits = count_bits(n);
    const bool size_fits = bits >= KEY_RULE_RSA_BITS_MIN && bits <= KEY_RULE_RSA_BITS_MAX;
    /* exponent 1 is no signature, and 3 was used in several attacks on RFC 8017's padding */
    const bool exponent_fits = is_odd(e) && e.length <= EXPONENT_BYTES_MAX && (e.length > 1 || e.data[0] > 3);
    return size_fits && is_odd(n) && exponent_fits ? RESULT_OK : RESULT_KEY;
}

static result check_rsa(gnutls_pubkey_t key) {
    gnutls_datum_t n = {NULL, 0}, e = {NULL, 0};
    result code = RESULT_INVALID;
    if (gnutls_pubkey_export_rsa_raw(key, &n, &e) == 0)
        code = key_rule_check_rsa(bytes_of(n.data, n.size), bytes_of(e.data, e.size));
    gnutls_free(n.data);
    gnutls_free(e.data);
    return code;
}

static result check_curve(gnutls_pubkey_t key) {
    gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
    gnutls_datum_t x = {NULL, 0}, y = {NULL, 0};
    result code = gnutls_pubkey_export_ecc_raw(key, &curve, &x, &y) == 0 ? RESULT_KEY : RESULT_INVALID;
    for (size_t i = 0; code == RESULT_KEY && i < sizeof curves / sizeof *curves; i++)
        if (curves[i] == curve)
            code = RESULT_OK;
    gnutls_free(x.data);
    gnutls_free(y.data);
    return code;
}

result key_rule_check(gnutls_pubkey_t key) {
    switch (gnutls_pubkey_get_pk_algorithm(key, NULL)) {
    case GNUTLS_PK_RSA: return check_rsa(key);
    case GNUTLS_PK_ECDSA: return check_curve(key);
    default: return RESULT_KEY;
    }
}

result key_rule_check_certificate(gnutls_x509_crt_t certificate) {
    gnutls_pubkey_t key;
    if (gnutls_pubkey_init(&key) != 0)
        return RESULT_NO_MEMORY;
    const result code = gnutls_pubkey_import_x509(key, certificate, 0) == 0 ? key_rule_check(key) : RESULT_INVALID;
    gnutls_pubkey_deinit(key);
    return code;
}
