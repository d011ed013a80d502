/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Progress of long work is told every five seconds, and short work says nothing. */
#include "progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void told_every_five_seconds(void **state) {
    (void)state;
    progress p = {0};
    int told = 0;
    for (int64_t now = 1000; now <= 21000; now += 100)
        told += progress_is_due(&p, now);
    assert_int_equal(told, 4);
}

static void short_work_says_nothing(void **state) {
    (void)state;
    progress p = {0};
    assert_false(progress_is_due(&p, 1));
    assert_false(progress_is_due(&p, PROGRESS_EVERY_MS));
    assert_true(progress_is_due(&p, PROGRESS_EVERY_MS + 1));
    assert_false(progress_is_due(&p, PROGRESS_EVERY_MS + 2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(told_every_five_seconds),
        cmocka_unit_test(short_work_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
