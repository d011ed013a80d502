/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "limit_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

void limits_have_two_sides(const limit_row *rows, size_t count) {
    unsigned wrong = 0;
    for (size_t i = 0; i < count; i++) {
        const long min = rows[i].min, max = rows[i].max;
        const struct {
            long n;
            bool due, there;
        } steps[] = {{min == NONE ? 0 : min - 1, false, min != NONE},
                     {min, true, min != NONE},
                     {max, true, max != NONE},
                     {max + 1, false, max != NONE}};
        for (size_t k = 0; k < 4; k++)
            if (steps[k].there && rows[i].takes(steps[k].n) != steps[k].due) {
                print_error("%s: %ld is %s\n", rows[i].name, steps[k].n, steps[k].due ? "refused" : "taken");
                wrong++;
            }
    }
    assert_int_equal(wrong, 0);
}
