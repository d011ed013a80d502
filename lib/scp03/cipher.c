#include "scp03/cipher.h"

#include "base/buffer.h"
#include "base/secret.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#define LABEL_ZEROS 11
#define INPUT_MOST 64

static const char *cipher_name(size_t key_length) {
    return key_length == 16   ? "AES-128-CBC"
           : key_length == 24 ? "AES-192-CBC"
           : key_length == 32 ? "AES-256-CBC"
                              : NULL;
}

result cipher_cmac(bytes key, bytes message, uint8_t mac[CIPHER_BLOCK]) {
    size_t length = 0;
    const char *name = cipher_name(key.length);
    bool done = name != NULL && EVP_Q_mac(NULL, "CMAC", NULL, name, NULL, key.data, key.length, message.data,
                                          message.length, mac, CIPHER_BLOCK, &length) != NULL;
    ERR_clear_error();
    return done && length == CIPHER_BLOCK ? RESULT_OK : RESULT_INTERNAL;
}

result cipher_cbc(bool encrypt, bytes key, const uint8_t icv[CIPHER_BLOCK], bytes data, uint8_t *out) {
    int written = 0;
    const char *name = cipher_name(key.length);
    if (name == NULL || data.length % CIPHER_BLOCK != 0 || data.length > INT32_MAX)
        return RESULT_INVALID;
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool done = cipher != NULL && context != NULL &&
                EVP_CipherInit_ex2(context, cipher, key.data, icv, encrypt, NULL) == 1 &&
                EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
                EVP_CipherUpdate(context, out, &written, data.data, (int)data.length) == 1;
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
    ERR_clear_error();
    return done && (size_t)written == data.length ? RESULT_OK : RESULT_INTERNAL;
}

/* Label 11 x 00 and the constant, 00, length in bits, counter, context: the counter comes after the length, unlike in
 * common libraries' KBKDF. */
result cipher_derive(bytes key, uint8_t constant, uint16_t bits, bytes context, uint8_t *out) {
    result code = RESULT_OK;
    size_t length = bits / 8U;
    for (size_t done = 0; done < length && code == RESULT_OK; done += CIPHER_BLOCK) {
        uint8_t block[CIPHER_BLOCK];
        buffer input = BUFFER_INIT(INPUT_MOST);
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
