/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* When the relay asks the platform by itself about those who are extracted. Arithmetic only: time and chance come in as
 * arguments. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define EXTRACT_AGAIN_MS 15000 /* after a run that the platform did not let come to its end */

typedef struct extract_timer {
    int64_t every_ms;  /* 0: only when somebody wants it */
    int64_t spread_ms; /* after the platform is back: at random within this */
    /* {0}: it was not there yet */
    bool was_up, runs_later; /* a time is set */
    int64_t due_ms;
} extract_timer;

/* Whether to ask now. up: the platform may be asked. wanted: somebody wants it now; it stays wanted until it returns
 * true. chance: uniform over its type. */
bool extract_timer_turn(extract_timer *timer, bool up, bool wanted, int64_t now_ms, uint16_t chance);
/* The run was broken off: once more after a while. */
void extract_timer_again(extract_timer *timer, int64_t now_ms);
