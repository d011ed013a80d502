/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "secure_messaging.h"

#include "base/secret.h"
#include "iso7816/tlv.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

#define BLOCK 16
#define TAG_CRYPTOGRAM 0x86 /* ISO/IEC 7816-4 table 47: padding indicator, cryptogram */
#define TAG_LE 0x96
#define PADDED 0x01 /* indicator: 80 00... */
#define TRANSPORT_LENGTH 256
#define SEED_OBJECT_LENGTH (4 + SECURE_SEED_LENGTH)

void secure_messaging_end(secure_messaging *s) {
    secret_wipe(s, sizeof *s);
    s->open = s->broken = false;
}

static status_word break_off(secure_messaging *s, status_word sw) {
    secure_messaging_end(s);
    s->broken = true;
    return sw;
}

/* RFC 8017 5.1.2: what is to be decrypted is a number below the modulus. */
static bool is_below_modulus(EVP_PKEY *key, bytes data) {
    BIGNUM *modulus = NULL, *number = BN_bin2bn(data.data, (int)data.length, NULL);
    bool below = number != NULL && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus) == 1 &&
                 BN_cmp(number, modulus) < 0;
    BN_free(number);
    BN_free(modulus);
    return below;
}

static bool decrypt_oaep(EVP_PKEY *key, bytes data, uint8_t plain[TRANSPORT_LENGTH], size_t *length) {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    *length = TRANSPORT_LENGTH;
    bool done = context != NULL && EVP_PKEY_decrypt_init(context) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1 &&
                EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1 &&
                EVP_PKEY_decrypt(context, plain, length, data.data, data.length) == 1;
    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    return done;
}

status_word secure_messaging_begin(secure_messaging *s, EVP_PKEY *transport_key, bytes data) {
    static const uint8_t head[] = {0xA0, 2 + SECURE_SEED_LENGTH, 0x80, SECURE_SEED_LENGTH};
    uint8_t plain[TRANSPORT_LENGTH];
    size_t length;
    secure_messaging_end(s);
    if (data.length != TRANSPORT_LENGTH)
        return SW_WRONG_LENGTH;
    if (!is_below_modulus(transport_key, data))
        return SW_UNKNOWN;
    bool right = decrypt_oaep(transport_key, data, plain, &length) && length == SEED_OBJECT_LENGTH &&
                 memcmp(plain, head, sizeof head) == 0;
    if (right) {
        memcpy(s->key, plain + sizeof head, SECURE_KEY_LENGTH);
        s->open = true;
    }
    secret_wipe(plain, sizeof plain);
    return right ? SW_OK : SW_WRONG_DATA;
}

/* The counter under the key: an unpredictable IV (NIST SP 800-38A appendix C). */
static bool make_iv(const secure_messaging *s, uint8_t iv[BLOCK]) {
    uint8_t counter[BLOCK] = {0};
    int length;
    for (int i = 0; i < 8; i++)
        counter[BLOCK - 1 - i] = (uint8_t)(s->counter >> 8 * i);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool done = context != NULL && EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), NULL, s->key, NULL) == 1 &&
                EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
                EVP_EncryptUpdate(context, iv, &length, counter, BLOCK) == 1;
    EVP_CIPHER_CTX_free(context);
    return done;
}

/* Whole blocks in, as many bytes out. */
static bool run_cbc(const secure_messaging *s, bool encrypt, bytes in, uint8_t *out) {
    uint8_t iv[BLOCK];
    int length;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool done = context != NULL && make_iv(s, iv) &&
                EVP_CipherInit_ex(context, EVP_aes_128_cbc(), NULL, s->key, iv, encrypt) == 1 &&
                EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
                EVP_CipherUpdate(context, out, &length, in.data, (int)in.length) == 1;
    EVP_CIPHER_CTX_free(context);
    return done;
}

static status_word open_cryptogram(const secure_messaging *s, bytes value, buffer *plain) {
    bytes cryptogram = bytes_slice(value, 1, value.length);
    if (value.length < 1 + BLOCK || cryptogram.length % BLOCK != 0 || value.data[0] != PADDED)
        return SW_SM_INCORRECT;
    uint8_t *out = buffer_extend(plain, cryptogram.length);
    if (out == NULL || !run_cbc(s, false, cryptogram, out))
        return SW_UNKNOWN;
    size_t end = plain->length;
    while (end > 0 && plain->data[end - 1] == 0)
        end--;
    if (end == 0 || plain->data[end - 1] != 0x80 || plain->length - end >= BLOCK)
        return SW_SM_INCORRECT;
    buffer_truncate(plain, end - 1);
    return SW_OK;
}

/* 96 03 00 hh ll, as an extended Le is written (ISO/IEC 7816-4 5.3.2). */
static status_word take_length(bytes value, uint32_t *le) {
    if (value.length != 3 || value.data[0] != 0)
        return SW_SM_INCORRECT;
    *le = (uint32_t)value.data[1] << 8 | value.data[2];
    if (*le == 0)
        *le = 65536;
    return SW_OK;
}

static status_word open_object(const secure_messaging *s, secured_object due, apdu_command *command, buffer *plain) {
    bytes rest = command->data;
    tlv object;
    command->le = APDU_NO_LE;
    if (rest.length == 0)
        return SW_SM_MISSING;
    if (tlv_next(&rest, &object) != RESULT_OK || rest.length > 0)
        return SW_SM_INCORRECT;
    if (object.tag == TAG_CRYPTOGRAM && due == SECURED_DATA)
        return open_cryptogram(s, object.value, plain);
    return object.tag == TAG_LE && due == SECURED_LENGTH ? take_length(object.value, &command->le) : SW_SM_INCORRECT;
}

status_word secure_messaging_open_command(secure_messaging *s, secured_object due, apdu_command *command,
                                          buffer *plain) {
    s->counter++;
    status_word sw = open_object(s, due, command, plain);
    command->data = buffer_bytes(plain);
    return sw == SW_OK ? SW_OK : break_off(s, sw);
}

status_word secure_messaging_refuse_checksum(secure_messaging *s) {
    return break_off(s, SW_SM_MISSING);
}

/* Lengths above 127 in two bytes, as in this card's files. */
static result append_header(buffer *answer, size_t length) {
    buffer_append_u8(answer, TAG_CRYPTOGRAM);
    if (length > 0x7F)
        buffer_append_u8(answer, 0x82);
    return length > 0x7F ? buffer_append_u16(answer, (uint16_t)length) : buffer_append_u8(answer, (uint8_t)length);
}

status_word secure_messaging_close_answer(secure_messaging *s, bytes plain, buffer *answer) {
    buffer padded = BUFFER_INIT(plain.length + BLOCK);
    if (plain.length == 0)
        return SW_OK;
    bool done = buffer_append(&padded, plain) == RESULT_OK && buffer_append_u8(&padded, 0x80) == RESULT_OK;
    while (done && padded.length % BLOCK != 0)
        done = buffer_append_u8(&padded, 0) == RESULT_OK;
    done = done && append_header(answer, 1 + padded.length) == RESULT_OK &&
           buffer_append_u8(answer, PADDED) == RESULT_OK;
    uint8_t *out = done ? buffer_extend(answer, padded.length) : NULL;
    done = out != NULL && run_cbc(s, true, buffer_bytes(&padded), out);
    buffer_wipe(&padded);
    return done ? SW_OK : SW_UNKNOWN;
}
