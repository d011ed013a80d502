/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Decides which requests are served now and which must be repeated later, before any signature is verified or made.
 *
 * Each institution has its own rate for calls at the counter and for batches (429 beyond it). The service as a whole
 * has a number of calls it works on at once (503 beyond it); batches may use a part of it only, so that calls at the
 * counter, where a patient waits, always have capacity. Each institution has a share of both numbers, and gets more
 * only while half of the whole is free (net/http_share.h), so that one busy institution leaves capacity for the others.
 * Retry-After differs from caller to caller; for batches it points to the institution's own slot, which spreads
 * institutions over time without stored state, and grows with the refusals (service/retry_rule.h).
 *
 * A batch counts by its entries: a hospital's hundred do as much work as fifty clinics' two. A large batch may use
 * three quarters of the capacity at most, so that small ones get through when little is left. While patients wait at
 * the counter (service/counter_wait.h) batches get a quarter of their capacity. */
#pragma once

#include "net/http_server.h"
#include "service/service_configuration.h"

typedef enum admission_class {
    ADMISSION_NONE = 0, /* a route without a class: every request is refused */
    ADMISSION_FREE,     /* costs next to nothing */
    ADMISSION_LIVE,     /* a patient waits at the counter */
    ADMISSION_BATCH,    /* no patient waits */
} admission_class;

typedef struct admission admission;

/* [admission] live-per-second, live-burst, batch-per-second, batch-burst (per institution), busy-most, batches-most,
 * busy-share, batches-share (of an institution; a quarter), retry-spread-seconds, slot-seconds. */
result admission_open(const configuration *c, admission **out);
void admission_close(admission **a);

/* At a request's headers: takes from the institution's rate and checks for capacity. False: the reply is filled. */
bool admission_admit(admission *a, admission_class class, const char *institution_code, http_reply *reply);
/* Around the work itself. weight: of a batch, by its body (admission_weight); leave gets the same. False: the capacity is
 * used up meanwhile; the reply is filled. */
bool admission_enter(admission *a, admission_class class, const char *institution_code, size_t weight,
                     http_reply *reply);
void admission_leave(admission *a, admission_class class, const char *institution_code, size_t weight);
/* A call at the counter was answered after milliseconds. */
void admission_note_live(admission *a, int64_t milliseconds);
/* How much a batch counts: about its number of entries, 1 to ADMISSION_WEIGHT_MAX. */
#define ADMISSION_WEIGHT_MAX 100
size_t admission_weight(size_t body_length);

/* The institution's present or next slot, in seconds since 1970. */
void admission_slot(const admission *a, const char *institution_code, int64_t now, int64_t *not_before,
                    int64_t *not_after);
