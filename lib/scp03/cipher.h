/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* AES as SCP03 uses it: CMAC (SP 800-38B), CBC without padding, and the key derivation of SP 800-108 in counter mode.
 */
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#define CIPHER_BLOCK 16

/* key: 16, 24 or 32 bytes. RESULT_INVALID: another length. */
result cipher_cmac(bytes key, bytes message, uint8_t mac[CIPHER_BLOCK]);
/* data.length is a multiple of 16; out has the same length. */
result cipher_cbc(bool encrypt, bytes key, const uint8_t icv[CIPHER_BLOCK], bytes data, uint8_t *out);
/* Amendment D 4.1.5: bits is 64, 128, 192 or 256. */
result cipher_derive(bytes key, uint8_t constant, uint16_t bits, bytes context, uint8_t *out);
