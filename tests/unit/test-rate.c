/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/net/http_rate: burst, return of tokens, keys apart, a table that stays small, many threads. */
#include "net/http_rate.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void tokens_come_back(void **state) {
    (void)state;
    http_rate *rate;
    assert_int_equal(http_rate_new(4, 3, &rate), RESULT_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(http_rate_take(rate, "a", 1000), 0);
    assert_int_equal(http_rate_take(rate, "a", 1000), 250);
    assert_int_equal(http_rate_take(rate, "a", 1100), 150);
    assert_int_equal(http_rate_take(rate, "a", 1250), 0);
    assert_int_equal(http_rate_take(rate, "a", 1250), 250);
    assert_int_equal(http_rate_take(rate, "b", 1250), 0); /* another key has its own */
    /* Never more than the burst, however long the pause; a clock that stands still or turns gives nothing. */
    for (int i = 0; i < 3; i++)
        assert_int_equal(http_rate_take(rate, "a", INT64_MAX / 2), 0);
    assert_int_not_equal(http_rate_take(rate, "a", INT64_MAX / 2), 0);
    assert_int_not_equal(http_rate_take(rate, "a", 0), 0);
    http_rate_free(&rate);
    assert_null(rate);
}

static void a_clock_that_turns_takes_nothing(void **state) {
    (void)state;
    http_rate *rate;
    assert_int_equal(http_rate_new(4, 3, &rate), RESULT_OK);
    assert_int_equal(http_rate_take(rate, "a", 100000), 0);
    assert_int_equal(http_rate_take(rate, "a", 1000), 0);
    assert_int_equal(http_rate_take(rate, "a", 500), 0);
    assert_int_equal(http_rate_take(rate, "a", 500), 250);
    http_rate_free(&rate);
}

static void nothing_comes_back_at_rate_zero(void **state) {
    (void)state;
    http_rate *rate;
    assert_int_equal(http_rate_new(0, 2, &rate), RESULT_OK);
    assert_int_equal(http_rate_take(rate, "a", 0), 0);
    assert_int_equal(http_rate_take(rate, "a", 0), 0);
    assert_true(http_rate_take(rate, "a", 5000) > 0);
    assert_true(http_rate_take(rate, "a", INT64_MAX / 2) > 0);
    http_rate_free(&rate);
}

/* A flood of new keys replaces those unused for longest; an active key keeps its place. */
static void floods_of_keys_do_not_help(void **state) {
    (void)state;
    http_rate *rate;
    size_t admitted = 0;
    assert_int_equal(http_rate_new(0, 1, &rate), RESULT_OK);
    for (int i = 0; i < 20000; i++) {
        char key[32];
        snprintf(key, sizeof key, "stranger-%d", i);
        assert_int_equal(http_rate_take(rate, key, i), 0);
        admitted += http_rate_take(rate, "greedy", i) == 0;
    }
    assert_int_equal(admitted, 1);
    http_rate_free(&rate);
}

#define THREADS 4
#define TAKES 5000

static void *take_many(void *rate) {
    static _Thread_local size_t taken;
    for (int i = 0; i < TAKES; i++)
        taken += http_rate_take(rate, "a", 1) == 0;
    return (void *)(uintptr_t)taken;
}

static void threads_share_one_bucket(void **state) {
    (void)state;
    http_rate *rate;
    pthread_t threads[THREADS];
    size_t taken = 0;
    assert_int_equal(http_rate_new(1, 777, &rate), RESULT_OK);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_many, rate), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *one;
        pthread_join(threads[i], &one);
        taken += (size_t)(uintptr_t)one;
    }
    assert_int_equal(taken, 777);
    http_rate_free(&rate);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_come_back),
        cmocka_unit_test(a_clock_that_turns_takes_nothing),
        cmocka_unit_test(nothing_comes_back_at_rate_zero),
        cmocka_unit_test(floods_of_keys_do_not_help),
        cmocka_unit_test(threads_share_one_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
