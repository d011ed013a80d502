/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "patient_keys.h"

#include "base/secret.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#define PADDED_MAX 245 /* 256 - 11: RFC 8017 7.2.1 */

typedef struct sign_form {
    bool hash_here;   /* the card computes SHA-256 */
    bool digest_info; /* or PSS: the padding knows the hash function */
    int padding;
} sign_form;

static const sign_form sign_forms[] = {
    {false, false, RSA_PKCS1_PADDING}, {true, false, RSA_PKCS1_PADDING},     {false, true, RSA_PKCS1_PADDING},
    {true, true, RSA_PKCS1_PADDING},   {false, true, RSA_PKCS1_PSS_PADDING}, {true, true, RSA_PKCS1_PSS_PADDING},
};

/* OpenSSL would ask at the terminal for the pass phrase of an encrypted key. */
static int no_passphrase(char *room, int size, int writing, void *context) {
    (void)room, (void)size, (void)writing, (void)context;
    return -1;
}

static EVP_PKEY *read_private_key(const char *path) {
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return NULL;
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, no_passphrase, NULL);
    fclose(file);
    return key;
}

static EVP_PKEY *key_of_certificate(bytes certificate) {
    const unsigned char *start = certificate.data;
    X509 *x509 = d2i_X509(NULL, &start, (long)certificate.length);
    EVP_PKEY *key = x509 == NULL ? NULL : X509_get_pubkey(x509);
    X509_free(x509);
    return key;
}

result key_load(card_key *key, const char *path, bytes certificate) {
    key->private_key = read_private_key(path);
    if (certificate.length > 0)
        key->public_key = key_of_certificate(certificate);
    else if (key->private_key != NULL && EVP_PKEY_up_ref(key->private_key) == 1)
        key->public_key = key->private_key;
    bool right = key->private_key != NULL && key->public_key != NULL && EVP_PKEY_is_a(key->private_key, "RSA") &&
                 EVP_PKEY_get_bits(key->private_key) == KEY_BITS && EVP_PKEY_eq(key->private_key, key->public_key) == 1;
    ERR_clear_error();
    if (!right)
        key_wipe(key);
    return right ? RESULT_OK : RESULT_INVALID;
}

void key_wipe(card_key *key) {
    EVP_PKEY_free(key->private_key);
    EVP_PKEY_free(key->public_key);
    *key = (card_key){0};
}

static bool choose_form(EVP_PKEY_CTX *context, const sign_form *form) {
    if (EVP_PKEY_CTX_set_rsa_padding(context, form->padding) != 1)
        return false;
    if (form->digest_info && EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) != 1)
        return false;
    return form->padding != RSA_PKCS1_PSS_PADDING ||
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static bool sign(EVP_PKEY *key, const sign_form *form, bytes input, uint8_t signature[KEY_LENGTH]) {
    size_t length = KEY_LENGTH;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    bool done = context != NULL && EVP_PKEY_sign_init(context) == 1 && choose_form(context, form) &&
                EVP_PKEY_sign(context, signature, &length, input.data, input.length) == 1 && length == KEY_LENGTH;
    EVP_PKEY_CTX_free(context);
    return done;
}

static bool verify(EVP_PKEY *key, const sign_form *form, bytes input, const uint8_t signature[KEY_LENGTH]) {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    bool right = context != NULL && EVP_PKEY_verify_init(context) == 1 && choose_form(context, form) &&
                 EVP_PKEY_verify(context, signature, KEY_LENGTH, input.data, input.length) == 1;
    EVP_PKEY_CTX_free(context);
    return right;
}

status_word key_sign(const card_key *key, uint8_t p1, bytes data, buffer *answer) {
    if (p1 >= sizeof sign_forms / sizeof *sign_forms)
        return SW_WRONG_P1P2;
    if (data.length == 0)
        return SW_WRONG_LENGTH;
    const sign_form *form = &sign_forms[p1];
    uint8_t digest[SHA256_DIGEST_LENGTH];
    bytes input = data;
    if (form->hash_here) {
        SHA256(data.data, data.length, digest);
        input = BYTES(digest);
    } else if (form->digest_info ? data.length != SHA256_DIGEST_LENGTH : data.length > PADDED_MAX) {
        return SW_CONDITIONS;
    }
    /* A fault in the computation would give the key away (Boneh, DeMillo, Lipton): check before it leaves. */
    uint8_t signature[KEY_LENGTH];
    bool right = sign(key->private_key, form, input, signature) && verify(key->public_key, form, input, signature);
    if (right)
        right = buffer_append(answer, BYTES(signature)) == RESULT_OK;
    secret_wipe(signature, sizeof signature);
    ERR_clear_error();
    return right ? SW_OK : SW_UNKNOWN;
}
