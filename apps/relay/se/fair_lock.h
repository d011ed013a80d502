/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A first-come, first-served lock, so that no caller starves at a slow Secure Element. It records how long callers
 * waited. */
#pragma once

#include <pthread.h>
#include <stdint.h>

#define FAIR_LOCK_WAITS 256 /* how many of the last waits are remembered */

typedef struct fair_lock {
    pthread_mutex_t guard;
    pthread_cond_t turn;
    uint64_t next, serving;
    int64_t waits_ms[FAIR_LOCK_WAITS];
    uint64_t taken;
} fair_lock;

/* Before the first use, and after the last one. */
void fair_lock_begin(fair_lock *lock);
void fair_lock_end(fair_lock *lock);
/* Waits for its turn; gives the next one its own. */
void fair_lock_take(fair_lock *lock);
void fair_lock_give(fair_lock *lock);
/* Of the waits that are remembered, the one that 95 of 100 do not exceed, in milliseconds. */
int64_t fair_lock_wait_p95(fair_lock *lock);
