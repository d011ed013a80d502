/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the history service keeps: every submission with its state, every registered visit record with its receipt. Its
 * functions are at the level of the domain (see platform_store.h). No column can hold an insurance number: a
 * visit is keyed by the platform's link id. Codes besides those named: those of store/sql.h. */
#pragma once

#include "store/sql.h"
#include "store/terminal_register.h"

#include <stdbool.h>
#include <stdint.h>

#define HISTORY_WORD_SIZE 129
#define HISTORY_REASON_SIZE 400

/* A submission's way: received -> verified -> registered, or duplicate, or rejected. One that stays received or
 * verified was cut short by the end of the process; its sender has no receipt and sends again. */
typedef struct history_submission {
    char id[37];
    char visit_id[37]; /* "" when the body did not tell */
    char link_id[HISTORY_WORD_SIZE], institution_code[HISTORY_WORD_SIZE], terminal_id[HISTORY_WORD_SIZE];
    char operator_id[HISTORY_WORD_SIZE]; /* the doctor */
    char state[12], reason[HISTORY_REASON_SIZE];
    int64_t received_at, changed_at; /* seconds since 1970 */
} history_submission;

typedef struct history_visit {
    char visit_id[37], link_id[HISTORY_WORD_SIZE], evidence_id[37];
    char institution_code[HISTORY_WORD_SIZE], operator_id[HISTORY_WORD_SIZE];
    char content_hash[65]; /* SHA-256 of the request body, hexadecimal in capitals */
    int64_t registered_at;
} history_visit;

typedef struct history_counts {
    int64_t received, verified, registered, duplicate, rejected; /* submissions by state */
    int64_t visits;
} history_counts;

typedef struct history_store history_store;

/* url: as store/sql.h has it. */
result history_store_open(const char *url, history_store **out);
void history_store_close(history_store **store);
/* Borrowed from the store. */
terminal_register *history_store_terminals(history_store *store);
/* How many submissions of each institution that are not registered stay, the newest; 0, as after opening: all. */
void history_store_keep_submissions(history_store *store, int64_t max);

/* Before other threads use the store: sql_set_connections. */
void history_store_set_connections(history_store *store, sql_pool pool);
/* Whether the last reads and writes succeeded (sql_accepts); history_store_probe reads and writes, to find out whether
 * they do again. */
bool history_store_accepts(const history_store *store);
result history_store_probe(history_store *store);

/* Adds new submissions of one institution; in one round trip to the server, or a few, however many there are. */
result history_store_put_submissions(history_store *store, const history_submission *const list[], size_t count);
/* Sets all but id and received_at. */
result history_store_set_submissions(history_store *store, const history_submission *const list[], size_t count);
/* Removes submissions that are not registered and came before a time (seconds since 1970). Call it now and then. */
result history_store_sweep(history_store *store, int64_t before);

/* A visit to be kept, and the submission that brought it, with its state from then on; all borrowed. */
typedef struct history_entry {
    history_visit visit;
    bytes bundle, receipt, signature;
    const history_submission *submission;
} history_entry;
/* Keeps the visits, of different ids, and sets their submissions in one step. RESULT_EXISTS when one visit id is known:
 * nothing was kept. */
result history_store_put_visits(history_store *store, const history_entry list[], size_t count);

/* A lookup and its result. */
typedef struct history_found {
    const char *visit_id;
    bool found;
    history_visit visit;
    buffer receipt, signature; /* empty before; the caller's */
} history_found;
/* At most HISTORY_FOUND_MAX. */
#define HISTORY_FOUND_MAX 128
result history_store_find_visits(history_store *store, history_found list[], size_t count);
result history_store_count(history_store *store, history_counts *out);
/* Newest first, at most max; state "": all states. */
result history_store_list(history_store *store, const char *state, history_submission *out, size_t max, size_t *count);
