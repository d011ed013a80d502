/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whoever asks first is served first, and the waits are counted; time is the test's. */
#include "se/fair_lock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#define THREADS 5
#define LOOK_US 1000

static int64_t now_ms;

int64_t __wrap_clock_monotonic_ms(void);

int64_t __wrap_clock_monotonic_ms(void) {
    return now_ms;
}

static fair_lock lock;
static unsigned order[THREADS], served;

static void *take(void *number) {
    fair_lock_take(&lock);
    order[served++] = *(unsigned *)number;
    fair_lock_give(&lock);
    return NULL;
}

static uint64_t asked(void) {
    pthread_mutex_lock(&lock.guard);
    const uint64_t next = lock.next;
    pthread_mutex_unlock(&lock.guard);
    return next;
}

static void the_first_one_is_served_first(void **state) {
    pthread_t threads[THREADS];
    unsigned numbers[THREADS];
    (void)state;
    fair_lock_begin(&lock);
    served = 0;
    fair_lock_take(&lock);
    for (unsigned i = 0; i < THREADS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, take, &numbers[i]), 0);
        while (asked() != i + 2) /* this thread's, and one for each */
            usleep(LOOK_US);
    }
    assert_int_equal(served, 0);
    fair_lock_give(&lock);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(order[i], i);
    fair_lock_end(&lock);
}

/* The wait that 95 of 100 do not exceed, of the last ones. */
static void waits_are_told(void **state) {
    static const struct {
        unsigned count, longest;
        int64_t due;
    } rows[] = {{0, 0, 0}, {1, 1, 7}, {3, 1, 7}, {19, 1, 7}, {20, 1, 0}, {20, 2, 7}, {100, 5, 0}, {100, 6, 7}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fair_lock_begin(&lock);
        for (unsigned n = 0; n < rows[i].count; n++) {
            lock.waits_ms[n] = n < rows[i].longest ? 7 : 0;
            lock.taken++;
        }
        if (fair_lock_wait_p95(&lock) != rows[i].due)
            fail_msg("row %zu: %lld", i, (long long)fair_lock_wait_p95(&lock));
        fair_lock_end(&lock);
    }
    fair_lock_begin(&lock);
    lock.waits_ms[0] = 7;
    for (unsigned n = 0; n < FAIR_LOCK_WAITS; n++) { /* each takes the place of the oldest */
        fair_lock_take(&lock);
        fair_lock_give(&lock);
    }
    assert_int_equal(fair_lock_wait_p95(&lock), 0);
    assert_int_equal(lock.waits_ms[0], 0);
    fair_lock_end(&lock);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_first_one_is_served_first),
                                       cmocka_unit_test(waits_are_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
