/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The store, for the two files that write its ledgers: uses of keys (relay_store.c), outcomes (outcome_ledger.c). */
#pragma once

#include "ledger/relay_store.h"

#include "store/group_commit.h"
#include "store/sql.h"

struct relay_store {
    sql_database *db;
    pthread_mutex_t adding; /* over what is last: each row names the one before */
    group_commit uses, outcomes;
    relay_use last;
    relay_outcome last_outcome;
};

/* The newest outcome, so that the next one can name it. */
result relay_store_read_last_outcome(relay_store *store);
