/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The limits of working: what may be said of them, and which of two counts. */
#include "core/offline_limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void test_one_change(void **state) {
    (void)state;
    limits l = limits_default();
    assert_null(limits_take(&l, "offline-hours=96"));
    assert_int_equal(l.value[LIMIT_OFFLINE_HOURS], 96);
    assert_int_equal(l.value[LIMIT_OFFLINE_COUNT], 500);
}

static void test_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"",
                                        "offline-hours",
                                        "offline-hours=",
                                        "offline-hours=0",
                                        "offline-hours=-1",
                                        "offline-hours=72 ",
                                        "offline-hours=7x",
                                        "offline-hours=721",
                                        "offline-hours=99999999999999999999",
                                        "offline-hour=1",
                                        "offline-hourss=1",
                                        "=1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        limits l = limits_default();
        const limits before = l;
        assert_non_null(limits_take(&l, wrong[i]));
        assert_memory_equal(&l, &before, sizeof l);
    }
}

static void test_the_stricter_counts(void **state) {
    (void)state;
    const limits decided = {{72, 500, 480, 10}}, configured = {{100, 20, 0, 10}};
    const limits l = limits_strictest(&decided, &configured), expected = {{72, 20, 480, 10}};
    assert_memory_equal(&l, &expected, sizeof l);
}

static void test_written_and_read(void **state) {
    (void)state;
    const limits l = {{1, 2, 3, 4}};
    limits read = limits_default();
    buffer text = BUFFER_INIT(512);
    assert_int_equal(limits_write(&l, &text), RESULT_OK);
    assert_int_equal(limits_read(buffer_text(&text), &read), RESULT_OK);
    assert_memory_equal(&read, &l, sizeof l);
    assert_int_equal(limits_read("offline-hours=1 nonsense=2", &read), RESULT_INVALID);
    char longer[600];
    memset(longer, '1', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    assert_int_equal(limits_read(longer, &read), RESULT_TOO_LONG);
    buffer_wipe(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_change),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_the_stricter_counts),
        cmocka_unit_test(test_written_and_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
