/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "monstrous_key.h"

#include <openssl/rand.h>
#include <openssl/rsa.h>

/* Instead of a signature: a number below the modulus. */
static int invent(int length, const unsigned char *from, unsigned char *to, RSA *rsa, int padding) {
    const int size = RSA_size(rsa);
    (void)length;
    (void)from;
    (void)padding;
    if (RAND_bytes(to, size) != 1)
        return -1;
    to[0] = 0;
    return size;
}

/* Odd numbers, nothing else. */
EVP_PKEY *monstrous_key(int bits) {
    RSA_METHOD *method = RSA_meth_dup(RSA_get_default_method());
    RSA *rsa = RSA_new();
    BIGNUM *n = BN_new(), *e = BN_new(), *d = BN_new();
    EVP_PKEY *key = EVP_PKEY_new();
    NEED(method && rsa && n && e && d && key && RSA_meth_set_priv_enc(method, invent) == 1 &&
         RSA_set_method(rsa, method) == 1);
    NEED(BN_rand(n, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD) == 1);
    NEED(BN_rand(e, bits - 1, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD) == 1);
    NEED(BN_set_word(d, 3) == 1 && RSA_set0_key(rsa, n, e, d) == 1 && EVP_PKEY_assign_RSA(key, rsa) == 1);
    return key;
}

X509 *monstrous_certificate(EVP_PKEY *key) {
    X509 *certificate = X509_new();
    EVP_PKEY *issuer = EVP_EC_gen("P-256"); /* its signature is short */
    NEED(certificate && issuer && X509_set_version(certificate, 2) == 1);
    X509_NAME *name = X509_get_subject_name(certificate);
    NEED(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"Monster", -1, -1, 0) == 1);
    NEED(X509_set_issuer_name(certificate, name) == 1);
    NEED(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1);
    NEED(X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) &&
         X509_gmtime_adj(X509_getm_notAfter(certificate), 86400));
    NEED(X509_set_pubkey(certificate, key) == 1 && X509_sign(certificate, issuer, EVP_sha256()) > 0);
    EVP_PKEY_free(issuer);
    return certificate;
}
