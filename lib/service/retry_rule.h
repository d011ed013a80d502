/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* When a sender of batches that is refused comes again. Arithmetic only: time and chance come in as arguments, so that a
 * simulator with a clock of its own uses the very rule of the services. */
#pragma once

#include <stdint.h>

#define RETRY_RULE_MIN_S 30    /* a batch never comes back sooner: nobody waits at a counter for it */
#define RETRY_RULE_MAX_S 1800  /* nor is it sent away for longer than this beyond its slot */
#define RETRY_RULE_WINDOW_S 60 /* over which refusals are counted */

/* How much is refused now. Zero: nothing was refused yet. */
typedef struct retry_rule {
    int64_t window;           /* the present one: seconds / RETRY_RULE_WINDOW_S */
    unsigned refused, served; /* batches, in it */
    unsigned pressure;        /* refused for each served one in the window before; 0 to RETRY_RULE_PRESSURE_MAX */
} retry_rule;
#define RETRY_RULE_PRESSURE_MAX 20

/* One more was refused, or served. now: seconds by any clock that runs on. */
void retry_rule_refused(retry_rule *r, int64_t now);
void retry_rule_served(retry_rule *r, int64_t now);

/* Seconds to wait. until_slot: until the sender's slot begins, 0 in it; left: until it ends; cycle: from one slot to the
 * next. In the slot: at random in what is left of it, and beyond it as refusals grow; before it: at random in it. chance:
 * uniform over its type. */
int64_t retry_rule_wait(const retry_rule *r, int64_t until_slot, int64_t left, int64_t cycle, uint32_t chance);
