/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The grades of offline answers and the limits of working offline: each boundary from both sides. */
#include "core/grade.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define DAY 86400
#define HOUR 3600
#define NOW INT64_C(1795392000)
#define TODAY "2026-11-23"

static void test_grades(void **state) {
    static const struct {
        const char *name, *from, *to;
        int64_t age;
        eligibility_validity validity;
        bool in_force;
        statement_grade expected;
    } rows[] = {
        {"just answered", "2020-04-01", "", 0, ELIGIBILITY_VALID, true, STATEMENT_PROVISIONAL_A},
        {"30 days to the second", "2020-04-01", "", 30 * DAY, ELIGIBILITY_VALID, true, STATEMENT_PROVISIONAL_A},
        {"one second more", "2020-04-01", "", 30 * DAY + 1, ELIGIBILITY_VALID, true, STATEMENT_PROVISIONAL_B},
        {"answered in the future", "2020-04-01", "", -1, ELIGIBILITY_VALID, true, STATEMENT_PROVISIONAL_B},
        {"ends today", "2020-04-01", TODAY, DAY, ELIGIBILITY_VALID, true, STATEMENT_PROVISIONAL_A},
        {"ended yesterday", "2020-04-01", "2026-11-22", DAY, ELIGIBILITY_VALID, true, STATEMENT_PROVISIONAL_C},
        {"begins today", TODAY, "", DAY, ELIGIBILITY_VALID, true, STATEMENT_PROVISIONAL_A},
        {"begins tomorrow", "2026-11-24", "", DAY, ELIGIBILITY_VALID, true, STATEMENT_PROVISIONAL_C},
        {"not in force", "2020-04-01", "", DAY, ELIGIBILITY_VALID, false, STATEMENT_PROVISIONAL_C},
        {"another insurer", "2020-04-01", "", DAY, ELIGIBILITY_NEW_COVERAGE, true, STATEMENT_PROVISIONAL_A},
        {"invalid", "2020-04-01", "", DAY, ELIGIBILITY_INVALID, true, STATEMENT_PROVISIONAL_C},
        {"several", "2020-04-01", "", DAY, ELIGIBILITY_SEVERAL, true, STATEMENT_PROVISIONAL_C},
        {"nobody found", "2020-04-01", "", DAY, ELIGIBILITY_NONE, true, STATEMENT_PROVISIONAL_C},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static eligibility_response answer;
        answer = (eligibility_response){.validity = rows[i].validity, .coverage_count = 1};
        snprintf(answer.coverages[0].from, sizeof answer.coverages[0].from, "%s", rows[i].from);
        snprintf(answer.coverages[0].to, sizeof answer.coverages[0].to, "%s", rows[i].to);
        answer.coverages[0].in_force = rows[i].in_force;
        const grade_knowledge known = {&answer, NOW - rows[i].age};
        statement_grade got = grade_offline(&known, TODAY, NOW);
        if (got != rows[i].expected)
            print_error("%s\n", rows[i].name);
        assert_int_equal(got, rows[i].expected);
    }
}

static void test_unknown_patient(void **state) {
    (void)state;
    const grade_knowledge nothing = {NULL, 0};
    assert_int_equal(grade_offline(&nothing, TODAY, NOW), STATEMENT_PROVISIONAL_C);
    assert_null(eligibility_coverage_on(NULL, TODAY));
}

/* An ended coverage before the one in force does not hide it. */
static void test_second_coverage(void **state) {
    static eligibility_response answer = {
        .validity = ELIGIBILITY_NEW_COVERAGE,
        .coverages = {{.from = "2020-04-01", .to = "2026-10-31"}, {.from = "2026-11-01", .in_force = true}},
        .coverage_count = 2,
    };
    (void)state;
    assert_ptr_equal(eligibility_coverage_on(&answer, TODAY), &answer.coverages[1]);
    answer.coverage_count = 1;
    assert_null(eligibility_coverage_on(&answer, TODAY));
}

static void test_limits(void **state) {
    static const struct {
        const char *name;
        int64_t last_contact, waiting;
        grade_limit expected;
    } rows[] = {
        {"never online", 0, 0, GRADE_NEVER_ONLINE},
        {"this very second", NOW, 0, GRADE_WITHIN_LIMITS},
        {"clock back by five minutes", NOW + GRADE_CLOCK_TOLERANCE_S, 0, GRADE_WITHIN_LIMITS},
        {"one second more", NOW + GRADE_CLOCK_TOLERANCE_S + 1, 0, GRADE_CLOCK_BACK},
        {"72 hours to the second", NOW - 72 * HOUR, 0, GRADE_WITHIN_LIMITS},
        {"one second more", NOW - 72 * HOUR - 1, 0, GRADE_OFFLINE_TOO_LONG},
        {"one place left", NOW, 9, GRADE_WITHIN_LIMITS},
        {"full", NOW, 10, GRADE_TOO_MANY},
        {"more than full", NOW, 11, GRADE_TOO_MANY},
        {"too long comes before too many", NOW - 73 * HOUR, 10, GRADE_OFFLINE_TOO_LONG},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        grade_limit got = grade_check_limits(rows[i].last_contact, NOW, 72, rows[i].waiting, 10);
        if (got != rows[i].expected)
            print_error("%s\n", rows[i].name);
        assert_int_equal(got, rows[i].expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grades),
        cmocka_unit_test(test_unknown_patient),
        cmocka_unit_test(test_second_coverage),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
