/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How long persons stay in a store. After that a reception keeps its evidence, its state and its grade, a visit its
 * receipt; what names the person or their insurance is overwritten: the person, the platform's answer with its signature,
 * the coverage that was assumed, the visit record as it was sent. What still waits for an answer is left until it has
 * one, and so is the reception of a visit that still waits to be sent. */
#pragma once

#include "delivery/store_access.h"

#include "base/uuid.h"

#define RETENTION_KINDS 3 /* receptions, visits, receptions without a card */

/* Several calls, one after the other, until nothing is more; the next call then begins anew. Begin with {0}. */
typedef struct retention_run {
    long long receptions, visits; /* whose persons the last call removed */
    bool more;                    /* not all was looked at: call again */
    struct retention_place {
        bool begun, left;          /* left: something before the place still waits */
        char last[UUID_TEXT_SIZE]; /* that was looked at */
    } places[RETENTION_KINDS];
} retention_run;

/* Of records made before this time (seconds since 1970). It must be one that somebody else vouches for: a clock that was
 * set ahead removes everything. Looks at some hundreds of records at most, behind those that the run's call before has
 * looked at. Durable when it returns RESULT_OK, and then nothing of what was removed is in the store's files.
 * RESULT_UNAVAILABLE: it is removed, and still in the write-ahead log; repeat later. */
result retention_purge(store_access *s, int64_t before, retention_run *run);
