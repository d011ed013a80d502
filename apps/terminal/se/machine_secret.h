/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The machine's half of the local store's key: a secret in a file ([se] store-secret), mixed into the data key that the
 * SE unwraps. A store that was begun without one has none. */
#pragma once

#include "crypt/seal.h"
#include "delivery/store_access.h"

#define SETTING_DATA_KEY_SECRET "data-key-secret" /* names the machine's secret, if there is one */
#define MACHINE_SECRET_MIN 32                     /* bytes of the file; as many are made */
#define MACHINE_SECRET_MAX 4096

/* For a new store: makes the file, unless it is there, mixes it into key, and appends its name, which is kept in clear.
 * Without a configured secret nothing is done. RESULT_TRUNCATED, RESULT_TOO_LONG: the file is too short, too long. */
result machine_secret_begin(const store_access *store, uint8_t key[CRYPT_SEAL_KEY_LENGTH], buffer *name);
/* For an existing store: mixes the secret into key. RESULT_DENIED: the configured secret is not the one of this
 * store. */
result machine_secret_add(const store_access *store, uint8_t key[CRYPT_SEAL_KEY_LENGTH]);
