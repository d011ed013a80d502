/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* When a sender of batches that is refused comes again: the rule keeps a waiting list. It knows how many senders a full
 * service serves in a minute, and gives each refused one the next free time, so that as many come as can be served,
 * however many wait. Arithmetic only: time and chance come in as arguments, so that a simulator with a clock of its own
 * uses the very rule of the services. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define RETRY_RULE_MIN_S 30    /* minimum for a batch: no patient waits for it */
#define RETRY_RULE_MAX_S 3000  /* maximum: a sender that must wait longer asks again */
#define RETRY_RULE_WINDOW_S 60 /* over which senders are counted */
#define RETRY_RULE_MARKS 4096  /* senders are distinguished by this many marks */

/* Zero but for rate: nothing was refused yet. */
typedef struct retry_rule {
    int64_t window;       /* the present one: seconds / RETRY_RULE_WINDOW_S */
    unsigned served;      /* senders in it, each counted once */
    bool full;            /* a sender was refused in it */
    unsigned rate;        /* senders served in a full window; at first an assumption */
    int64_t next_free_ms; /* the first time that was not given to a sender; by the caller's clock */
    uint8_t marks[RETRY_RULE_MARKS / 8];
} retry_rule;

/* A sender's batch was served. now: seconds by any clock that runs on; sender: a number of its own, at random. */
void retry_rule_served(retry_rule *r, int64_t now, uint32_t sender);

/* A sender is refused: returns the seconds that it must wait. slot->until: until its slot begins, 0 within it;
 * slot->left: until the slot ends; slot->cycle: from one slot to the next. While few wait, this is a random time in the
 * slot, in which senders that were never refused come, too; otherwise the next free time. chance: uniform over its
 * type. */
typedef struct retry_slot {
    int64_t until, left, cycle;
} retry_slot;
int64_t retry_rule_refused(retry_rule *r, int64_t now, const retry_slot *slot, uint32_t chance);
