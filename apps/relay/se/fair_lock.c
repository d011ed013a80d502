/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/fair_lock.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

void fair_lock_begin(fair_lock *lock) {
    memset(lock, 0, sizeof *lock);
    pthread_mutex_init(&lock->guard, NULL);
    pthread_cond_init(&lock->turn, NULL);
}

void fair_lock_end(fair_lock *lock) {
    pthread_cond_destroy(&lock->turn);
    pthread_mutex_destroy(&lock->guard);
}

void fair_lock_take(fair_lock *lock) {
    const int64_t asked_ms = clock_monotonic_ms();
    pthread_mutex_lock(&lock->guard);
    const uint64_t mine = lock->next++;
    while (lock->serving != mine)
        pthread_cond_wait(&lock->turn, &lock->guard);
    lock->waits_ms[lock->taken++ % FAIR_LOCK_WAITS] = clock_monotonic_ms() - asked_ms;
    pthread_mutex_unlock(&lock->guard);
}

void fair_lock_give(fair_lock *lock) {
    pthread_mutex_lock(&lock->guard);
    lock->serving++;
    pthread_cond_broadcast(&lock->turn);
    pthread_mutex_unlock(&lock->guard);
}

static int ascending(const void *a, const void *b) {
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int64_t fair_lock_wait_p95(fair_lock *lock) {
    int64_t sorted[FAIR_LOCK_WAITS];
    pthread_mutex_lock(&lock->guard);
    const size_t count = lock->taken < FAIR_LOCK_WAITS ? (size_t)lock->taken : FAIR_LOCK_WAITS;
    memcpy(sorted, lock->waits_ms, count * sizeof *sorted);
    pthread_mutex_unlock(&lock->guard);
    qsort(sorted, count, sizeof *sorted, ascending);
    return count == 0 ? 0 : sorted[(count * 95 + 99) / 100 - 1];
}
