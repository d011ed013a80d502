/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The data key of the local store: wrapped for the Secure Element, and signed by it. The keys of records, index and
 * ledger are derived from it. Where others use the same SE (a relay's), the machine has a secret of its own in a file
 * ([se] store-secret), and the data key needs both: neither a stolen disk with another terminal's way to the SE, nor
 * the SE without this disk, opens the store. */
#pragma once

#include "core/card_access.h"

#include "delivery/store_access.h"

#define SETTING_DATA_KEY "data-key" /* wrapped for the SE; in clear, as its signature */

/* Makes a data key, wraps it with the SE's public key, has the SE sign that, keeps both. The caller wipes key. */
result data_key_make(token *se, store_access *store, uint8_t key[CRYPT_SEAL_KEY_LENGTH]);
/* Unwraps the one that is kept. RESULT_NOT_FOUND: the store is new. RESULT_BAD_SIGNATURE: this SE has not signed it.
 * RESULT_DENIED: the machine's secret is missing, or another one. */
result data_key_unwrap(token *se, store_access *store, uint8_t key[CRYPT_SEAL_KEY_LENGTH]);
/* Forgets the keys of the store and closes the SE: nothing personal can be read any more. */
void data_key_forget(card_access *cards, store_access *store);
