/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* After one answer that came too late nine receptions do not wait and the tenth asks; one answer in time ends that. */
#include "services/circuit_breaker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_good_service_is_always_asked(void **state) {
    (void)state;
    circuit_breaker b = {false, 0};
    for (int i = 0; i < 30; i++) {
        assert_true(circuit_lets_ask(&b));
        circuit_note(&b, true);
    }
}

static void one_in_ten_asks_a_slow_one(void **state) {
    (void)state;
    circuit_breaker b = {false, 0};
    circuit_note(&b, false);
    for (int round = 0; round < 3; round++) {
        for (int i = 1; i < CIRCUIT_PROBE_EVERY; i++)
            assert_false(circuit_lets_ask(&b));
        assert_true(circuit_lets_ask(&b));
        circuit_note(&b, false);
    }
}

/* Whoever was let ask and said nothing of it (a card removed) leaves the question to the next one. */
static void a_question_that_was_not_put_is_left_to_the_next(void **state) {
    (void)state;
    circuit_breaker b = {false, 0};
    circuit_note(&b, false);
    for (int i = 1; i < CIRCUIT_PROBE_EVERY; i++)
        assert_false(circuit_lets_ask(&b));
    assert_true(circuit_lets_ask(&b));
    assert_true(circuit_lets_ask(&b));
}

static void one_answer_in_time_closes_it(void **state) {
    (void)state;
    circuit_breaker b = {false, 0};
    circuit_note(&b, false);
    assert_false(circuit_lets_ask(&b));
    circuit_note(&b, true);
    assert_true(circuit_lets_ask(&b));
    assert_true(circuit_lets_ask(&b));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_service_is_always_asked),
        cmocka_unit_test(one_in_ten_asks_a_slow_one),
        cmocka_unit_test(a_question_that_was_not_put_is_left_to_the_next),
        cmocka_unit_test(one_answer_in_time_closes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
