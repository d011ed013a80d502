/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How long persons stay in a store. After that a reception keeps its evidence, its state and its grade, a visit its
 * receipt; what names the person or their insurance is overwritten: the person, the platform's answer with its
 * signature, the coverage that was assumed, the visit record as it was sent. A record that waits for an answer is left
 * until it has one, and so is the reception of a visit that waits to be sent. */
#pragma once

#include "delivery/store_access.h"

#include "base/uuid.h"

#define RETENTION_KINDS 3 /* receptions, visits, receptions without a card */

/* One purge takes several calls, until more is false; the call after that begins again. Initialise with {0}. */
typedef struct retention_run {
    long long receptions, visits; /* how many the last call removed the persons of */
    bool more;                    /* not all was looked at: call again */
    struct retention_place {
        bool begun, left;          /* left: a record before this place is still pending */
        char last[UUID_TEXT_SIZE]; /* the last record looked at */
    } places[RETENTION_KINDS];
} retention_run;

/* Removes the persons of records made before this time (seconds since 1970). The time must come from the platform's
 * signed time: a clock of this machine that was set ahead would remove everything. Looks at some hundreds of records at
 * most, after those that the run's previous call has looked at. Durable when it returns RESULT_OK, and then the removed
 * data is gone from the store's files. RESULT_UNAVAILABLE: it is removed, and still in the write-ahead log; repeat
 * later. */
result retention_purge(store_access *s, int64_t before, retention_run *run);
