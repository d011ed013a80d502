/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104). */
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#define CRYPT_SHA256_LENGTH 32

/* DER of DigestInfo for SHA-256 up to the digest (RFC 8017 9.2, note 1). */
#define CRYPT_DIGEST_INFO_PREFIX "\x30\x31\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
#define CRYPT_DIGEST_INFO_PREFIX_LENGTH 19

/* RESULT_INTERNAL: the library failed. */
result crypt_sha256(bytes data, uint8_t digest[CRYPT_SHA256_LENGTH]);
result crypt_hmac_sha256(bytes key, bytes data, uint8_t mac[CRYPT_SHA256_LENGTH]);
/* For keys and nonces (GNUTLS_RND_KEY). RESULT_INTERNAL. */
result crypt_random(uint8_t *out, size_t length);
