/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* mocks/ca: from when to when JPKI certificates are valid: days in Japan, the fifth birthday after the issue. */
#include "base/clock.h"
#include "validity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void check_birthday(const char *issued, const char *birth, const char *from, const char *to) {
    int64_t now;
    validity v;
    char text[CLOCK_TEXT_SIZE];
    assert_int_equal(clock_parse(issued, &now), RESULT_OK);
    assert_int_equal(validity_to_fifth_birthday(now, birth, &v), RESULT_OK);
    clock_text(v.from, text);
    assert_string_equal(text, from);
    clock_text(v.to, text);
    assert_string_equal(text, to);
}

static void it_ends_on_the_fifth_birthday(void **state) {
    (void)state;
    /* birthday still to come this year: four years on */
    check_birthday("2026-11-23T03:00:00Z", "1990-12-24", "2026-11-22T15:00:00Z", "2030-12-24T14:59:59Z");
    /* over already: five */
    check_birthday("2026-11-23T03:00:00Z", "1990-04-12", "2026-11-22T15:00:00Z", "2031-04-12T14:59:59Z");
    /* today, in Japan: today's does not count */
    check_birthday("2026-11-23T03:00:00Z", "1990-11-23", "2026-11-22T15:00:00Z", "2031-11-23T14:59:59Z");
    check_birthday("2026-11-23T03:00:00Z", "1990-11-24", "2026-11-22T15:00:00Z", "2030-11-24T14:59:59Z");
}

static void the_day_is_japans(void **state) {
    (void)state;
    check_birthday("2026-11-22T15:00:00Z", "1990-11-23", "2026-11-22T15:00:00Z", "2031-11-23T14:59:59Z");
    check_birthday("2026-11-22T14:59:59Z", "1990-11-23", "2026-11-21T15:00:00Z", "2030-11-23T14:59:59Z");
}

static void ends_of_months_and_leap_days(void **state) {
    (void)state;
    check_birthday("2026-06-01T00:00:00Z", "1970-12-31", "2026-05-31T15:00:00Z", "2030-12-31T14:59:59Z");
    check_birthday("2026-11-23T03:00:00Z", "2000-02-29", "2026-11-22T15:00:00Z", "2031-03-01T14:59:59Z");
    check_birthday("2023-06-01T00:00:00Z", "2000-02-29", "2023-05-31T15:00:00Z", "2028-02-29T14:59:59Z");
}

static void no_date_is_refused(void **state) {
    (void)state;
    validity v;
    assert_int_equal(validity_to_fifth_birthday(0, "1990-02-30", &v), RESULT_INVALID);
    assert_int_equal(validity_to_fifth_birthday(0, "", &v), RESULT_INVALID);
    assert_int_equal(validity_to_fifth_birthday(0, "1990-12-24 ", &v), RESULT_INVALID);
}

static void years_are_whole(void **state) {
    (void)state;
    int64_t now;
    char text[CLOCK_TEXT_SIZE];
    assert_int_equal(clock_parse("2026-11-23T03:00:00Z", &now), RESULT_OK);
    clock_text(validity_years(now, 3).to, text);
    assert_string_equal(text, "2029-11-22T14:59:59Z");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_ends_on_the_fifth_birthday),
        cmocka_unit_test(the_day_is_japans),
        cmocka_unit_test(ends_of_months_and_leap_days),
        cmocka_unit_test(no_date_is_refused),
        cmocka_unit_test(years_are_whole),
    };
    return cmocka_run_group_tests_name("ca-validity", tests, NULL, NULL);
}
