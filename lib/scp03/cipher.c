/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Uses nettle, which has no global state: no library context, configuration, providers or error queue that the host's
 * process could have changed or freed before us. The terminal's end runs inside other programs until their exit:
 * C_Finalize logs out through the channel. */
#include "scp03/cipher.h"

#include "base/buffer.h"
#include "base/secret.h"

#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <nettle/cmac.h>
#include <nettle/nettle-meta.h>
#include <string.h>

#define LABEL_ZEROS 11
#define INPUT_MAX 64

typedef union aes_room {
    struct aes128_ctx key_128;
    struct aes192_ctx key_192;
    struct aes256_ctx key_256;
} aes_room;

static const struct nettle_cipher *aes_of(size_t key_length) {
    return key_length == AES128_KEY_SIZE   ? &nettle_aes128
           : key_length == AES192_KEY_SIZE ? &nettle_aes192
           : key_length == AES256_KEY_SIZE ? &nettle_aes256
                                           : NULL;
}

result cipher_cmac(bytes key, bytes message, uint8_t mac[CIPHER_BLOCK]) {
    const struct nettle_cipher *aes = aes_of(key.length);
    aes_room room;
    struct cmac128_key subkeys;
    struct cmac128_ctx context;
    if (aes == NULL)
        return RESULT_INVALID;
    aes->set_encrypt_key(&room, key.data);
    cmac128_set_key(&subkeys, &room, aes->encrypt);
    cmac128_init(&context);
    cmac128_update(&context, &room, aes->encrypt, message.length, message.data);
    cmac128_digest(&context, &subkeys, &room, aes->encrypt, CIPHER_BLOCK, mac);
    secret_wipe(&room, sizeof room);
    secret_wipe(&subkeys, sizeof subkeys);
    secret_wipe(&context, sizeof context);
    return RESULT_OK;
}

result cipher_cbc(bool encrypt, bytes key, const uint8_t icv[CIPHER_BLOCK], bytes data, uint8_t *out) {
    const struct nettle_cipher *aes = aes_of(key.length);
    aes_room room;
    uint8_t chain[CIPHER_BLOCK];
    if (aes == NULL || data.length % CIPHER_BLOCK != 0)
        return RESULT_INVALID;
    memcpy(chain, icv, sizeof chain);
    if (encrypt) {
        aes->set_encrypt_key(&room, key.data);
        cbc_encrypt(&room, aes->encrypt, CIPHER_BLOCK, chain, data.length, out, data.data);
    } else {
        aes->set_decrypt_key(&room, key.data);
        cbc_decrypt(&room, aes->decrypt, CIPHER_BLOCK, chain, data.length, out, data.data);
    }
    secret_wipe(&room, sizeof room);
    secret_wipe(chain, sizeof chain);
    return RESULT_OK;
}

/* Label 11 x 00 and the constant, 00, length in bits, counter, context: the counter comes after the length, unlike in
 * common libraries' KBKDF. */
result cipher_derive(bytes key, uint8_t constant, uint16_t bits, bytes context, uint8_t *out) {
    result code = RESULT_OK;
    size_t length = bits / 8U;
    for (size_t done = 0; done < length && code == RESULT_OK; done += CIPHER_BLOCK) {
        uint8_t block[CIPHER_BLOCK];
        buffer input = BUFFER_INIT(INPUT_MAX);
        buffer_extend(&input, LABEL_ZEROS);
        buffer_append_u8(&input, constant);
        buffer_append_u8(&input, 0);
        buffer_append_u16(&input, bits);
        buffer_append_u8(&input, (uint8_t)(done / CIPHER_BLOCK + 1));
        buffer_append(&input, context);
        code = input.failed == RESULT_OK ? cipher_cmac(key, buffer_bytes(&input), block) : input.failed;
        if (code == RESULT_OK)
            memcpy(out + done, block, length - done < CIPHER_BLOCK ? length - done : CIPHER_BLOCK);
        secret_wipe(block, sizeof block);
        buffer_wipe(&input);
    }
    return code;
}
