/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the two views show after the desk's events: whole, in whatever order a page comes to it. */
#include "views.h"
#include "words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static json_t *shown;

static void begin(const desk_view *v) {
    json_decref(shown);
    shown = v->begin();
}

static void tell(const desk_view *v, const char *event) {
    json_t *parsed = json_loads(event, 0, NULL);
    assert_non_null(parsed);
    v->take(shown, parsed);
    json_decref(parsed);
}

static const char *text(const char *place, const char *member) {
    const json_t *at = json_object_get(shown, place);
    const char *found = json_string_value(member != NULL ? json_object_get(at, member) : at);
    return found != NULL ? found : "";
}

static bool is_empty(const char *place) {
    return json_is_null(json_object_get(shown, place));
}

/* --- the patient's ------------------------------------------------------------------------------------------------ */

static void test_patient_waits_at_first(void **state) {
    (void)state;
    begin(&patient_view);
    assert_string_equal(text("phrase", NULL), "preparing");
    assert_string_equal(text("words", "en"), "Please wait a moment");
    assert_string_equal(text("tone", NULL), "none");
}

static void test_patient_sees_how_far_it_is(void **state) {
    (void)state;
    begin(&patient_view);
    tell(&patient_view, "{\"n\":4,\"phrase\":\"reading\",\"tone\":\"card\"}");
    tell(&patient_view, "{\"n\":5,\"phrase\":\"reading\",\"tone\":\"none\",\"step\":2,\"of\":4}");
    assert_int_equal(json_integer_value(json_object_get(shown, "step")), 2);
    /* The tone is still that of the event before: a page that has missed it plays it now. */
    assert_string_equal(text("tone", NULL), "card");
    assert_int_equal(json_integer_value(json_object_get(shown, "toneAt")), 4);
    tell(&patient_view, "{\"n\":6,\"phrase\":\"take-card\",\"tone\":\"done\"}");
    assert_null(json_object_get(shown, "step"));
    assert_string_equal(text("words", "ja"), "終わりました。カードをお取りください");
}

static void test_patient_view_takes_nothing_else(void **state) {
    (void)state;
    begin(&patient_view);
    tell(&patient_view, "{\"n\":1,\"phrase\":\"take-card\",\"tone\":\"done\",\"reason\":\"confirmed\",\"name\":\"X\","
                        "\"evidenceId\":\"Y\",\"step\":\"Z\",\"of\":4}");
    assert_null(json_object_get(shown, "reason"));
    assert_null(json_object_get(shown, "name"));
    assert_null(json_object_get(shown, "evidenceId"));
    assert_null(json_object_get(shown, "step"));
}

static void test_a_tone_alone_changes_no_phrase(void **state) {
    (void)state;
    begin(&patient_view);
    tell(&patient_view, "{\"n\":1,\"phrase\":\"put-card\",\"tone\":\"none\"}");
    tell(&patient_view, "{\"n\":2,\"phrase\":\"unchanged\",\"tone\":\"come\"}");
    tell(&patient_view, "{}");
    assert_string_equal(text("phrase", NULL), "put-card");
    assert_string_equal(text("tone", NULL), "come");
}

/* --- staff's ------------------------------------------------------------------------------------------------------ */

static void receive(const char *reason) {
    char event[200];
    snprintf(event, sizeof event, "{\"n\":9,\"event\":\"done\",\"reason\":\"%s\",\"ok\":true,\"evidenceId\":\"E\"}",
             reason);
    tell(&staff_view, "{\"n\":7,\"event\":\"card-seen\"}");
    tell(&staff_view, "{\"n\":8,\"event\":\"step\",\"step\":3,\"of\":4}");
    tell(&staff_view, event);
}

static void test_staff_sees_the_result_until_the_next_card(void **state) {
    (void)state;
    begin(&staff_view);
    tell(&staff_view, "{\"n\":1,\"event\":\"operator-in\",\"role\":\"reception\"}");
    receive("confirmed");
    tell(&staff_view, "{\"n\":10,\"event\":\"card-gone\"}");
    assert_string_equal(text("operator", "role"), "reception");
    assert_string_equal(text("result", "evidenceId"), "E");
    assert_true(is_empty("now"));
    tell(&staff_view, "{\"n\":11,\"event\":\"card-seen\"}");
    assert_true(is_empty("result"));
}

static void test_result_goes_with_the_session(void **state) {
    (void)state;
    static const char *const ends[] = {"{\"n\":20,\"event\":\"operator-out\",\"reason\":\"idle\"}",
                                       "{\"n\":20,\"event\":\"locked\",\"reason\":\"se-removed\"}"};
    for (size_t i = 0; i < 2; i++) {
        begin(&staff_view);
        tell(&staff_view, "{\"n\":1,\"event\":\"operator-in\",\"role\":\"reception\"}");
        receive("confirmed");
        tell(&staff_view, ends[i]);
        assert_true(is_empty("result"));
        assert_true(is_empty("operator"));
    }
    tell(&staff_view, "{\"n\":21,\"event\":\"unlocked\"}");
    assert_true(is_empty("machine"));
}

static void test_connection_is_bad_until_it_is_heard_again(void **state) {
    (void)state;
    begin(&staff_view);
    tell(&staff_view, "{\"n\":1,\"event\":\"platform-silent\"}");
    receive("provisional-c");
    assert_false(is_empty("silent"));
    receive("patient-certificate-expired");
    assert_false(is_empty("silent"));
    tell(&staff_view, "{\"n\":30,\"event\":\"queue\",\"receptions\":1,\"visits\":0}");
    assert_false(is_empty("silent"));
    tell(&staff_view, "{\"n\":31,\"event\":\"queue\",\"receptions\":0,\"visits\":2}");
    assert_true(is_empty("silent"));
    tell(&staff_view, "{\"n\":32,\"event\":\"platform-silent\"}");
    receive("confirmed");
    assert_true(is_empty("silent"));
}

static void test_staff_words_are_filled_in(void **state) {
    (void)state;
    json_t *values = json_pack("{s:i}", "triesLeft", 2);
    json_t *words = words_for_staff("pin-wrong", values), *unknown = words_for_staff("of-tomorrow", NULL);
    assert_string_equal(json_string_value(json_object_get(words, "en")), "The PIN is wrong (tries left: 2).");
    assert_true(strlen(json_string_value(json_object_get(unknown, "ja"))) > 0);
    json_decref(words);
    json_decref(unknown);
    json_decref(values);
}

static int forget(void **state) {
    (void)state;
    json_decref(shown);
    shown = NULL;
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patient_waits_at_first),
        cmocka_unit_test(test_patient_sees_how_far_it_is),
        cmocka_unit_test(test_patient_view_takes_nothing_else),
        cmocka_unit_test(test_a_tone_alone_changes_no_phrase),
        cmocka_unit_test(test_staff_sees_the_result_until_the_next_card),
        cmocka_unit_test(test_result_goes_with_the_session),
        cmocka_unit_test(test_connection_is_bad_until_it_is_heard_again),
        cmocka_unit_test(test_staff_words_are_filled_in),
    };
    return cmocka_run_group_tests(tests, NULL, forget);
}
