/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* An open store of sealed records: its place, its keys, and its ledger. */
#pragma once

#include "crypt/seal.h"
#include "store/terminal_store.h"

#include <stdbool.h>

typedef struct store_access {
    const char *folder;   /* where the file is; borrowed */
    const char *secret;   /* file of the machine's half of the key; borrowed; NULL or "": there is none */
    terminal_store *file; /* NULL: not open */
    bool unlocked;        /* the keys below are there */
    uint8_t record_key[CRYPT_SEAL_KEY_LENGTH], index_key[CRYPT_SEAL_KEY_LENGTH], ledger_key[CRYPT_SEAL_KEY_LENGTH];
    struct ledger *ledger;                /* what must be in the store (delivery/ledger.h); NULL without the keys */
    int64_t ledger_seen;                  /* the state of the store when it was last compared with the ledger */
    char operator_id[TERMINAL_WORD_SIZE]; /* the operator, for the audit log; "": none */
} store_access;

/* Derives one key for each purpose from the data key, into store. */
result store_derive_keys(store_access *store, const uint8_t key[CRYPT_SEAL_KEY_LENGTH]);
