/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Kept visits of all terminals, sent to the history service in one call (fhir/visit_batch.h). Each visit gets an answer
 * of its own, as if it had been sent alone. */
#pragma once

#include "keep/keep_store.h"

#include "fhir/visit_batch.h"
#include "net/http_client.h"

typedef struct keep_batch {
    kept_request requests[VISIT_BATCH_MAX];
    char hashes[VISIT_BATCH_MAX][VISIT_HASH_SIZE];
    bool answered[VISIT_BATCH_MAX];
    size_t count;
    char last[UUID_TEXT_SIZE]; /* the newest that was gathered; "": begin with the oldest */
} keep_batch;

/* The queued visits after batch->last: at most max, and as many as one call can hold. RESULT_NOT_FOUND: there are
 * none. keep_batch_wipe in any case. */
result keep_batch_gather(keep_store *store, size_t max, keep_batch *batch);
/* Forgets the requests; last stays. */
void keep_batch_wipe(keep_batch *batch);
/* The call's body. Appends. */
result keep_batch_write(const keep_batch *batch, buffer *text);

/* The answer to one request, as the service would have given it alone. False: nothing more now. */
typedef bool keep_batch_taker(void *context, kept_request *r, const http_answer *answer);
/* Splits the service's answer: each request is found by the hash of its bytes, and gets at most one answer. Returns how
 * many got one; the others stay queued. */
size_t keep_batch_divide(keep_batch *batch, bytes text, keep_batch_taker *take, void *context);
