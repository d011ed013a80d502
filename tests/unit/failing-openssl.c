/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* OpenSSL's calls that mock-ca makes: NULL or 0, as their manual pages have it for failure. */
#include "failing.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

FAILING(BIO *, NULL, BIO_new, (const BIO_METHOD *type), (type))
FAILING(BIO *, NULL, BIO_new_mem_buf, (const void *data, int length), (data, length))
FAILING(X509 *, NULL, X509_new, (void), ())
FAILING(X509_NAME *, NULL, X509_NAME_new, (void), ())
FAILING(X509_CRL *, NULL, X509_CRL_new, (void), ())
FAILING(X509_REVOKED *, NULL, X509_REVOKED_new, (void), ())
FAILING(ASN1_INTEGER *, NULL, ASN1_INTEGER_new, (void), ())
FAILING(ASN1_TYPE *, NULL, ASN1_TYPE_new, (void), ())
FAILING(ASN1_UTF8STRING *, NULL, ASN1_UTF8STRING_new, (void), ())
FAILING(ASN1_TIME *, NULL, ASN1_TIME_set, (ASN1_TIME * out, time_t at), (out, at))
FAILING(GENERAL_NAMES *, NULL, GENERAL_NAMES_new, (void), ())
FAILING(GENERAL_NAME *, NULL, GENERAL_NAME_new, (void), ())
FAILING(DIST_POINT *, NULL, DIST_POINT_new, (void), ())
FAILING(DIST_POINT_NAME *, NULL, DIST_POINT_NAME_new, (void), ())
FAILING(EVP_MD_CTX *, NULL, EVP_MD_CTX_new, (void), ())
FAILING(X509_EXTENSION *, NULL, X509V3_EXT_nconf_nid, (CONF * conf, X509V3_CTX *context, int nid, const char *value),
        (conf, context, nid, value))
FAILING(X509 *, NULL, PEM_read_bio_X509, (BIO * in, X509 **out, pem_password_cb *cb, void *u), (in, out, cb, u))
FAILING(EVP_PKEY *, NULL, PEM_read_bio_PrivateKey, (BIO * in, EVP_PKEY **out, pem_password_cb *cb, void *u),
        (in, out, cb, u))

FAILING(int, 0, ASN1_INTEGER_set_uint64, (ASN1_INTEGER * out, uint64_t value), (out, value))
FAILING(int, 0, ASN1_STRING_set, (ASN1_STRING * out, const void *data, int length), (out, data, length))
FAILING(int, 0, GENERAL_NAME_set0_othername, (GENERAL_NAME * out, ASN1_OBJECT *oid, ASN1_TYPE *value),
        (out, oid, value))
FAILING(int, 0, OPENSSL_sk_push, (OPENSSL_STACK * stack, const void *item), (stack, item))
FAILING(int, 0, X509_NAME_add_entry_by_txt,
        (X509_NAME * name, const char *field, int type, const unsigned char *data, int length, int at, int set),
        (name, field, type, data, length, at, set))
FAILING(int, 0, X509_set_version, (X509 * x, long version), (x, version))
FAILING(int, 0, X509_set_subject_name, (X509 * x, const X509_NAME *name), (x, name))
FAILING(int, 0, X509_set_issuer_name, (X509 * x, const X509_NAME *name), (x, name))
FAILING(int, 0, X509_set_pubkey, (X509 * x, EVP_PKEY *key), (x, key))
FAILING(int, 0, X509_sign, (X509 * x, EVP_PKEY *key, const EVP_MD *md), (x, key, md))
FAILING(int, 0, X509_add1_ext_i2d, (X509 * x, int nid, void *value, int critical, unsigned long flags),
        (x, nid, value, critical, flags))
FAILING(int, 0, X509V3_EXT_add_nconf, (CONF * conf, X509V3_CTX *context, const char *section, X509 *x),
        (conf, context, section, x))
FAILING(int, 0, X509_CRL_set_version, (X509_CRL * crl, long version), (crl, version))
FAILING(int, 0, X509_CRL_set_issuer_name, (X509_CRL * crl, const X509_NAME *name), (crl, name))
FAILING(int, 0, X509_CRL_set1_lastUpdate, (X509_CRL * crl, const ASN1_TIME *at), (crl, at))
FAILING(int, 0, X509_CRL_set1_nextUpdate, (X509_CRL * crl, const ASN1_TIME *at), (crl, at))
FAILING(int, 0, X509_CRL_add_ext, (X509_CRL * crl, X509_EXTENSION *extension, int at), (crl, extension, at))
FAILING(int, 0, X509_CRL_add1_ext_i2d, (X509_CRL * crl, int nid, void *value, int critical, unsigned long flags),
        (crl, nid, value, critical, flags))
FAILING(int, 0, X509_CRL_add0_revoked, (X509_CRL * crl, X509_REVOKED *entry), (crl, entry))
FAILING(int, 0, X509_CRL_sort, (X509_CRL * crl), (crl))
FAILING(int, 0, X509_CRL_sign, (X509_CRL * crl, EVP_PKEY *key, const EVP_MD *md), (crl, key, md))
FAILING(int, 0, X509_REVOKED_set_serialNumber, (X509_REVOKED * entry, ASN1_INTEGER *serial), (entry, serial))
FAILING(int, 0, X509_REVOKED_set_revocationDate, (X509_REVOKED * entry, ASN1_TIME *at), (entry, at))
FAILING(int, 0, PEM_write_bio_X509, (BIO * out, const X509 *x), (out, x))
FAILING(int, 0, PEM_write_bio_X509_CRL, (BIO * out, const X509_CRL *crl), (out, crl))
FAILING(int, 0, PEM_write_bio_PKCS8PrivateKey,
        (BIO * out, const EVP_PKEY *key, const EVP_CIPHER *cipher, const char *password, int length,
         pem_password_cb *cb, void *u),
        (out, key, cipher, password, length, cb, u))
FAILING(int, 0, i2d_X509_bio, (BIO * out, const X509 *x), (out, x))
FAILING(int, 0, EVP_Digest,
        (const void *data, size_t length, unsigned char *out, unsigned int *size, const EVP_MD *md, ENGINE *engine),
        (data, length, out, size, md, engine))
FAILING(int, 0, EVP_DigestSignInit,
        (EVP_MD_CTX * context, EVP_PKEY_CTX **key_context, const EVP_MD *md, ENGINE *engine, EVP_PKEY *key),
        (context, key_context, md, engine, key))
FAILING(int, 0, EVP_DigestSign,
        (EVP_MD_CTX * context, unsigned char *out, size_t *size, const unsigned char *data, size_t length),
        (context, out, size, data, length))
FAILING(int, 0, EVP_PKEY_get_bn_param, (const EVP_PKEY *key, const char *name, BIGNUM **out), (key, name, out))
