/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The store, for the files that write its ledgers: uses of keys (use_ledger.c), outcomes (outcome_ledger.c). */
#pragma once

#include "ledger/relay_store.h"

#include "store/group_commit.h"
#include "store/sql.h"

#include <stdatomic.h>

struct relay_store {
    sql_database *db;
    pthread_mutex_t adding; /* guards the newest rows: each row names the one before */
    group_commit uses, outcomes;
    relay_use last;
    _Atomic int64_t use_count; /* the number of last, readable without waiting for a write */
    relay_outcome last_outcome;
};

/* The newest row of each, so that the next one can name it. */
result relay_store_read_last_use(relay_store *store);
result relay_store_read_last_outcome(relay_store *store);

/* Whether the query has a row; RESULT_NOT_FOUND: it has none. count, unless it is NULL: its first column. */
#define FIND_ONE(store, count, ...)                                                                                    \
    __extension__({                                                                                                    \
        sql_transaction t = sql_reading((store)->db);                                                                  \
        while (sql_run(&t)) {                                                                                          \
            sql_rows rows;                                                                                             \
            int64_t *first = (count);                                                                                  \
            t.outcome = sql_find(&t, &rows, __VA_ARGS__);                                                              \
            if (t.outcome == RESULT_OK && first != NULL)                                                               \
                *first = sql_integer(&rows, 0);                                                                        \
            t.outcome = sql_finish(&rows, t.outcome);                                                                  \
        }                                                                                                              \
        t.outcome;                                                                                                     \
    })
