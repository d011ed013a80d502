/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/delivery/pacing: every edge, a morning of many senders by a clock of its own, and that they come evenly. */
#include "delivery/pacing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define SENDERS 1000

static const pacing_wait nothing = {0};

static void only_two_statuses_tell_to_wait(void **state) {
    static const struct {
        int status;
        int64_t seconds, wait;
    } cases[] = {
        {429, 1, 1},         {503, 7, 7}, {429, 3599, 3599}, {429, 3600, 3600},
        {503, 3601, 3600},   {503, 0, 0}, {429, -1, 0},      {503, INT64_MAX, 3600},
        {503, INT64_MIN, 0}, {200, 5, 0}, {202, 5, 0},       {428, 5, 0},
        {430, 5, 0},         {500, 5, 0}, {502, 5, 0},       {504, 5, 0},
        {0, 5, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const pacing_wait wait = pacing_retry_after(cases[i].status, cases[i].seconds);
        assert_int_equal(wait.s, cases[i].wait);
        assert_int_equal(wait.spread_s, 0);
    }
}

static void a_slot_is_waited_for_when_it_is_near(void **state) {
    static const struct {
        int64_t not_before, not_after, now, s, spread_s;
    } cases[] = {
        {1000, 1200, 999, 1, 100},               /* a second before it */
        {1000, 1200, 1000, 0, 0},                /* it begins */
        {1000, 1200, 1100, 0, 0},                /* in it */
        {1000, 1200, 5000, 0, 0},                /* over */
        {5000, 5001, 1400, 3600, 0},             /* as far as is believed; half of a second is none */
        {5000, 5200, 1399, 0, 0},                /* further */
        {5000, 5000, 4990, 10, 0},               /* a moment, no span */
        {5000, 4000, 4990, 10, 0},               /* ends before it begins */
        {5000, 12200, 4990, 10, 3600},           /* two hours: half of them */
        {5000, 90000, 4990, 10, 3600},           /* longer: no more than that */
        {INT64_MAX, INT64_MAX, INT64_MIN, 0, 0}, /* farther than a number of this type */
        {0, INT64_MAX, -10, 10, 3600},
        {INT64_MIN, INT64_MAX, INT64_MAX, 0, 0},
        {5, INT64_MIN, 0, 5, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const pacing_wait wait = pacing_slot(cases[i].not_before, cases[i].not_after, cases[i].now);
        assert_int_equal(wait.s, cases[i].s);
        assert_int_equal(wait.spread_s, cases[i].spread_s);
    }
}

static void each_failure_doubles_the_pause(void **state) {
    static const int64_t pauses[] = {10000, 20000, 40000, 80000, 160000, 320000, 600000, 600000};
    pacing early = {0}, late = {0};
    (void)state;
    for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++) {
        assert_int_equal(pacing_pause(&early, nothing, false, 0), pauses[i] / 2);
        assert_int_equal(pacing_pause(&late, nothing, false, UINT16_MAX), pauses[i]);
        assert_int_equal(early.failures, i + 1);
        assert_false(early.told);
    }
    /* After years of silence still the same. */
    early.failures = 1000000;
    assert_int_equal(pacing_pause(&early, nothing, false, UINT16_MAX), PACING_LAST_MS);
    /* One success ends it. */
    assert_int_equal(pacing_pause(&early, nothing, true, 0), PACING_FIRST_MS / 2);
    assert_int_equal(pacing_pause(&early, nothing, true, UINT16_MAX), PACING_FIRST_MS);
    assert_int_equal(early.failures, 0);
}

static void a_told_time_is_never_undercut(void **state) {
    static const struct {
        pacing_wait told;
        int64_t min, max;
    } cases[] = {
        {{1, 0}, 1000, 3000},          /* a tenth would be less than two seconds */
        {{20, 0}, 20000, 22000},       /* a tenth is two seconds */
        {{21, 0}, 21000, 23100},       /* a tenth is more */
        {{3600, 0}, 3600000, 3960000}, /* the longest */
        {{10, 1}, 10000, 11000},       /* a spread of its own, also a smaller one */
        {{10, 3600}, 10000, 3610000},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pacing p = {.failures = 3};
        assert_int_equal(pacing_pause(&p, cases[i].told, false, 0), cases[i].min);
        p.refusals = 0;
        assert_int_equal(pacing_pause(&p, cases[i].told, false, UINT16_MAX), cases[i].max);
        assert_true(p.told);
        assert_int_equal(p.failures, 3); /* a service that speaks has not failed; nor is what failed before forgotten */
    }
}

/* Whoever is refused again and again comes less often than the service says; a success ends it. */
static void the_random_part_doubles_with_each_refusal(void **state) {
    static const int64_t longest[] = {44000, 48000, 56000, 72000, 104000, 104000};
    pacing p = {0};
    (void)state;
    for (size_t i = 0; i < sizeof longest / sizeof *longest; i++) {
        const pacing before = p;
        assert_int_equal(pacing_pause(&p, (pacing_wait){40, 0}, false, UINT16_MAX), longest[i]);
        p = before;
        assert_int_equal(pacing_pause(&p, (pacing_wait){40, 0}, false, 0), 40000);
    }
    pacing_pause(&p, nothing, true, 0);
    assert_int_equal(pacing_pause(&p, (pacing_wait){40, 0}, false, UINT16_MAX), longest[0]);
}

static void a_told_time_counts_only_while_something_waits(void **state) {
    pacing p = {.failures = 2, .told = true};
    (void)state;
    assert_int_equal(pacing_pause(&p, (pacing_wait){100, 0}, true, UINT16_MAX), PACING_FIRST_MS);
    assert_false(p.told);
    assert_int_equal(p.failures, 0);
    pacing_pause(&p, (pacing_wait){100, 0}, false, 0);
    assert_true(p.told);
    pacing_pause(&p, nothing, false, 0);
    assert_false(p.told);
    assert_int_equal(p.failures, 1);
}

static void it_is_due_at_its_time_and_not_before(void **state) {
    pacing p = {0};
    (void)state;
    assert_true(pacing_is_due(&p, 0));
    assert_int_equal(pacing_after(&p, (pacing_wait){30, 0}, false, 1000000, 0), 30000);
    assert_false(pacing_is_due(&p, 1029999));
    assert_true(pacing_is_due(&p, 1030000));
    p.failures = 4;
    pacing_again(&p, 1030000);
    assert_false(pacing_is_due(&p, 1030999));
    assert_true(pacing_is_due(&p, 1031000));
    assert_int_equal(p.failures, 4);
}

/* Whoever waits because of silence tries when the service has answered a patient; a time that was told stays. */
static void an_answer_to_a_patient_ends_the_silence(void **state) {
    static const struct {
        int failures;
        bool told;
        int64_t due_ms, then_ms;
    } cases[] = {
        {3, false, 900000, 5000}, /* silent before: at once */
        {3, false, 4000, 4000},   /* due already */
        {3, true, 900000, 900000}, {0, true, 900000, 900000}, {0, false, 900000, 900000},
    };
    pacing other = {.failures = 3, .due_ms = 900000};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pacing p = {.failures = cases[i].failures, .told = cases[i].told, .due_ms = cases[i].due_ms};
        pacing_is_back(&p, 5000, 16382);
        assert_int_equal(p.due_ms, cases[i].then_ms);
        assert_int_equal(p.failures, cases[i].failures);
        assert_true(p.told == cases[i].told);
    }
    pacing_is_back(&other, 5000, 16383); /* the others */
    assert_int_equal(other.due_ms, 900000);
}

/* A thousand senders that are all told the same time: none before it, and no tenth of the span gets twice its share. */
static void those_who_heard_the_same_come_spread_out(void **state) {
    enum { PARTS = 10 };
    int seen[PARTS] = {0};
    const pacing_wait told = pacing_slot(10000, 10400, 9990); /* spread over 200 s */
    (void)state;
    for (unsigned i = 0; i < SENDERS; i++) {
        pacing p = {0};
        pacing_after(&p, told, false, 9990000, (uint16_t)(i * UINT16_MAX / SENDERS));
        assert_true(p.due_ms >= 10000000 && p.due_ms < 10200000);
        seen[(p.due_ms - 10000000) * PARTS / 200000]++;
    }
    for (size_t i = 0; i < PARTS; i++)
        assert_in_range(seen[i], SENDERS / PARTS - 2, SENDERS / PARTS + 2);
}

/* --- whether they come evenly ------------------------------------------------------------------------------------- */

#define KOLMOGOROV                                                                                                     \
    0.0515 /* 1.63 / sqrt(SENDERS): even times are further off once in a hundred runs; the seed is fixed */

static uint32_t seed;

static uint16_t next_chance(void) {
    seed = seed * 1664525 + 1013904223; /* Numerical Recipes, 7.1 */
    return (uint16_t)(seed >> 16);
}

static int by_time(const void *a, const void *b) {
    const int64_t first = *(const int64_t *)a, second = *(const int64_t *)b;
    return (first > second) - (first < second);
}

/* The greatest distance between the share of senders that have come by then and the share of the time that has passed
 * (Kolmogorov and Smirnov). */
static double distance_from_even(int64_t due_ms[SENDERS], int64_t first_ms, int64_t last_ms) {
    double most = 0;
    qsort(due_ms, SENDERS, sizeof *due_ms, by_time);
    for (int i = 0; i < SENDERS; i++) {
        const double even = (double)(due_ms[i] - first_ms) / (double)(last_ms - first_ms);
        const double before = even - (double)i / SENDERS, behind = (double)(i + 1) / SENDERS - even;
        most = before > most ? before : most;
        most = behind > most ? behind : most;
    }
    return most;
}

static void they_come_evenly_over_their_time(void **state) {
    static const struct {
        int failures, refusals;
        pacing_wait told;
        int64_t back_s; /* 0: after a try */
        int64_t first_ms, last_ms;
    } rows[] = {
        {.first_ms = 5000, .last_ms = 10000}, /* after the first failure */
        {.failures = 9, .first_ms = 300000, .last_ms = 600000},
        {.told = {30, 0}, .first_ms = 30000, .last_ms = 33000}, /* Retry-After */
        {.refusals = 4, .told = {30, 0}, .first_ms = 30000, .last_ms = 60000 + 18000},
        {.told = {10, 200}, .first_ms = 10000, .last_ms = 210000}, /* a slot */
        {.failures = 9, .refusals = 4, .back_s = 20, .first_ms = 0, .last_ms = 20000},
    };
    int64_t due_ms[SENDERS];
    (void)state;
    seed = 20261130;
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        for (int i = 0; i < SENDERS; i++) {
            pacing p = {.failures = rows[row].failures, .refusals = rows[row].refusals};
            if (rows[row].back_s > 0)
                pacing_back(&p, rows[row].back_s, 0, next_chance());
            else
                pacing_after(&p, rows[row].told, false, 0, next_chance());
            due_ms[i] = p.due_ms;
            assert_in_range(p.due_ms, rows[row].first_ms, rows[row].last_ms);
        }
        const double distance = distance_from_even(due_ms, rows[row].first_ms, rows[row].last_ms);
        if (distance > KOLMOGOROV)
            fail_msg("row %zu: %.4f from even", row, distance);
    }
}

static void who_was_away_begins_anew(void **state) {
    pacing p = {.failures = 5, .refusals = 3, .told = true, .due_ms = 1};
    (void)state;
    pacing_back(&p, 0, 777, UINT16_MAX);
    assert_int_equal(p.due_ms, 777);
    assert_true(p.failures == 0 && p.refusals == 0 && !p.told);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_two_statuses_tell_to_wait),
        cmocka_unit_test(a_slot_is_waited_for_when_it_is_near),
        cmocka_unit_test(each_failure_doubles_the_pause),
        cmocka_unit_test(a_told_time_is_never_undercut),
        cmocka_unit_test(the_random_part_doubles_with_each_refusal),
        cmocka_unit_test(a_told_time_counts_only_while_something_waits),
        cmocka_unit_test(it_is_due_at_its_time_and_not_before),
        cmocka_unit_test(an_answer_to_a_patient_ends_the_silence),
        cmocka_unit_test(those_who_heard_the_same_come_spread_out),
        cmocka_unit_test(they_come_evenly_over_their_time),
        cmocka_unit_test(who_was_away_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
