/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How long persons stay in a store. After that a reception keeps its evidence, its state and its grade, a visit its
 * receipt; what names the person or their insurance is overwritten: the person, the platform's answer with its
 * signature, the coverage that was assumed, the visit record as it was sent. A record that waits for an answer is left
 * until it has one, and so is the reception of a visit that waits to be sent. */
#pragma once

#include "delivery/store_access.h"

typedef struct retention_run {
    long long receptions, visits; /* whose persons were removed */
    bool more;                    /* not all was looked at: call again */
} retention_run;

/* Of records made before this time (seconds since 1970). It must come from the platform's signed time: a clock of this
 * machine that was set ahead would remove everything. Looks at some hundreds of records at most. Durable when it
 * returns RESULT_OK, and then the removed data is gone from the store's files. RESULT_UNAVAILABLE: it is removed,
 * and still in the write-ahead log; repeat later. */
result retention_purge(store_access *s, int64_t before, retention_run *out);
