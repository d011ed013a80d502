/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the relay has taken on for its terminals: requests that a service did not take, and answers that the terminals
 * have not fetched yet (delivery/kept_request.h), in a store of its own, sealed with a key in a file beside it. One
 * process uses it. Thread-safe; each call is atomic. */
#pragma once

#include "delivery/kept_request.h"

typedef struct keep_store keep_store;

typedef struct keep_store_options {
    const char *folder;
    long requests_max; /* how many may wait in all; the last twentieth is for evidence only */
    long purge_s;      /* after its signed answer what was delivered is removed */
} keep_store_options;

/* Makes keep.sqlite and keep.key in the folder, or opens them, at once, however much is in them; a thread of its own then
 * compares each record with the ledger (keep_store_progress). The log says why not. RESULT_EXISTS: another process uses
 * them. RESULT_BAD_SIGNATURE: the store is not as it was left. */
result keep_store_open(const keep_store_options *options, keep_store **out);
void keep_store_close(keep_store **store);

/* Until the store is known to be as it was left, requests are taken in, and nothing of what was kept before is sent,
 * handed over or purged: keep_store_next, keep_store_next_answer, keep_store_find of an answer are RESULT_TIMEOUT. One
 * that is not as it was left is to be closed; the log has said why. It is compared before anything else when it is opened
 * again. */
typedef enum keep_store_progress { KEEP_STORE_COMPARING, KEEP_STORE_WHOLE, KEEP_STORE_ALTERED } keep_store_progress;
keep_store_progress keep_store_compared(const keep_store *store);

/* As in delivery/kept_request.h. */
result keep_store_find(keep_store *store, kept_request *r);
/* One with a status is there for its owner to fetch, and is never sent. Requests that come at once share one write to the disk; each returns when it is there, also when another thread has
 * brought the same at once: then r is that one. RESULT_TOO_LONG: too many wait. RESULT_UNAVAILABLE: the disk is full. */
result keep_store_add(keep_store *store, kept_request *r);
result keep_store_next(keep_store *store, kept_request *r);
result keep_store_answer(keep_store *store, kept_request *r);
result keep_store_next_answer(keep_store *store, kept_request *r);
result keep_store_delivered(keep_store *store, const char *owner, const char *id);

/* Removes what is due. Nothing after the clock was set while the process ran: it may not be due. */
void keep_store_purge(keep_store *store);

typedef struct keep_store_counts {
    int64_t queued, answered, delivered, refused, damaged, purged; /* now */
    int64_t oldest; /* when the oldest queued one was taken, seconds since 1970; 0: none */
} keep_store_counts;
/* Of one service. */
void keep_store_tell(keep_store *store, kept_service service, keep_store_counts *out);
/* Of one terminal, at most max. */
size_t keep_store_waiting_of(keep_store *store, const char *owner, const char *state, size_t max);
/* Whether there is an answer for it. */
bool keep_store_has_answer(keep_store *store, kept_service service, const char *owner);
