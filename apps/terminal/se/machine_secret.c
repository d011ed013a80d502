/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/machine_secret.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/secret.h"
#include "crypt/digest.h"
#include "crypt/secret_file.h"

#include <string.h>

static result read_secret(const char *path, buffer *secret) {
    const result code = file_read_secret(path, secret);
    return code == RESULT_OK && secret->length < MACHINE_SECRET_MIN ? RESULT_TRUNCATED : code;
}

static result mix(bytes secret, uint8_t key[CRYPT_SEAL_KEY_LENGTH]) {
    uint8_t mixed[CRYPT_SHA256_LENGTH];
    const result code = crypt_hmac_sha256(secret, bytes_of(key, CRYPT_SEAL_KEY_LENGTH), mixed);
    if (code == RESULT_OK)
        memcpy(key, mixed, CRYPT_SEAL_KEY_LENGTH);
    secret_wipe(mixed, sizeof mixed);
    return code;
}

/* Which secret the store was begun with, in clear: another one must not look like an altered store. */
static result name_secret(bytes secret, uint8_t name[CRYPT_SHA256_LENGTH]) {
    return crypt_hmac_sha256(secret, bytes_of("name", 4), name);
}

result machine_secret_begin(const store_access *store, uint8_t key[CRYPT_SEAL_KEY_LENGTH], buffer *name) {
    CLEANED_BY(buffer_wipe) buffer secret = BUFFER_SECRET(MACHINE_SECRET_MAX);
    uint8_t hash[CRYPT_SHA256_LENGTH];
    result code;
    if (store->secret == NULL || *store->secret == 0)
        return RESULT_OK;
    if ((code = secret_file_make(store->secret, MACHINE_SECRET_MIN)) != RESULT_OK ||
        (code = read_secret(store->secret, &secret)) != RESULT_OK ||
        (code = name_secret(buffer_bytes(&secret), hash)) != RESULT_OK ||
        (code = buffer_append(name, BYTES(hash))) != RESULT_OK)
        return code;
    return mix(buffer_bytes(&secret), key);
}

result machine_secret_add(const store_access *store, uint8_t key[CRYPT_SEAL_KEY_LENGTH]) {
    CLEANED_BY(buffer_wipe) buffer secret = BUFFER_SECRET(MACHINE_SECRET_MAX);
    CLEANED_BY(buffer_wipe) buffer name = BUFFER_INIT(CRYPT_SHA256_LENGTH);
    uint8_t hash[CRYPT_SHA256_LENGTH];
    result code = terminal_store_setting(store->file, SETTING_DATA_KEY_SECRET, NULL, &name);
    if (code != RESULT_OK)
        return code == RESULT_NOT_FOUND ? RESULT_OK : code;
    if (store->secret == NULL || *store->secret == 0 || read_secret(store->secret, &secret) != RESULT_OK)
        return RESULT_DENIED;
    if ((code = name_secret(buffer_bytes(&secret), hash)) != RESULT_OK)
        return code;
    return bytes_equal(buffer_bytes(&name), BYTES(hash)) ? mix(buffer_bytes(&secret), key) : RESULT_DENIED;
}
