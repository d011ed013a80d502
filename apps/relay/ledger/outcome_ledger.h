/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the services have answered to the hospital's terminals, as a record of the hospital: rows are only ever added, each
 * with a hash over itself and the one before. Nothing in them names a patient: receptions and visits stand there by their
 * ids. For many threads. */
#pragma once

#include "ledger/relay_store.h"

typedef struct relay_outcome {
    int64_t number, at;
    char terminal[RELAY_WORD_SIZE];
    char service[RELAY_WORD_SIZE]; /* pf, history */
    char subject[RELAY_WORD_SIZE]; /* id of the evidence, or of the visit; "": the request was refused as a whole */
    char outcome[RELAY_WORD_SIZE]; /* a word: docs/interfaces/relay.md */
    char way[RELAY_WORD_SIZE];     /* live, or kept */
    char answer[RELAY_WORD_SIZE];  /* SHA-256 of the service's bytes, hexadecimal in capitals */
    char chain[RELAY_WORD_SIZE];
} relay_outcome;

/* Durable when it returns RESULT_OK; then number, at and chain are filled in. What was the newest of its subject already
 * has no new row: its number stays 0. */
result relay_store_add_outcomes(relay_store *store, relay_outcome *all, size_t count);
typedef result relay_outcome_visit(void *context, const relay_outcome *outcome);
/* In order, until visit returns something else than RESULT_OK; visit must not use the store. */
result relay_store_each_outcome(relay_store *store, relay_outcome_visit *visit, void *context);
/* Recomputes the chain. RESULT_BAD_SIGNATURE: outcome *broken (its number) is not as it was written, or is missing. */
result relay_store_check_outcomes(relay_store *store, int64_t *broken);
