/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/data_key.h"

#include "core/local_store_file.h"
#include "se/machine_secret.h"

#include "base/cleanup.h"
#include "crypt/certificate.h"
#include "crypt/digest.h"

#include <string.h>

#define KEY_STORE_WRAPPING "store-wrapping"
#define KEY_INSTITUTION "institution"
#define SETTING_DATA_KEY_SIGNATURE "data-key-signature" /* of the SE, over that */
#define STORE_LABEL "Uketsuke-STORE-1"                  /* no other message for the SE begins like this */
#define KEY_MAX 1024
#define CERTIFICATE_MAX 8192

/* --- the SE's half ------------------------------------------------------------------------------------------------ */

/* Everybody can wrap a key for the SE; its signature proves that it made this store's key. */
static result binding_message(bytes wrapped, buffer *message) {
    const result code = buffer_append(message, bytes_of(STORE_LABEL, strlen(STORE_LABEL)));
    return code == RESULT_OK ? buffer_append(message, wrapped) : code;
}

static result verify_binding(token *se, bytes wrapped, bytes signature) {
    CLEANED_BY(buffer_wipe) buffer der = BUFFER_INIT(CERTIFICATE_MAX);
    CLEANED_BY(buffer_wipe) buffer message = BUFFER_INIT(KEY_MAX + sizeof STORE_LABEL);
    CLEANED_BY(certificate_free) certificate *institution = NULL;
    result code;
    if ((code = token_certificate(se, KEY_INSTITUTION, &der)) != RESULT_OK ||
        (code = certificate_new(buffer_bytes(&der), &institution)) != RESULT_OK ||
        (code = binding_message(wrapped, &message)) != RESULT_OK)
        return code;
    return certificate_verify(institution, buffer_bytes(&message), signature);
}

static result wrap_data_key(token *se, const uint8_t key[CRYPT_SEAL_KEY_LENGTH], buffer *wrapped) {
    static const uint8_t exponent[] = {0x01, 0x00, 0x01};
    buffer modulus = BUFFER_INIT(CRYPT_MODULUS_MAX);
    result code = token_modulus(se, KEY_STORE_WRAPPING, &modulus);
    if (code == RESULT_OK)
        code = crypt_rsa_encrypt(buffer_bytes(&modulus), BYTES(exponent), bytes_of(key, CRYPT_SEAL_KEY_LENGTH),
                                 wrapped);
    buffer_wipe(&modulus);
    return code;
}

static result keep_data_key(store_access *store, bytes wrapped, bytes signature, bytes secret_name) {
    const terminal_change change = {
        .settings = {{.name = SETTING_DATA_KEY, .value = wrapped},
                     {.name = SETTING_DATA_KEY_SIGNATURE, .value = signature},
                     {.name = secret_name.length > 0 ? SETTING_DATA_KEY_SECRET : NULL, .value = secret_name}}};
    return terminal_store_change(store->file, &change);
}

result data_key_make(token *se, store_access *store, uint8_t key[CRYPT_SEAL_KEY_LENGTH]) {
    CLEANED_BY(buffer_wipe) buffer wrapped = BUFFER_INIT(KEY_MAX);
    CLEANED_BY(buffer_wipe) buffer message = BUFFER_INIT(KEY_MAX + sizeof STORE_LABEL);
    CLEANED_BY(buffer_wipe) buffer signature = BUFFER_INIT(KEY_MAX);
    CLEANED_BY(buffer_wipe) buffer secret_name = BUFFER_INIT(CRYPT_SHA256_LENGTH);
    result code;
    if ((code = crypt_random(key, CRYPT_SEAL_KEY_LENGTH)) != RESULT_OK ||
        (code = wrap_data_key(se, key, &wrapped)) != RESULT_OK ||
        (code = binding_message(buffer_bytes(&wrapped), &message)) != RESULT_OK ||
        (code = token_sign(se, KEY_INSTITUTION, buffer_bytes(&message), &signature)) != RESULT_OK ||
        (code = verify_binding(se, buffer_bytes(&wrapped), buffer_bytes(&signature))) != RESULT_OK ||
        (code = machine_secret_begin(store, key, &secret_name)) != RESULT_OK)
        return code;
    return keep_data_key(store, buffer_bytes(&wrapped), buffer_bytes(&signature), buffer_bytes(&secret_name));
}

result data_key_unwrap(token *se, store_access *store, uint8_t key[CRYPT_SEAL_KEY_LENGTH]) {
    CLEANED_BY(buffer_wipe) buffer wrapped = BUFFER_INIT(KEY_MAX);
    CLEANED_BY(buffer_wipe) buffer signature = BUFFER_INIT(KEY_MAX);
    CLEANED_BY(buffer_wipe) buffer plain = BUFFER_SECRET(KEY_MAX);
    result code = terminal_store_setting(store->file, SETTING_DATA_KEY, NULL, &wrapped);
    if (code != RESULT_OK)
        return code;
    code = terminal_store_setting(store->file, SETTING_DATA_KEY_SIGNATURE, NULL, &signature);
    if (code != RESULT_OK)
        return code == RESULT_NOT_FOUND ? RESULT_BAD_SIGNATURE : code;
    if ((code = verify_binding(se, buffer_bytes(&wrapped), buffer_bytes(&signature))) != RESULT_OK ||
        (code = token_decrypt(se, KEY_STORE_WRAPPING, buffer_bytes(&wrapped), &plain)) != RESULT_OK)
        return code;
    if (plain.length != CRYPT_SEAL_KEY_LENGTH)
        return RESULT_BAD_SIGNATURE;
    memcpy(key, plain.data, CRYPT_SEAL_KEY_LENGTH);
    return machine_secret_add(store, key);
}

void data_key_forget(card_access *cards, store_access *store) {
    cards_close_se(cards);
    store_forget_keys(store);
}
