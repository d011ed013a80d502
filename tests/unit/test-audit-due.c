/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* When the audit log is signed by itself: the edges. */
#include "core/audit_due.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_edges(void **state) {
    static const struct {
        const char *name;
        int64_t rows, age_s;
        bool due;
    } rows[] = {
        {"nothing to sign", 0, 0, false},
        {"nothing to sign, and long ago", 0, 100000, false},
        {"one row, just now", 1, 0, false},
        {"room left for one command's rows", 89, 0, false},
        {"no more", 90, 0, true},
        {"as many as are allowed", AUDIT_ROWS_MAX, 0, true},
        {"a minute and a second before the hour", 1, 3539, false},
        {"a minute before", 1, 3540, true},
        {"the hour", 1, AUDIT_SECONDS_MAX, true},
        {"the clock was set back", 1, -1, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (audit_is_due(rows[i].rows, rows[i].age_s) != rows[i].due)
            print_error("%s\n", rows[i].name);
        assert_int_equal(audit_is_due(rows[i].rows, rows[i].age_s), rows[i].due);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
