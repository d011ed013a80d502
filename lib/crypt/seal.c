/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/seal.h"

#include "crypt/digest.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#define NONCE_LENGTH 12
#define TAG_LENGTH 16

static result cipher_of(const uint8_t key[CRYPT_SEAL_KEY_LENGTH], gnutls_aead_cipher_hd_t *cipher) {
    gnutls_datum_t raw = {(unsigned char *)(uintptr_t)key, CRYPT_SEAL_KEY_LENGTH};
    return gnutls_aead_cipher_init(cipher, GNUTLS_CIPHER_AES_256_GCM, &raw) == 0 ? RESULT_OK : RESULT_INTERNAL;
}

result crypt_seal(const uint8_t key[CRYPT_SEAL_KEY_LENGTH], bytes associated, bytes plain, buffer *sealed) {
    size_t before = sealed->length, length = plain.length + TAG_LENGTH;
    uint8_t *room = buffer_extend(sealed, NONCE_LENGTH + length);
    if (room == NULL)
        return sealed->failed;
    gnutls_aead_cipher_hd_t cipher;
    result code = crypt_random(room, NONCE_LENGTH);
    if (code == RESULT_OK)
        code = cipher_of(key, &cipher);
    if (code == RESULT_OK) {
        int done = gnutls_aead_cipher_encrypt(cipher, room, NONCE_LENGTH, associated.data, associated.length,
                                              TAG_LENGTH, plain.data, plain.length, room + NONCE_LENGTH, &length);
        gnutls_aead_cipher_deinit(cipher);
        code = done == 0 ? RESULT_OK : RESULT_INTERNAL;
    }
    if (code != RESULT_OK)
        buffer_truncate(sealed, before);
    return code;
}

result crypt_open(const uint8_t key[CRYPT_SEAL_KEY_LENGTH], bytes associated, bytes sealed, buffer *plain) {
    if (sealed.length < CRYPT_SEAL_OVERHEAD)
        return RESULT_TRUNCATED;
    size_t before = plain->length, length = sealed.length - CRYPT_SEAL_OVERHEAD;
    /* One byte more than needed, because an empty record also needs a pointer. */
    uint8_t *room = buffer_extend(plain, length + 1);
    if (room == NULL)
        return plain->failed;
    gnutls_aead_cipher_hd_t cipher;
    result code = cipher_of(key, &cipher);
    if (code == RESULT_OK) {
        int done = gnutls_aead_cipher_decrypt(cipher, sealed.data, NONCE_LENGTH, associated.data, associated.length,
                                              TAG_LENGTH, sealed.data + NONCE_LENGTH, sealed.length - NONCE_LENGTH,
                                              room, &length);
        gnutls_aead_cipher_deinit(cipher);
        code = done == 0 ? RESULT_OK : RESULT_BAD_SIGNATURE;
    }
    buffer_truncate(plain, code == RESULT_OK ? before + length : before);
    return code;
}
