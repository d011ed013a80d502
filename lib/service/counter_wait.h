/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether patients wait at the counter: more than one call in a hundred was slow lately. Batches then get less
 * capacity. Arithmetic only, as service/retry_rule.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define COUNTER_WAIT_WINDOW_S 10 /* over which calls are counted */
/* a call that takes longer is slow; a reception makes two of them while the patient waits */
#define COUNTER_WAIT_SLOW_MS 500
#define COUNTER_WAIT_PART 100 /* one in so many may be slow */

/* {0}: no patient has waited yet. */
typedef struct counter_wait {
    int64_t window;       /* the present one: seconds / COUNTER_WAIT_WINDOW_S */
    unsigned calls, slow; /* in it */
    bool before;          /* whether patients waited in the one before */
} counter_wait;

/* A call at the counter was answered after milliseconds. now: seconds by any clock that runs on. */
void counter_wait_note(counter_wait *c, int64_t now, int64_t milliseconds);
bool counter_wait_is_long(const counter_wait *c, int64_t now);
