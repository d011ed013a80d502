/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The person in an answer: what is read is what was written, and nothing else can be said in that place: no number of
 * the person, no text that shows something else than it holds, no length beyond its room. */
#include "base/utf8.h"
#include "fhir/eligibility.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define ROOM (1 << 20)
#define TIME "2026-11-23T22:00:00Z" /* the 24th in Japan */

static const eligibility_person known = {"見本　花子", "ミホン　ハナコ", "1985-04-12",
                                         SEX_FEMALE,   "000-0001",       "例示県見本市1丁目"};

static eligibility_response answer_about(const eligibility_person *person) {
    eligibility_response r = {.evidence_id = "0195c0ae-0000-7000-8000-000000000001",
                              .patient_serial = "CN=User CA,C=JP#0100",
                              .created = TIME,
                              .as_of = TIME,
                              .validity = ELIGIBILITY_NONE,
                              .disposition = "none"};
    r.person = *person;
    return r;
}

static json_t *written(const eligibility_response *r) {
    buffer text = BUFFER_INIT(ROOM);
    assert_int_equal(eligibility_response_write(r, &text), RESULT_OK);
    json_t *root = fhir_parse(buffer_bytes(&text), NULL);
    buffer_wipe(&text);
    assert_non_null(root);
    return root;
}

/* Frees root. */
static result read_again(json_t *root, eligibility_response *out, fhir_problem *problem) {
    buffer text = BUFFER_INIT(ROOM);
    *problem = (fhir_problem){{0}};
    assert_int_equal(fhir_dump_and_free(root, &text), RESULT_OK);
    const result code = eligibility_response_read(buffer_bytes(&text), out, problem);
    buffer_wipe(&text);
    return code;
}

static json_t *patient_of(json_t *root) {
    json_t *contained = json_object_get(root, "contained");
    return json_array_get(contained, json_array_size(contained) - 1);
}

static void a_person_comes_back_as_written(void **state) {
    (void)state;
    static eligibility_response again;
    fhir_problem problem;
    eligibility_person person = known;
    for (int i = 0; i < 4; i++) {
        if (i == 1)
            memset(person.kana, 0, sizeof person.kana);
        if (i == 2)
            memset(person.postal_code, 0, sizeof person.postal_code);
        if (i == 3)
            memset(person.address, 0, sizeof person.address);
        const eligibility_response r = answer_about(&person);
        assert_int_equal(read_again(written(&r), &again, &problem), RESULT_OK);
        assert_memory_equal(&again.person, &person, sizeof person);
    }
}

static void an_answer_without_a_person_names_nobody(void **state) {
    (void)state;
    static eligibility_response again;
    fhir_problem problem;
    const eligibility_person nobody = {.sex = SEX_UNKNOWN};
    const eligibility_response r = answer_about(&nobody);
    assert_int_equal(read_again(written(&r), &again, &problem), RESULT_OK);
    assert_false(eligibility_person_is_known(&again.person));
}

/* Each: a member of the Patient, another value for it, and where the fault is said to be. */
static void wrong_forms_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *member, *value, *place;
    } rows[] = {
        {"identifier", "[{\"system\":\"urn:oid:1.2.392.100495.20.3.51\",\"value\":\"123456789018\"}]", "identifier"},
        {"identifier", "[]", "identifier"},
        {"gender", "\"woman\"", "gender"},
        {"birthDate", "\"1985-02-30\"", "birthDate"},
        {"birthDate", "\"1985-4-12\"", "birthDate"},
        {"birthDate", "\"2026-11-25\"", "birthDate"},
        {"id", "\"patient-2\"", "id"},
        {"name", "[]", "name"},
        {"name", "[{\"text\":\"no representation\"}]", "name"},
        {"address", "[{\"text\":\"a\",\"postalCode\":\"1234567\"}]", "address"},
        {"address", "[{\"text\":\"a\",\"postalCode\":\"123-456a\"}]", "address"},
        {"address", "[{\"text\":\"a\\u202Eb\"}]", "address"},
        {"address", "[{\"postalCode\":\"123-4567\"}]", "address"},
    };
    static eligibility_response again;
    const eligibility_response r = answer_about(&known);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fhir_problem problem;
        json_t *root = written(&r), *value = json_loads(rows[i].value, JSON_DECODE_ANY, NULL);
        assert_non_null(value);
        json_object_set_new(patient_of(root), rows[i].member, value);
        assert_int_equal(read_again(root, &again, &problem), RESULT_INVALID);
        if (strstr(problem.text, rows[i].place) == NULL)
            fail_msg("%s %s: %s", rows[i].member, rows[i].value, problem.text);
    }
}

static void today_in_japan_is_no_future(void **state) {
    (void)state;
    static eligibility_response again;
    fhir_problem problem;
    eligibility_person born = known;
    strcpy(born.birth_date, "2026-11-24");
    const eligibility_response r = answer_about(&born);
    assert_int_equal(read_again(written(&r), &again, &problem), RESULT_OK);
}

/* A name that fills its room, and one byte more. */
static void lengths_have_bounds(void **state) {
    (void)state;
    static eligibility_response again;
    fhir_problem problem;
    char text[PERSON_TEXT_SIZE + 1];
    const eligibility_response r = answer_about(&known);
    for (size_t length = PERSON_TEXT_SIZE - 1; length <= PERSON_TEXT_SIZE; length++) {
        memset(text, 'A', length);
        text[length] = 0;
        json_t *root = written(&r);
        json_object_set_new(json_array_get(json_object_get(patient_of(root), "name"), 0), "text", json_string(text));
        assert_int_equal(read_again(root, &again, &problem), length < PERSON_TEXT_SIZE ? RESULT_OK : RESULT_INVALID);
        root = written(&r);
        json_object_set_new(json_array_get(json_object_get(patient_of(root), "address"), 0), "text", json_string(text));
        assert_int_equal(read_again(root, &again, &problem), length < PERSON_TEXT_SIZE ? RESULT_OK : RESULT_INVALID);
    }
}

static void the_patient_is_the_answers(void **state) {
    (void)state;
    static eligibility_response again;
    fhir_problem problem;
    const eligibility_response r = answer_about(&known);
    json_t *root = written(&r);
    json_object_set_new(json_object_get(root, "patient"), "reference", json_string("#patient-2"));
    assert_int_equal(read_again(root, &again, &problem), RESULT_INVALID);
    root = written(&r); /* two people in one answer */
    json_array_append_new(json_object_get(root, "contained"), json_deep_copy(patient_of(root)));
    assert_int_equal(read_again(root, &again, &problem), RESULT_INVALID);
}

static void public_expenses_have_bounds(void **state) {
    (void)state;
    static eligibility_response r, again;
    fhir_problem problem;
    r = answer_about(&known);
    for (size_t i = 0; i < FHIR_PUBLIC_EXPENSES_MAX; i++)
        r.public_expenses[i] = (eligibility_public_expense){"54990017", "1234567", "難病", "2025-01-01", "", i != 2};
    r.public_expense_count = FHIR_PUBLIC_EXPENSES_MAX;
    assert_int_equal(read_again(written(&r), &again, &problem), RESULT_OK);
    assert_memory_equal(again.public_expenses, r.public_expenses, sizeof r.public_expenses);
    json_t *root = written(&r), *first = json_array_get(json_object_get(root, "contained"), 0);
    json_array_insert_new(json_object_get(root, "contained"), 0, json_deep_copy(first));
    first = json_array_get(json_object_get(root, "insurance"), 0);
    json_array_insert_new(json_object_get(root, "insurance"), 0, json_deep_copy(first));
    assert_int_equal(read_again(root, &again, &problem), RESULT_INVALID);
    r.public_expense_count++;
    buffer text = BUFFER_INIT(ROOM);
    assert_int_equal(eligibility_response_write(&r, &text), RESULT_TOO_LONG);
    buffer_wipe(&text);
}

static void texts_show_what_they_hold(void **state) {
    (void)state;
    static const char *const good[] = {"", "見本　花子", "\xF0\xA9\xB8\xBD子", "葛\xF3\xA0\x84\x80", "O'Neil-Smith Ⅱ"},
                             *const bad[] = {"a\tb",         "a\x7F",        "\xC2\x85",
                                             "\xC2\xAD",     "\xE2\x80\x8B", "\xE2\x80\xAE",
                                             "\xE2\x81\xA6", "\xEF\xBB\xBF", "\xF3\xA0\x80\xA0",
                                             "\xE2\x80",     "\xFF",         "\xEF\xBF\xBF"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(utf8_is_showable(bytes_of(good[i], strlen(good[i]))));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(utf8_is_showable(bytes_of(bad[i], strlen(bad[i]))));
    assert_false(utf8_is_showable(bytes_of("a\0b", 3)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_comes_back_as_written),
        cmocka_unit_test(an_answer_without_a_person_names_nobody),
        cmocka_unit_test(wrong_forms_are_refused),
        cmocka_unit_test(today_in_japan_is_no_future),
        cmocka_unit_test(lengths_have_bounds),
        cmocka_unit_test(the_patient_is_the_answers),
        cmocka_unit_test(public_expenses_have_bounds),
        cmocka_unit_test(texts_show_what_they_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
