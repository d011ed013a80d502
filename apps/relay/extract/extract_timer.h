/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* When the relay asks the platform by itself about those who are extracted. Arithmetic only: time and chance come in as
 * arguments. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define EXTRACT_AGAIN_MS 15000 /* after a run that the platform broke off */

typedef struct extract_timer {
    int64_t every_ms;  /* 0: only on request (extract query) */
    int64_t spread_ms; /* after the platform is back: at random within this */
    /* {0}: the platform was not reachable yet */
    bool was_up, runs_later; /* a time is set */
    int64_t due_ms;
} extract_timer;

/* Whether to ask now. up: the platform may be asked. wanted: an administrator has asked for it; stays true until this
 * function returns true. chance: uniform over its type. */
bool extract_timer_turn(extract_timer *timer, bool up, bool wanted, int64_t now_ms, uint16_t chance);
/* The run was broken off: repeat it after EXTRACT_AGAIN_MS. */
void extract_timer_again(extract_timer *timer, int64_t now_ms);
