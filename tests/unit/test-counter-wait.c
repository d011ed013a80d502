/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* When patients are said to wait at the counter: by how many slow calls, and for how long. */
#include "service/counter_wait.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void note(counter_wait *c, int64_t now, int count, int64_t milliseconds) {
    for (int i = 0; i < count; i++)
        counter_wait_note(c, now, milliseconds);
}

static void one_in_a_hundred_may_be_slow(void **state) {
    counter_wait c = {0};
    (void)state;
    assert_false(counter_wait_is_long(&c, 1000));
    note(&c, 1000, 199, COUNTER_WAIT_SLOW_MS);
    assert_false(counter_wait_is_long(&c, 1000));
    note(&c, 1001, 1, COUNTER_WAIT_SLOW_MS + 1);
    assert_false(counter_wait_is_long(&c, 1001));
    note(&c, 1002, 1, COUNTER_WAIT_SLOW_MS + 1);
    assert_false(counter_wait_is_long(&c, 1002)); /* two of 201 */
    note(&c, 1003, 1, COUNTER_WAIT_SLOW_MS + 1);
    assert_true(counter_wait_is_long(&c, 1003));
}

/* Until the end of the window after it, whatever that one says; then it is forgotten. */
static void it_lasts_a_window_longer(void **state) {
    counter_wait c = {0};
    (void)state;
    note(&c, 1000, 1, 5000);
    assert_true(counter_wait_is_long(&c, 1009));
    assert_true(counter_wait_is_long(&c, 1019)); /* nobody came meanwhile */
    assert_false(counter_wait_is_long(&c, 1020));
    note(&c, 1010, 100, 1);
    assert_true(counter_wait_is_long(&c, 1019));
    assert_false(counter_wait_is_long(&c, 1020));
    note(&c, 1020, 1, 1);
    assert_false(counter_wait_is_long(&c, 1020));
    note(&c, 1030, 1, 5000);
    note(&c, 1050, 1, 1);
    assert_false(counter_wait_is_long(&c, 1050)); /* a window without a call lies between */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_in_a_hundred_may_be_slow),
        cmocka_unit_test(it_lasts_a_window_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
