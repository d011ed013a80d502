/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Affiliated institutions: which words are taken, whose cards are accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/affiliates.h"

static void test_accept(void **state) {
    affiliates a = {0};
    (void)state;
    assert_false(affiliates_accept(&a, "1399999999", ROLE_RECEPTION));
    assert_null(affiliates_take(&a, "1399999999=reception,doctor"));
    assert_true(affiliates_accept(&a, "1399999999", ROLE_RECEPTION));
    assert_true(affiliates_accept(&a, "1399999999", ROLE_DOCTOR));
    assert_false(affiliates_accept(&a, "1399999999", ROLE_ADMINISTRATOR));
    assert_false(affiliates_accept(&a, "1399999999", ROLE_NONE));
    assert_false(affiliates_accept(&a, "1399999998", ROLE_DOCTOR));
    assert_false(affiliates_accept(&a, "", ROLE_DOCTOR));
    assert_null(affiliates_take(&a, "1399999999=administrator")); /* instead of the former roles */
    assert_false(affiliates_accept(&a, "1399999999", ROLE_DOCTOR));
    assert_null(affiliates_take(&a, "1399999999=none"));
    assert_false(affiliates_accept(&a, "1399999999", ROLE_ADMINISTRATOR));
    assert_int_equal(a.count, 0);
}

static void test_refused(void **state) {
    static const char *const wrong[] = {
        "",
        "1399999999",
        "1399999999=",
        "1399999999=,",
        "1399999999=nurse",
        "1399999999=doctor,nurse",
        "139999999=doctor",
        "13999999999=doctor",
        "139999999x=doctor",
        "1399999999 doctor",
        "=doctor",
        "1399999999=doctor,doctor,doctor,doctor,doctor,doctor,doctor,doctor,doctor,doctor"};
    affiliates a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_non_null(affiliates_take(&a, wrong[i]));
    assert_int_equal(a.count, 0);
}

static void test_written_and_read(void **state) {
    affiliates a = {0}, b;
    buffer text = BUFFER_INIT(4096);
    char word[64];
    (void)state;
    assert_null(affiliates_take(&a, "1399999999=doctor,reception"));
    assert_null(affiliates_take(&a, "1300000001=administrator"));
    assert_int_equal(affiliates_write(&a, &text), RESULT_OK);
    assert_string_equal(buffer_text(&text), "1399999999=reception,doctor 1300000001=administrator");
    assert_int_equal(affiliates_read(buffer_text(&text), &b), RESULT_OK);
    assert_int_equal(b.count, 2);
    assert_true(affiliates_accept(&b, "1300000001", ROLE_ADMINISTRATOR));
    assert_int_equal(affiliates_read("1399999999=doctor nonsense", &b), RESULT_INVALID);
    assert_int_equal(affiliates_read("", &b), RESULT_OK);
    assert_int_equal(b.count, 0);
    for (int i = 0; i < 100; i++) /* of words that are good */
        assert_int_equal(buffer_append_text(&text, " 1399999999=doctor"), RESULT_OK);
    assert_int_equal(affiliates_read(buffer_text(&text), &b), RESULT_TOO_LONG);
    for (int i = 0; i < AFFILIATES_MAX; i++) {
        snprintf(word, sizeof word, "13000000%02d=doctor", i);
        assert_null(affiliates_take(&b, word));
    }
    assert_non_null(affiliates_take(&b, "1399999999=doctor"));
    assert_null(affiliates_take(&b, "1300000000=reception")); /* one of them may still change */
    buffer_wipe(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accept),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_written_and_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
