/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Texts of the table of states with their places filled in, and rows found by their words. */
#include "states/state_table.h"
#include "states/state_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static const char *some(void *context, const char *name) {
    (void)context;
    return strcmp(name, "triesLeft") == 0 ? "2" : strcmp(name, "limit") == 0 ? "72" : NULL;
}

static const char *none(void *context, const char *name) {
    (void)context;
    (void)name;
    return NULL;
}

static const char *any(void *context, const char *name) {
    (void)context;
    (void)name;
    return "any";
}

static void expect(const char *text, state_value value, const char *wanted) {
    buffer out = BUFFER_INIT(200);
    assert_int_equal(state_text_append(text, value, NULL, &out), RESULT_OK);
    assert_string_equal(buffer_text(&out), wanted);
    buffer_wipe(&out);
}

static void fills_places(void **state) {
    (void)state;
    expect("plain", some, "plain");
    expect("{triesLeft} of {limit}", some, "2 of 72");
    expect("wrong[ ({triesLeft} left)].", some, "wrong (2 left).");
    expect("a[b{limit}][c{triesLeft}]d", some, "ab72c2d");
}

static void leaves_out_what_is_not_known(void **state) {
    (void)state;
    expect("wrong[ ({triesLeft} left)].", none, "wrong.");
    expect("{triesLeft}", none, "?");
    expect("a[{limit}{other}]b", some, "ab");
    expect("{abcdefghijklmnopqrstuvwxyz12345}", any, "any"); /* the longest that is asked for: 31 characters */
    expect("{abcdefghijklmnopqrstuvwxyz123456}", any, "?");
    expect("{a-name-that-is-longer-than-any-that-there-is}", some, "?");
}

static void refuses_what_does_not_match(void **state) {
    static const char *const wrong[] = {"{limit", "[open", "{{limit}}", "[a[b]]", "[a[b]", "limit}", "[{limit]}", "a]"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        buffer out = BUFFER_INIT(200);
        assert_int_equal(state_text_append(wrong[i], some, NULL, &out), RESULT_INVALID);
        buffer_wipe(&out);
    }
}

static void knows_its_rows(void **state) {
    (void)state;
    assert_string_equal(state_named("card-removed")->reason, "card-removed");
    assert_null(state_named("card-remove"));
    assert_null(state_named(""));
    assert_non_null(state_unknown()->staff.ja);
    assert_string_equal(state_words(&state_named("no-session")->staff, "en"), "Nobody is logged in.");
    assert_string_equal(state_words(&state_named("no-session")->staff, "ja"), "ログインしていません。");
    assert_string_equal(state_phrase(PATIENT_PHRASES)->name, "unchanged");
}

static void every_text_can_be_filled(void **state) {
    const state_row *row;
    (void)state;
    for (size_t i = 0; (row = state_at(i)) != NULL; i++) {
        const char *const texts[] = {row->staff.ja, row->staff.en, row->next.ja, row->next.en};
        for (size_t j = 0; j < sizeof texts / sizeof *texts; j++) {
            buffer out = BUFFER_INIT(1000);
            assert_int_equal(state_text_append(texts[j], none, NULL, &out), RESULT_OK);
            assert_null(strpbrk(buffer_text(&out), "[]{}"));
            buffer_wipe(&out);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_places),
        cmocka_unit_test(leaves_out_what_is_not_known),
        cmocka_unit_test(refuses_what_does_not_match),
        cmocka_unit_test(knows_its_rows),
        cmocka_unit_test(every_text_can_be_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
