/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How long a call may hang: the timer that is set for each step and each wait, seen between our code and the C library,
 * on a clock that the test sets. */
#include "core/watchdog.h"

#include "p11/call_timeout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static int64_t now_ms = 1000000, timer_ms; /* timer_ms: 0, no timer runs */
static bool clock_stands;
static void (*step_begins)(bool opening);
static void (*step_ends)(void);

int clock_gettime(clockid_t clock, struct timespec *out) {
    if (!clock_stands)
        return (int)syscall(SYS_clock_gettime, clock, out);
    *out = (struct timespec){now_ms / 1000, now_ms % 1000 * 1000000};
    return 0;
}

int setitimer(enum __itimer_which which, const struct itimerval *restrict wanted, struct itimerval *restrict before) {
    (void)before;
    assert_int_equal(which, ITIMER_REAL);
    timer_ms = wanted->it_value.tv_sec * INT64_C(1000) + wanted->it_value.tv_usec / 1000;
    return 0;
}

/* In lib/p11's place. */
void token_tell_steps(void (*begins)(bool opening), void (*ends)(void)) {
    step_begins = begins;
    step_ends = ends;
}

static int begin(void **state) {
    (void)state;
    clock_stands = true;
    watchdog_expect_answers(0);
    assert_non_null(step_begins);
    return 0;
}

static int end(void **state) {
    (void)state;
    watchdog_expect(0);
    clock_stands = false;
    return 0;
}

static void a_step_has_ten_seconds(void **state) {
    (void)state;
    step_begins(false);
    assert_int_equal(timer_ms, 10000);
    step_ends();
    assert_int_equal(timer_ms, 0);
    step_begins(true); /* all readers may have to be looked at first */
    assert_int_equal(timer_ms, 20000);
    step_ends();
    assert_int_equal(timer_ms, 0);
}

static void the_nearer_end_counts(void **state) {
    (void)state;
    assert_false(watchdog_expect(120));
    assert_int_equal(timer_ms, 120000);
    now_ms += 5000;
    step_begins(false);
    assert_int_equal(timer_ms, 10000);
    now_ms += 4000;
    step_ends();
    assert_int_equal(timer_ms, 111000); /* the time goes on meanwhile */
    now_ms += 108000;
    step_begins(false);
    assert_int_equal(timer_ms, 3000);
    now_ms += 3000; /* overdue: at once, and not never */
    step_ends();
    assert_int_equal(timer_ms, 1);
    assert_true(watchdog_expect(0));
    assert_int_equal(timer_ms, 0);
}

static void the_time_can_be_set(void **state) {
    (void)state;
    watchdog_expect_answers(3);
    step_begins(false);
    assert_int_equal(timer_ms, 3000);
    step_begins(true);
    assert_int_equal(timer_ms, 6000);
    step_ends();
    watchdog_expect_answers(0); /* leaves it */
    step_begins(false);
    assert_int_equal(timer_ms, 3000);
    step_ends();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_step_has_ten_seconds, begin, end),
        cmocka_unit_test_setup_teardown(the_nearer_end_counts, begin, end),
        cmocka_unit_test_setup_teardown(the_time_can_be_set, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
