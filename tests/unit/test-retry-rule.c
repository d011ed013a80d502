/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* When a refused batch comes again: every edge, and a slot full of senders. */
#include "service/retry_rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void never_sooner_than_half_a_minute(void **state) {
    static const struct {
        int64_t until_slot, left, min, max;
    } rows[] = {
        {0, 60, 30, 60},                        /* in the slot: in what is left of it */
        {0, 31, 30, 31},  {0, 30, 600, 630},    /* too little is left: the next slot */
        {0, 1, 600, 630}, {100, 160, 100, 160}, /* before the slot: in it */
        {10, 70, 30, 70}, {540, 600, 540, 600},
    };
    const retry_rule calm = {0};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(retry_rule_wait(&calm, rows[i].until_slot, rows[i].left, 600, 0), rows[i].min);
        assert_int_equal(retry_rule_wait(&calm, rows[i].until_slot, rows[i].left, 600, UINT32_MAX), rows[i].max);
    }
}

static void it_grows_with_the_refusals(void **state) {
    retry_rule r = {0};
    int64_t longest = 0;
    (void)state;
    for (unsigned per_served = 0; per_served <= 40; per_served += 4) {
        for (int64_t s = 0; s < 10; s++) {
            for (unsigned i = 0; i < per_served * 10; i++)
                retry_rule_refused(&r, s);
            for (unsigned i = 0; i < 10; i++)
                retry_rule_served(&r, s);
        }
        retry_rule_served(&r, RETRY_RULE_WINDOW_S); /* the next window: now it counts */
        const int64_t wait = retry_rule_wait(&r, 0, 60, 600, UINT32_MAX);
        assert_true(wait >= longest);
        assert_true(per_served < 8 || wait > 100);
        assert_true(wait <= 60 + RETRY_RULE_MAX_S);
        longest = wait;
        r = (retry_rule){0};
    }
    assert_true(longest > 300);
}

static void it_shrinks_when_nothing_is_refused(void **state) {
    retry_rule r = {0};
    (void)state;
    for (int i = 0; i < 1000; i++)
        retry_rule_refused(&r, 1);
    retry_rule_served(&r, RETRY_RULE_WINDOW_S);
    assert_int_equal(r.pressure, RETRY_RULE_PRESSURE_MAX);
    retry_rule_served(&r, 2 * RETRY_RULE_WINDOW_S);
    assert_int_equal(r.pressure, 0);
    for (int i = 0; i < 1000; i++)
        retry_rule_refused(&r, 2 * RETRY_RULE_WINDOW_S);
    retry_rule_served(&r, 9 * RETRY_RULE_WINDOW_S); /* long ago */
    assert_int_equal(r.pressure, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_sooner_than_half_a_minute),
        cmocka_unit_test(it_grows_with_the_refusals),
        cmocka_unit_test(it_shrinks_when_nothing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
