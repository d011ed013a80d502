/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sealing of records: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce.
 * Sealed form: nonce (12) || ciphertext || tag (16). */
#pragma once

#include "base/buffer.h"

#define CRYPT_SEAL_KEY_LENGTH 32
#define CRYPT_SEAL_OVERHEAD 28

/* associated: bound to the record without being stored in it (for example its id and kind). Appends. */
result crypt_seal(const uint8_t key[CRYPT_SEAL_KEY_LENGTH], bytes associated, bytes plain, buffer *sealed);

/* RESULT_BAD_SIGNATURE when key, associated data or the record differ from the sealing. Appends. */
result crypt_open(const uint8_t key[CRYPT_SEAL_KEY_LENGTH], bytes associated, bytes sealed, buffer *plain);
