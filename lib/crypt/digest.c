/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/digest.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

result crypt_sha256(bytes data, uint8_t digest[CRYPT_SHA256_LENGTH]) {
    return gnutls_hash_fast(GNUTLS_DIG_SHA256, data.data, data.length, digest) == 0 ? RESULT_OK : RESULT_INTERNAL;
}

result crypt_hmac_sha256(bytes key, bytes data, uint8_t mac[CRYPT_SHA256_LENGTH]) {
    int code = gnutls_hmac_fast(GNUTLS_MAC_SHA256, key.data, key.length, data.data, data.length, mac);
    return code == 0 ? RESULT_OK : RESULT_INTERNAL;
}

result crypt_random(uint8_t *out, size_t length) {
    return gnutls_rnd(GNUTLS_RND_KEY, out, length) == 0 ? RESULT_OK : RESULT_INTERNAL;
}
