/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104). */
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#define CRYPT_SHA256_LENGTH 32

/* RESULT_INTERNAL: the library failed. */
result crypt_sha256(bytes data, uint8_t digest[CRYPT_SHA256_LENGTH]);
result crypt_hmac_sha256(bytes key, bytes data, uint8_t mac[CRYPT_SHA256_LENGTH]);
/* For keys and nonces (GNUTLS_RND_KEY). RESULT_INTERNAL. */
result crypt_random(uint8_t *out, size_t length);
