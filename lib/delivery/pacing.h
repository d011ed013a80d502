/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* When what waits is sent again. Arithmetic only: the time and the chance come in as arguments, so that a test or a
 * simulator with a clock of its own uses the very code of the programs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PACING_FIRST_MS 5000      /* between two tries of a service: doubled after each failure in a row, */
#define PACING_LAST_MS 600000     /* up to this */
#define PACING_SPREAD_MIN_MS 2000 /* at least as much at random after the time that a service gave */
#define PACING_TOLD_MAX_S 3600    /* a service that wants us to stay away for longer is asked again all the same */

/* What a service said about coming again. */
typedef struct pacing_wait {
    int64_t s;        /* seconds from now, 1 to PACING_TOLD_MAX_S; 0: it said nothing, or there is no need to wait */
    int64_t spread_s; /* up to how much later than that at random, seconds; 0: a tenth of s, and more each time */
} pacing_wait;

/* Where a sender stands with one service. {0}: it has not tried yet, and may at once. */
typedef struct pacing {
    int64_t due_ms; /* when to try again, by the clock that was handed in */
    int failures;   /* in a row, without a word when to come */
    int refusals;   /* in a row, with a word: the random part after it doubles with each */
    bool told;      /* the service gave the time */
} pacing;

/* Retry-After (RFC 9110 10.2.3) of an answer with this status, in seconds: only 429 and 503 tell a sender to wait. */
pacing_wait pacing_retry_after(int status, int64_t seconds);

/* The slot of an institution, all three in seconds by the same clock, the service's: from its begin on, within its
 * first half, so that nobody who waits for it misses it. {0}: it has begun, or lies further ahead than is believed. */
pacing_wait pacing_slot(int64_t not_before, int64_t not_after, int64_t now);

/* How long to leave the service alone after a try, in milliseconds; p->failures and p->told follow. Everything that is
 * sent may be done (done) although more will come: then the shortest pause. chance: uniform over its type. Those who
 * heard the same time do not come at the same time: the pause has a random part. */
int64_t pacing_pause(pacing *p, pacing_wait told, bool done, uint16_t chance);

/* The same, and p->due_ms with it. Returns the pause. */
int64_t pacing_after(pacing *p, pacing_wait told, bool done, int64_t now_ms, uint16_t chance);
/* Something more urgent came in between: once more after a short while, and nothing is counted. */
void pacing_again(pacing *p, int64_t now_ms);
/* The service has just answered somebody here, a patient at the counter: whoever waits only because it had been silent
 * tries at once, on the connection that is open, and needs no handshake of its own. A time that it gave stays. A
 * quarter of them, by chance: the others come by their own time, so that there is room for all. */
void pacing_is_back(pacing *p, int64_t now_ms, uint16_t chance);
bool pacing_is_due(const pacing *p, int64_t now_ms);
/* The service is back: everybody who waited for it comes at a time of its own, within so many seconds; nothing of before
 * counts any more. */
void pacing_back(pacing *p, int64_t spread_s, int64_t now_ms, uint16_t chance);
