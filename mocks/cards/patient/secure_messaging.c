#include "secure_messaging.h"

#include "base/secret.h"
#include "iso7816/tlv.h"

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
    s->open = false;
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
    bool right = decrypt_oaep(transport_key, data, plain, &length) && length == SEED_OBJECT_LENGTH &&
                 memcmp(plain, head, sizeof head) == 0;
    if (right) {
        memcpy(s->command_key, plain + sizeof head, SECURE_KEY_LENGTH);
        memcpy(s->answer_key, plain + sizeof head + SECURE_KEY_LENGTH, SECURE_KEY_LENGTH);
        s->open = true;
    }
    secret_wipe(plain, sizeof plain);
    return right ? SW_OK : SW_WRONG_DATA;
}

/* The next counter under the key: an IV that nobody can foresee (NIST SP 800-38A appendix C). */
static bool next_iv(secure_messaging *s, const uint8_t key[SECURE_KEY_LENGTH], uint8_t iv[BLOCK]) {
    uint8_t counter[BLOCK] = {0};
    int length;
    s->counter++;
    for (int i = 0; i < 8; i++)
        counter[BLOCK - 1 - i] = (uint8_t)(s->counter >> 8 * i);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool done = context != NULL && EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), NULL, key, NULL) == 1 &&
                EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
                EVP_EncryptUpdate(context, iv, &length, counter, BLOCK) == 1;
    EVP_CIPHER_CTX_free(context);
    return done;
}

/* Whole blocks in, as many bytes out. */
static bool run_cbc(const uint8_t key[SECURE_KEY_LENGTH], const uint8_t iv[BLOCK], bool encrypt, bytes in,
                    uint8_t *out) {
    int length;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool done = context != NULL && EVP_CipherInit_ex(context, EVP_aes_128_cbc(), NULL, key, iv, encrypt) == 1 &&
                EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
                EVP_CipherUpdate(context, out, &length, in.data, (int)in.length) == 1;
    EVP_CIPHER_CTX_free(context);
    return done;
}

static status_word open_cryptogram(secure_messaging *s, bytes value, buffer *plain) {
    uint8_t iv[BLOCK];
    bytes cryptogram = bytes_slice(value, 1, value.length);
    if (value.length < 1 + BLOCK || cryptogram.length % BLOCK != 0 || value.data[0] != PADDED)
        return SW_SM_INCORRECT;
    uint8_t *out = buffer_extend(plain, cryptogram.length);
    if (out == NULL || !next_iv(s, s->command_key, iv) || !run_cbc(s->command_key, iv, false, cryptogram, out))
        return SW_UNKNOWN;
    size_t end = plain->length;
    while (end > 0 && plain->data[end - 1] == 0)
        end--;
    if (end == 0 || plain->data[end - 1] != 0x80 || plain->length - end >= BLOCK)
        return SW_SM_INCORRECT;
    buffer_truncate(plain, end - 1);
    return SW_OK;
}

/* 96: one or two bytes; 00 and 0000 mean 256 and 65,536. */
static bool take_le(bytes value, uint32_t *le) {
    if (value.length == 1)
        *le = value.data[0] == 0 ? 256 : value.data[0];
    else if (value.length == 2)
        *le = value.data[0] == 0 && value.data[1] == 0 ? 65536 : (uint32_t)value.data[0] << 8 | value.data[1];
    else
        return false;
    return true;
}

static status_word open_objects(secure_messaging *s, apdu_command *command, buffer *plain) {
    bytes rest = command->data;
    bool any = false;
    command->le = APDU_NO_LE;
    for (; rest.length > 0; any = true) {
        tlv object;
        status_word sw = SW_SM_INCORRECT;
        if (tlv_next(&rest, &object) != RESULT_OK)
            return SW_SM_INCORRECT;
        if (object.tag == TAG_CRYPTOGRAM && plain->length == 0)
            sw = open_cryptogram(s, object.value, plain);
        else if (object.tag == TAG_LE && take_le(object.value, &command->le))
            sw = SW_OK;
        if (sw != SW_OK)
            return sw;
    }
    return any ? SW_OK : SW_SM_MISSING;
}

status_word secure_messaging_open_command(secure_messaging *s, apdu_command *command, buffer *plain) {
    status_word sw = open_objects(s, command, plain);
    if (sw != SW_OK)
        secure_messaging_end(s);
    command->data = buffer_bytes(plain);
    return sw;
}

status_word secure_messaging_close_answer(secure_messaging *s, bytes plain, buffer *answer) {
    uint8_t iv[BLOCK];
    buffer padded = BUFFER_INIT(plain.length + BLOCK);
    if (plain.length == 0)
        return SW_OK;
    bool done = buffer_append(&padded, plain) == RESULT_OK && buffer_append_u8(&padded, 0x80) == RESULT_OK;
    while (done && padded.length % BLOCK != 0)
        done = buffer_append_u8(&padded, 0) == RESULT_OK;
    done = done && tlv_append_header(answer, TAG_CRYPTOGRAM, 1 + padded.length) == RESULT_OK &&
           buffer_append_u8(answer, PADDED) == RESULT_OK;
    uint8_t *out = done ? buffer_extend(answer, padded.length) : NULL;
    done = out != NULL && next_iv(s, s->answer_key, iv) &&
           run_cbc(s->answer_key, iv, true, buffer_bytes(&padded), out);
    buffer_wipe(&padded);
    return done ? SW_OK : SW_UNKNOWN;
}
