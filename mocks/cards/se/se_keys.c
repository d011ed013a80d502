/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se_keys.h"

#include "base/file.h"
#include "base/secret.h"
#include "iso7816/tlv.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STORED_MAX 2048
#define PADDED_MAX (SE_KEY_LENGTH - 11) /* RFC 8017 8.2.1 */
#define PLACE_DECIPHERING 2
#define TAG_PRIVATE 0x7F48
#define TAG_PUBLIC 0x7F49
#define TAG_MODULUS 0x81
#define TAG_EXPONENT 0x82

enum { PART_P, PART_Q, PART_QINV, PART_DP, PART_DQ, PART_COUNT };

static const struct {
    uint8_t reference;
    int padding;
    const EVP_MD *(*digest)(void); /* NULL: none */
} algorithms[] = {
    {SE_ALGORITHM_PKCS1, RSA_PKCS1_PADDING, NULL},
    {SE_ALGORITHM_PSS_SHA256, RSA_PKCS1_PSS_PADDING, EVP_sha256},
    {SE_ALGORITHM_PSS_SHA384, RSA_PKCS1_PSS_PADDING, EVP_sha384},
    {SE_ALGORITHM_PSS_SHA512, RSA_PKCS1_PSS_PADDING, EVP_sha512},
};

se_key_use se_key_use_of(uint8_t place) {
    return place == PLACE_DECIPHERING ? SE_KEY_DECIPHERS : SE_KEY_SIGNS;
}

static char *key_path(const char *state_folder, unsigned place) {
    char name[16];
    snprintf(name, sizeof name, "key-%X", place & 0x0F);
    return file_join(state_folder, name);
}

static result load_one(se_keys *keys, unsigned place) {
    buffer der = BUFFER_INIT(STORED_MAX);
    char *path = key_path(keys->folder, place);
    result code = path == NULL ? RESULT_NO_MEMORY : file_read(path, &der);
    if (code == RESULT_OK) {
        const unsigned char *start = der.data;
        keys->all[place] = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &start, (long)der.length);
        if (keys->all[place] == NULL || EVP_PKEY_get_bits(keys->all[place]) != SE_KEY_BITS)
            code = RESULT_INVALID;
    }
    ERR_clear_error();
    buffer_wipe(&der);
    free(path);
    return code == RESULT_NOT_FOUND ? RESULT_OK : code;
}

result se_keys_load(se_keys *keys, const char *state_folder) {
    *keys = (se_keys){.folder = strdup(state_folder)};
    result code = keys->folder == NULL ? RESULT_NO_MEMORY : RESULT_OK;
    for (unsigned i = 0; i < SE_KEYS_MAX && code == RESULT_OK; i++)
        code = load_one(keys, i);
    return code;
}

void se_keys_free(se_keys *keys) {
    for (size_t i = 0; i < SE_KEYS_MAX; i++) {
        EVP_PKEY_free(keys->all[i]);
        keys->all[i] = NULL;
    }
    free(keys->folder);
    keys->folder = NULL;
}

result se_keys_erase_files(const char *state_folder) {
    result code = RESULT_OK;
    for (unsigned i = 0; i < SE_KEYS_MAX; i++) {
        char *path = key_path(state_folder, i);
        const result erased = path != NULL ? file_erase(path) : RESULT_NO_MEMORY;
        free(path);
        code = code == RESULT_OK ? erased : code;
    }
    return code;
}

result se_keys_erase(se_keys *keys) {
    for (size_t i = 0; i < SE_KEYS_MAX; i++) {
        EVP_PKEY_free(keys->all[i]);
        keys->all[i] = NULL;
    }
    return se_keys_erase_files(keys->folder);
}

status_word se_key_fingerprint(const se_keys *keys, uint8_t place, buffer *answer) {
    unsigned char *der = NULL;
    if (place >= SE_KEYS_MAX || keys->all[place] == NULL)
        return SW_REFERENCE_NOT_FOUND;
    const int length = i2d_PUBKEY(keys->all[place], &der);
    uint8_t *room = length > 0 ? buffer_extend(answer, 32) : NULL;
    const bool good = room != NULL && EVP_Digest(der, (size_t)length, room, NULL, EVP_sha256(), NULL) == 1;
    OPENSSL_free(der);
    return good ? SW_OK : SW_UNKNOWN;
}

/* On disk first, then in use. Takes the key. */
static status_word keep(se_keys *keys, uint8_t place, EVP_PKEY *key) {
    unsigned char *der = NULL;
    int length = i2d_PrivateKey(key, &der);
    char *path = key_path(keys->folder, place);
    bool kept = length > 0 && length <= STORED_MAX && path != NULL &&
                file_replace(path, bytes_of(der, (size_t)length), 0600) == RESULT_OK;
    if (length > 0)
        OPENSSL_clear_free(der, (size_t)length);
    free(path);
    if (!kept) {
        EVP_PKEY_free(key);
        return SW_MEMORY_FAILURE;
    }
    EVP_PKEY_free(keys->all[place]);
    keys->all[place] = key;
    return SW_OK;
}

static bool read_parts(bytes data, BIGNUM *parts[PART_COUNT]) {
    bytes set, value;
    tlv outer;
    if (tlv_next(&data, &outer) != RESULT_OK || outer.tag != TAG_PRIVATE || data.length > 0)
        return false;
    set = outer.value;
    for (uint32_t i = 0; i < PART_COUNT; i++) {
        if (tlv_find(set, 0x92 + i, &value) != RESULT_OK || value.length == 0 || value.length > SE_KEY_LENGTH / 2 + 1)
            return false;
        parts[i] = BN_secure_new();
        if (parts[i] == NULL || BN_bin2bn(value.data, (int)value.length, parts[i]) == NULL)
            return false;
        BN_set_flags(parts[i], BN_FLG_CONSTTIME);
    }
    return true;
}

/* e = dp^-1 mod p-1 and d = e^-1 mod (p-1)(q-1): the host sends neither. n, e, d: empty numbers. */
static bool complete(BIGNUM *parts[PART_COUNT], BIGNUM *n, BIGNUM *e, BIGNUM *d, BN_CTX *work) {
    BIGNUM *p1 = BN_CTX_get(work), *q1 = BN_CTX_get(work), *phi = BN_CTX_get(work);
    return phi != NULL && BN_sub(p1, parts[PART_P], BN_value_one()) && BN_sub(q1, parts[PART_Q], BN_value_one()) &&
           !BN_is_zero(p1) && !BN_is_zero(q1) && BN_mul(n, parts[PART_P], parts[PART_Q], work) &&
           BN_mul(phi, p1, q1, work) && BN_num_bits(n) == SE_KEY_BITS &&
           BN_mod_inverse(e, parts[PART_DP], p1, work) != NULL && BN_num_bits(e) <= 64 &&
           BN_mod_inverse(d, e, phi, work) != NULL;
}

static EVP_PKEY *build(BIGNUM *parts[PART_COUNT], const BIGNUM *n, const BIGNUM *e, const BIGNUM *d) {
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM_BLD *list = OSSL_PARAM_BLD_new();
    OSSL_PARAM *parameters = NULL;
    static const char *const names[PART_COUNT] = {OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
                                                  OSSL_PKEY_PARAM_RSA_COEFFICIENT1, OSSL_PKEY_PARAM_RSA_EXPONENT1,
                                                  OSSL_PKEY_PARAM_RSA_EXPONENT2};
    bool ready = list != NULL && OSSL_PARAM_BLD_push_BN(list, OSSL_PKEY_PARAM_RSA_N, n) &&
                 OSSL_PARAM_BLD_push_BN(list, OSSL_PKEY_PARAM_RSA_E, e) &&
                 OSSL_PARAM_BLD_push_BN(list, OSSL_PKEY_PARAM_RSA_D, d);
    for (size_t i = 0; ready && i < PART_COUNT; i++)
        ready = OSSL_PARAM_BLD_push_BN(list, names[i], parts[i]) == 1;
    if (ready)
        parameters = OSSL_PARAM_BLD_to_param(list);
    if (context == NULL || parameters == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters) != 1)
        key = NULL;
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(list);
    EVP_PKEY_CTX_free(context);
    return key;
}

/* Primes, exponents and coefficient belong together (SP 800-56B 6.4.1). */
static bool is_sound(EVP_PKEY *key) {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    bool sound = context != NULL && EVP_PKEY_check(context) == 1;
    EVP_PKEY_CTX_free(context);
    return sound;
}

status_word se_key_import(se_keys *keys, uint8_t place, bytes data) {
    BIGNUM *parts[PART_COUNT] = {NULL};
    BN_CTX *work = BN_CTX_secure_new();
    EVP_PKEY *key = NULL;
    if (work != NULL) {
        BN_CTX_start(work);
        BIGNUM *n = BN_CTX_get(work), *e = BN_CTX_get(work), *d = BN_CTX_get(work);
        if (d != NULL && read_parts(data, parts) && complete(parts, n, e, d, work))
            key = build(parts, n, e, d);
        BN_CTX_end(work);
    }
    for (size_t i = 0; i < PART_COUNT; i++)
        BN_clear_free(parts[i]);
    BN_CTX_free(work);
    if (key != NULL && !is_sound(key)) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    ERR_clear_error();
    return key == NULL ? SW_WRONG_DATA : keep(keys, place, key);
}

static result append_number(const EVP_PKEY *key, const char *name, uint32_t tag, buffer *out) {
    BIGNUM *number = NULL;
    uint8_t room[SE_KEY_LENGTH];
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1)
        return RESULT_INTERNAL;
    int length = BN_bn2bin(number, room);
    BN_free(number);
    return tlv_append(out, tag, bytes_of(room, (size_t)length));
}

status_word se_key_generate(se_keys *keys, uint8_t place, buffer *answer) {
    buffer set = BUFFER_INIT(SE_KEY_LENGTH + 32);
    EVP_PKEY *key = EVP_RSA_gen(SE_KEY_BITS);
    status_word sw = key == NULL ? SW_UNKNOWN : keep(keys, place, key);
    if (sw == SW_OK) {
        append_number(key, OSSL_PKEY_PARAM_RSA_N, TAG_MODULUS, &set);
        if (append_number(key, OSSL_PKEY_PARAM_RSA_E, TAG_EXPONENT, &set) != RESULT_OK ||
            tlv_append(answer, TAG_PUBLIC, buffer_bytes(&set)) != RESULT_OK)
            sw = SW_UNKNOWN;
    }
    ERR_clear_error();
    buffer_wipe(&set);
    return sw;
}

static bool prepare(EVP_PKEY_CTX *context, size_t algorithm) {
    if (EVP_PKEY_CTX_set_rsa_padding(context, algorithms[algorithm].padding) != 1)
        return false;
    if (algorithms[algorithm].digest == NULL)
        return true;
    return EVP_PKEY_CTX_set_signature_md(context, algorithms[algorithm].digest()) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static bool sign_and_verify(EVP_PKEY *key, size_t algorithm, bytes input, uint8_t signature[SE_KEY_LENGTH]) {
    size_t length = SE_KEY_LENGTH;
    EVP_PKEY_CTX *signing = EVP_PKEY_CTX_new(key, NULL), *verifying = EVP_PKEY_CTX_new(key, NULL);
    bool right = signing != NULL && EVP_PKEY_sign_init(signing) == 1 && prepare(signing, algorithm) &&
                 EVP_PKEY_sign(signing, signature, &length, input.data, input.length) == 1 && length == SE_KEY_LENGTH;
    right = right && verifying != NULL && EVP_PKEY_verify_init(verifying) == 1 && prepare(verifying, algorithm) &&
            EVP_PKEY_verify(verifying, signature, SE_KEY_LENGTH, input.data, input.length) == 1;
    EVP_PKEY_CTX_free(signing);
    EVP_PKEY_CTX_free(verifying);
    ERR_clear_error();
    return right;
}

status_word se_key_sign(const se_keys *keys, uint8_t place, uint8_t algorithm, bytes data, buffer *answer) {
    size_t row = 0;
    while (row < sizeof algorithms / sizeof *algorithms && algorithms[row].reference != algorithm)
        row++;
    if (row == sizeof algorithms / sizeof *algorithms)
        return SW_CONDITIONS;
    if (place >= SE_KEYS_MAX || keys->all[place] == NULL)
        return SW_REFERENCE_NOT_FOUND;
    bool hash = algorithms[row].digest != NULL;
    if (hash ? data.length != (size_t)EVP_MD_get_size(algorithms[row].digest())
             : data.length == 0 || data.length > PADDED_MAX)
        return SW_WRONG_LENGTH;
    uint8_t signature[SE_KEY_LENGTH];
    bool right = sign_and_verify(keys->all[place], row, data, signature) &&
                 buffer_append(answer, BYTES(signature)) == RESULT_OK;
    secret_wipe(signature, sizeof signature);
    return right ? SW_OK : SW_UNKNOWN;
}

status_word se_key_decipher(const se_keys *keys, uint8_t place, bytes cryptogram, buffer *answer) {
    uint8_t message[SE_KEY_LENGTH];
    size_t length = sizeof message;
    if (place >= SE_KEYS_MAX || keys->all[place] == NULL)
        return SW_REFERENCE_NOT_FOUND;
    if (cryptogram.length != SE_KEY_LENGTH)
        return SW_WRONG_LENGTH;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(keys->all[place], NULL);
    bool done = context != NULL && EVP_PKEY_decrypt_init(context) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
                EVP_PKEY_decrypt(context, message, &length, cryptogram.data, cryptogram.length) == 1 &&
                buffer_append(answer, bytes_of(message, length)) == RESULT_OK;
    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    secret_wipe(message, sizeof message);
    return done ? SW_OK : SW_WRONG_DATA;
}
