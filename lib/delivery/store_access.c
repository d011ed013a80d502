/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/store_access.h"

#include "crypt/digest.h"

result store_derive_keys(store_access *store, const uint8_t key[CRYPT_SEAL_KEY_LENGTH]) {
    const bytes data_key = bytes_of(key, CRYPT_SEAL_KEY_LENGTH);
    result code = crypt_hmac_sha256(data_key, bytes_of("records", 7), store->record_key);
    if (code == RESULT_OK)
        code = crypt_hmac_sha256(data_key, bytes_of("index", 5), store->index_key);
    return code == RESULT_OK ? crypt_hmac_sha256(data_key, bytes_of("ledger", 6), store->ledger_key) : code;
}
