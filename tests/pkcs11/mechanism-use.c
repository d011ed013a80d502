/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "mechanism_cases.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RSA_LENGTH 256
#define TEXT "what is signed"

static const struct hash {
    const char *name;
    CK_MECHANISM_TYPE hash, v15, pss;
    CK_RSA_PKCS_MGF_TYPE mgf;
    CK_ULONG length;
} hashes[] = {
    {"SHA256", CKM_SHA256, CKM_SHA256_RSA_PKCS, CKM_SHA256_RSA_PKCS_PSS, CKG_MGF1_SHA256, 32},
    {"SHA384", CKM_SHA384, CKM_SHA384_RSA_PKCS, CKM_SHA384_RSA_PKCS_PSS, CKG_MGF1_SHA384, 48},
    {"SHA512", CKM_SHA512, CKM_SHA512_RSA_PKCS, CKM_SHA512_RSA_PKCS_PSS, CKG_MGF1_SHA512, 64},
};

#define HASHES (sizeof hashes / sizeof *hashes)

static CK_RV sign(CK_MECHANISM method, const void *data, CK_ULONG length, CK_BYTE signature[RSA_LENGTH]) {
    CK_ULONG room = RSA_LENGTH;
    CK_RV rv = t.m->C_SignInit(t.session, &method, t.signing);
    return rv == CKR_OK ? t.m->C_Sign(t.session, (CK_BYTE_PTR)data, length, signature, &room) : rv;
}

static EVP_PKEY *certified_key(void) {
    CK_BYTE der[8192];
    const unsigned char *at = der;
    CK_ATTRIBUTE value = {CKA_VALUE, der, sizeof der};
    if (t.m->C_GetAttributeValue(t.session, t.certificate, &value, 1) != CKR_OK)
        exit(2);
    X509 *certificate = d2i_X509(NULL, &at, (long)value.ulValueLen);
    EVP_PKEY *key = X509_get_pubkey(certificate);
    X509_free(certificate);
    return key;
}

static bool verifies(const struct hash *h, int padding, const CK_BYTE signature[RSA_LENGTH]) {
    EVP_PKEY *key = certified_key();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *about = NULL;
    const bool right = EVP_DigestVerifyInit(context, &about, EVP_get_digestbyname(h->name), NULL, key) == 1 &&
                       EVP_PKEY_CTX_set_rsa_padding(about, padding) == 1 &&
                       (padding != RSA_PKCS1_PSS_PADDING ||
                        EVP_PKEY_CTX_set_rsa_pss_saltlen(about, RSA_PSS_SALTLEN_DIGEST) == 1) &&
                       EVP_DigestVerify(context, signature, RSA_LENGTH, (const unsigned char *)TEXT, strlen(TEXT)) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return right;
}

static void digest(const struct hash *h, CK_BYTE value[64]) {
    CK_MECHANISM method = {h->hash, NULL, 0};
    CK_ULONG length = 64;
    is(t.m->C_DigestInit(t.session, &method), CKR_OK, h->name, "C_DigestInit");
    is(t.m->C_Digest(t.session, (CK_BYTE_PTR)TEXT, strlen(TEXT), value, &length), CKR_OK, h->name, "C_Digest");
    ok(length == h->length, h->name, "as long as it should be");
}

void sign_with_all(void) {
    CK_BYTE signature[RSA_LENGTH], value[64];
    for (size_t i = 0; i < HASHES; i++) {
        const struct hash *h = &hashes[i];
        CK_RSA_PKCS_PSS_PARAMS pss = {h->hash, h->mgf, h->length};
        digest(h, value);
        is(sign((CK_MECHANISM){h->v15, NULL, 0}, TEXT, strlen(TEXT), signature), CKR_OK, h->name, "PKCS #1 v1.5");
        ok(verifies(h, RSA_PKCS1_PADDING, signature), h->name, "openssl verifies it");
        if (!t.se)
            continue;
        is(sign((CK_MECHANISM){h->pss, &pss, sizeof pss}, TEXT, strlen(TEXT), signature), CKR_OK, h->name, "PSS");
        ok(verifies(h, RSA_PKCS1_PSS_PADDING, signature), h->name, "openssl verifies it");
        is(sign((CK_MECHANISM){CKM_RSA_PKCS_PSS, &pss, sizeof pss}, value, h->length, signature), CKR_OK, h->name,
           "PSS over a hash value");
        ok(verifies(h, RSA_PKCS1_PSS_PADDING, signature), h->name, "openssl verifies it");
    }
}

static void refuse_pss(const char *what, CK_MECHANISM_TYPE type, CK_RSA_PKCS_PSS_PARAMS pss, CK_ULONG length) {
    CK_MECHANISM method = {type, &pss, length};
    is(t.m->C_SignInit(t.session, &method, t.signing), CKR_MECHANISM_PARAM_INVALID, "PSS, C_SignInit", what);
    is(t.m->C_VerifyInit(t.session, &method, t.verifying), CKR_MECHANISM_PARAM_INVALID, "PSS, C_VerifyInit", what);
}

void refuse_parameters(void) {
    CK_BYTE eight[8] = {0}, large[256] = {0};
    const CK_RSA_PKCS_PSS_PARAMS right = {CKM_SHA256, CKG_MGF1_SHA256, 32};
    const CK_MECHANISM_TYPE plain[] = {CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS};
    const long before = apdus();
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        CK_MECHANISM method = {plain[i], eight, sizeof eight}, overlong = {plain[i], large, sizeof large};
        is(t.m->C_SignInit(t.session, &method, t.signing), CKR_MECHANISM_PARAM_INVALID, "PKCS #1 v1.5, C_SignInit",
           "with a parameter");
        is(t.m->C_VerifyInit(t.session, &overlong, t.verifying), CKR_MECHANISM_PARAM_INVALID,
           "PKCS #1 v1.5, C_VerifyInit", "with a long one");
    }
    if (t.se) {
        refuse_pss("another hash for the mask", CKM_RSA_PKCS_PSS,
                   (CK_RSA_PKCS_PSS_PARAMS){CKM_SHA256, CKG_MGF1_SHA384, 32}, sizeof right);
        refuse_pss("SHA-1", CKM_RSA_PKCS_PSS, (CK_RSA_PKCS_PSS_PARAMS){CKM_SHA_1, CKG_MGF1_SHA1, 20}, sizeof right);
        refuse_pss("SHA-224", CKM_RSA_PKCS_PSS, (CK_RSA_PKCS_PSS_PARAMS){CKM_SHA224, CKG_MGF1_SHA224, 28},
                   sizeof right);
        refuse_pss("no salt", CKM_RSA_PKCS_PSS, (CK_RSA_PKCS_PSS_PARAMS){CKM_SHA256, CKG_MGF1_SHA256, 0}, sizeof right);
        refuse_pss("another hash than the mechanism's", CKM_SHA384_RSA_PKCS_PSS, right, sizeof right);
        refuse_pss("half a parameter", CKM_RSA_PKCS_PSS, right, sizeof right / 2);
        refuse_pss("none", CKM_RSA_PKCS_PSS, right, 0);
    }
    ok(apdus() == before, "parameters", "are refused without a command");
}

static void refuse_length(CK_MECHANISM method, CK_ULONG length, const char *name) {
    CK_BYTE signature[RSA_LENGTH], *data = calloc(1, length);
    char what[32];
    snprintf(what, sizeof what, "%lu bytes", length);
    is(sign(method, data, length, signature), CKR_DATA_LEN_RANGE, name, what);
    free(data);
}

static void refuse_decryption(CK_ULONG length) {
    CK_MECHANISM method = {CKM_RSA_PKCS, NULL, 0};
    CK_BYTE *data = calloc(1, length), clear[RSA_LENGTH];
    CK_ULONG room = sizeof clear;
    char what[32];
    snprintf(what, sizeof what, "%lu bytes", length);
    is(t.m->C_DecryptInit(t.session, &method, t.deciphering), CKR_OK, "C_DecryptInit", what);
    is(t.m->C_Decrypt(t.session, data, length, clear, &room), CKR_ENCRYPTED_DATA_LEN_RANGE, "C_Decrypt", what);
    free(data);
}

/* The same in parts, each of which would pass. */
static void refuse_parts(void) {
    static const CK_ULONG each[] = {100, 1000, 4096};
    CK_BYTE part[4096] = {0}, signature[RSA_LENGTH];
    CK_MECHANISM method = {CKM_RSA_PKCS, NULL, 0};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        CK_ULONG room = sizeof signature;
        char what[32];
        snprintf(what, sizeof what, "6 times %lu bytes", each[i]);
        CK_RV rv = t.m->C_SignInit(t.session, &method, t.signing);
        for (int n = 0; n < 6 && rv == CKR_OK; n++)
            rv = t.m->C_SignUpdate(t.session, part, each[i]);
        if (rv == CKR_OK)
            rv = t.m->C_SignFinal(t.session, signature, &room);
        is(rv, CKR_DATA_LEN_RANGE, "CKM_RSA_PKCS in parts", what);
    }
}

/* No PIN is so long, and none so long reaches the card. */
static void refuse_pins(void) {
    static const CK_ULONG lengths[] = {17, 255, 256, 4100, 70000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        CK_UTF8CHAR *pin = malloc(lengths[i]);
        char what[32];
        memset(pin, '1', lengths[i]);
        snprintf(what, sizeof what, "%lu bytes", lengths[i]);
        ok(t.m->C_SetPIN(t.session, pin, lengths[i], pin, lengths[i]) != CKR_OK, "C_SetPIN", what);
        ok(t.m->C_InitPIN(t.session, pin, lengths[i]) != CKR_OK, "C_InitPIN", what);
        ok(t.m->C_SeedRandom(t.session, pin, lengths[i]) != CKR_OK, "C_SeedRandom", what);
        free(pin);
    }
}

void refuse_lengths(void) {
    static const CK_ULONG raw[] = {246, 256, 4096, 4097, 5000, 70000}, hash[] = {0, 31, 33, 64, 5000};
    CK_RSA_PKCS_PSS_PARAMS pss = {CKM_SHA256, CKG_MGF1_SHA256, 32};
    CK_BYTE signature[RSA_LENGTH], max[RSA_LENGTH - 11] = {1};
    CK_MECHANISM method = {CKM_RSA_PKCS, NULL, 0};
    is(sign(method, max, sizeof max, signature), CKR_OK, "CKM_RSA_PKCS", "245 bytes");
    long before = apdus();
    for (size_t i = 0; i < sizeof raw / sizeof *raw; i++)
        refuse_length(method, raw[i], "CKM_RSA_PKCS");
    for (size_t i = 0; t.se && i < sizeof hash / sizeof *hash; i++)
        refuse_length((CK_MECHANISM){CKM_RSA_PKCS_PSS, &pss, sizeof pss}, hash[i], "CKM_RSA_PKCS_PSS");
    refuse_parts();
    ok(apdus() == before, "lengths of data", "are refused without a command");
    refuse_pins();
    for (CK_ULONG length = 255; t.se && length < 6000; length += length < 257 ? 2 : 4900)
        refuse_decryption(length);
    is(sign(method, max, sizeof max, signature), CKR_OK, "CKM_RSA_PKCS", "the login is still there");
}

static void refuse_pair(const char *what, CK_RV wanted, CK_ATTRIBUTE *list, CK_ULONG count) {
    CK_MECHANISM method = {CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0};
    CK_OBJECT_HANDLE public_key, private_key;
    is(t.m->C_GenerateKeyPair(t.session, &method, list, count, NULL, 0, &public_key, &private_key),
       t.se ? wanted : CKR_MECHANISM_INVALID, "C_GenerateKeyPair", what);
}

static void refuse_import(const char *what, CK_RV wanted, CK_KEY_TYPE type, CK_ULONG length) {
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_BBOOL yes = CK_TRUE;
    CK_BYTE *number = calloc(1, length);
    CK_OBJECT_HANDLE object;
    memset(number, 0xC1, length);
    CK_ATTRIBUTE list[] = {{CKA_CLASS, &class, sizeof class},     {CKA_KEY_TYPE, &type, sizeof type},
                           {CKA_TOKEN, &yes, sizeof yes},         {CKA_SIGN, &yes, sizeof yes},
                           {CKA_MODULUS, number, length},         {CKA_PUBLIC_EXPONENT, number, 3},
                           {CKA_PRIVATE_EXPONENT, number, length}};
    is(t.m->C_CreateObject(t.session, list, sizeof list / sizeof *list, &object), wanted, "C_CreateObject", what);
    free(number);
}

void refuse_keys(void) {
    CK_ULONG bits;
    CK_KEY_TYPE ec = CKK_EC;
    CK_BYTE three[] = {3};
    CK_ATTRIBUTE size[] = {{CKA_MODULUS_BITS, &bits, sizeof bits}, {CKA_PUBLIC_EXPONENT, three, 1}};
    CK_ATTRIBUTE other[] = {{CKA_MODULUS_BITS, &bits, sizeof bits}, {CKA_KEY_TYPE, &ec, sizeof ec}};
    for (bits = 1024; bits <= 4096; bits += bits < 3072 ? 2048 : 1024)
        refuse_pair("another size", CKR_KEY_SIZE_RANGE, size, 1);
    bits = 2048;
    refuse_pair("another exponent", CKR_ATTRIBUTE_VALUE_INVALID, size, 2);
    refuse_pair("a template for EC", CKR_TEMPLATE_INCONSISTENT, other, 2);
    refuse_pair("no size", CKR_TEMPLATE_INCOMPLETE, NULL, 0);
    refuse_import("RSA with 1,024 bits", CKR_KEY_SIZE_RANGE, CKK_RSA, 128);
    refuse_import("RSA with 3,072 bits", CKR_KEY_SIZE_RANGE, CKK_RSA, 384);
    refuse_import("RSA with 4,096 bits", CKR_KEY_SIZE_RANGE, CKK_RSA, 512);
    refuse_import("EC", CKR_ATTRIBUTE_VALUE_INVALID, CKK_EC, 32);
    refuse_import("Ed25519", CKR_ATTRIBUTE_VALUE_INVALID, 0x40, 32);
}
