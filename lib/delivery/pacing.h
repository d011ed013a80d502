/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* When queued records are sent again. Arithmetic only: time and chance are arguments, so that tests and the simulator
 * run the same code as the programs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PACING_FIRST_MS 5000      /* between two tries: doubled after each failure in a row, */
#define PACING_LAST_MS 600000     /* up to this */
#define PACING_SPREAD_MIN_MS 2000 /* minimum of the random delay after the time that a service gave */
#define PACING_TOLD_MAX_S 3600    /* a longer Retry-After is shortened to this */

/* When a service asked to retry. */
typedef struct pacing_wait {
    int64_t s;        /* seconds from now, 1 to PACING_TOLD_MAX_S; 0: not given, or there is no need to wait */
    int64_t spread_s; /* up to how much later than that at random, seconds; 0: a tenth of s, and more each time */
} pacing_wait;

/* The state of a sender towards one service. {0}: it has not tried yet, and may at once. */
typedef struct pacing {
    int64_t due_ms; /* when to try again, by the caller's clock */
    int failures;   /* in a row, without a time to retry */
    int refusals;   /* in a row, with a time to retry: the random delay doubles with each */
    bool told;      /* the service gave the time */
} pacing;

/* Retry-After (RFC 9110 10.2.3) of an answer with this status, in seconds: only 429 and 503 tell a sender to wait. */
pacing_wait pacing_retry_after(int status, int64_t seconds);

/* The slot of an institution, all three in seconds by the same clock, the service's: a sender comes within its first
 * half, so that it does not miss the slot. {0}: it has begun, or lies too far in the future to be believed. */
pacing_wait pacing_slot(int64_t not_before, int64_t not_after, int64_t now);

/* How long to leave the service alone after a try, in milliseconds; p->failures and p->told follow. done: everything
 * was sent, so the pause is the shortest. chance: uniform over its type; its random part keeps senders that got the
 * same time from coming at the same moment. */
int64_t pacing_pause(pacing *p, pacing_wait told, bool done, uint16_t chance);

/* The same, and p->due_ms with it. Returns the pause. */
int64_t pacing_after(pacing *p, pacing_wait told, bool done, int64_t now_ms, uint16_t chance);
/* More urgent work came in between: try again after a short pause, without counting a failure. */
void pacing_again(pacing *p, int64_t now_ms);
/* The service has just answered another call of this terminal. A sender that waits only because the service had been
 * silent tries at once, on the open connection, without a handshake; a time that the service gave is kept. Only one
 * sender in four does so, by chance; the others keep their own time, so that the service is not overloaded. */
void pacing_is_back(pacing *p, int64_t now_ms, uint16_t chance);
bool pacing_is_due(const pacing *p, int64_t now_ms);
/* The service is back: each sender tries at a random time within spread_s, and earlier failures no longer count. */
void pacing_back(pacing *p, int64_t spread_s, int64_t now_ms, uint16_t chance);
