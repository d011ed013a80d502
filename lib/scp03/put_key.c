/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "scp03/scp03.h"

#include "scp03/cipher.h"

#include <string.h>

static const uint8_t zero[SCP03_BLOCK];

result scp03_encrypt_key(const scp03_keys *keys, bytes key, uint8_t out[SCP03_KEY_MAX], size_t *length) {
    uint8_t padded[SCP03_KEY_MAX] = {0};
    if (key.length == 0 || key.length > SCP03_KEY_MAX)
        return RESULT_INVALID;
    memcpy(padded, key.data, key.length);
    *length = (key.length + SCP03_BLOCK - 1) / SCP03_BLOCK * SCP03_BLOCK;
    return cipher_cbc(true, bytes_of(keys->dek, keys->length), zero, bytes_of(padded, *length), out);
}

result scp03_decrypt_key(const scp03_keys *keys, bytes cryptogram, uint8_t out[SCP03_KEY_MAX]) {
    if (cryptogram.length == 0 || cryptogram.length > SCP03_KEY_MAX)
        return RESULT_INVALID;
    return cipher_cbc(false, bytes_of(keys->dek, keys->length), zero, cryptogram, out);
}

result scp03_check_value(bytes key, uint8_t value[SCP03_CHECK_VALUE]) {
    uint8_t ones[SCP03_BLOCK], block[SCP03_BLOCK];
    memset(ones, 0x01, sizeof ones);
    result code = cipher_cbc(true, key, zero, BYTES(ones), block);
    if (code == RESULT_OK)
        memcpy(value, block, SCP03_CHECK_VALUE);
    return code;
}
