/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the platform signs of an answer: it names nobody and nothing can be guessed from it; it is read in one form
 * alone, and nobody takes it for an answer. */
#include "base/hex.h"
#include "fhir/batch_answer.h"
#include "fhir/eligibility_internal.h"
#include "fhir/hex_list.h"
#include "fhir/signed_answer.h"
#include "fhir_examples.h"
#include "signed_answer_examples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* --- what it does not say ----------------------------------------------------------------------------------------- */

static void it_names_neither_patient_nor_coverage(void **state) {
    static const char *const secrets[] = {
        "見本",    "ミホン",    "1985-04-12", "female",    "000-0001",  "例示県",    "健康保険組合", "06130012",
        "記号",    "187",       "2026-04-01", "0.3",       "資格あり",  "validity",  "Patient",      "\"Coverage\"",
        "inforce", "valueCode", "as-of",      "contained", "insurance", "clock-off", "salts"};
    (void)state;
    eligibility_response r = example_answer();
    strcpy(r.clock_warning, "clock-off");
    buffer form = BUFFER_INIT(ROOM);
    example_form(&r, &form);
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        if (example_holds(&form, secrets[i]))
            fail_msg("it says %s", secrets[i]);
    for (size_t i = 0; i < r.salt_count; i++) {
        char salt[2 * FHIR_SALT_LENGTH + 1];
        hex_encode(BYTES(r.salts[i]), salt, sizeof salt);
        assert_false(example_holds(&form, salt));
    }
    assert_true(example_holds(&form, r.evidence_id) && example_holds(&form, r.link_id) &&
                example_holds(&form, r.patient_serial));
    buffer_wipe(&form);
}

/* One coverage, several, a person or nobody: as many digests, so that their number is no answer either. */
static void the_number_of_digests_says_nothing(void **state) {
    (void)state;
    for (size_t coverages = 0; coverages <= 2; coverages++)
        for (size_t expenses = 0; expenses <= FHIR_PUBLIC_EXPENSES_MAX; expenses++) {
            const bool named = coverages + expenses > 0;
            eligibility_response r = fhir_example_response();
            signed_answer form;
            buffer text = BUFFER_INIT(ROOM);
            r.coverages[1] = r.coverages[0];
            r.coverage_count = coverages;
            r.public_expense_count = expenses;
            for (size_t i = 0; i < expenses; i++)
                r.public_expenses[i] = (eligibility_public_expense){"54136015", "", "公費", "2026-01-01", "", true};
            if (named)
                r.person = example_person;
            assert_int_equal(answer_salt(&r), RESULT_OK);
            example_form(&r, &text);
            assert_int_equal(signed_answer_read(buffer_bytes(&text), &form, NULL), RESULT_OK);
            assert_int_equal(form.digest_count, ANSWER_DIGESTS_STEP);
            buffer_wipe(&text);
        }
    assert_int_equal(answer_salts_needed(0), 8);
    assert_int_equal(answer_salts_needed(7), 8);
    assert_int_equal(answer_salts_needed(8), 16);
    assert_int_equal(answer_salts_needed(FHIR_CONTAINED_MAX), FHIR_SALTS_MAX);
}

/* Whoever guesses a part right, has no salt, or another part's: nothing shows that the guess was right. */
static void right_guesses_do_not_show(void **state) {
    (void)state;
    eligibility_response r = example_answer();
    assert_int_equal(answer_salt(&r), RESULT_OK); /* at random */
    static const uint8_t zero[FHIR_SALT_LENGTH];
    static eligibility_response read;
    buffer full = BUFFER_INIT(ROOM), form = BUFFER_INIT(ROOM);
    answer_parts parts = ANSWER_PARTS_INIT;
    example_form(&r, &form);
    assert_int_equal(eligibility_response_write(&r, &full), RESULT_OK);
    assert_int_equal(eligibility_parts_read(buffer_bytes(&full), &read, &parts, NULL), RESULT_OK);
    assert_int_equal(parts.count, 2);
    for (size_t i = 0; i <= parts.count; i++) {
        const bytes part = i == 0 ? buffer_bytes(&parts.own) : parts.contained[i - 1];
        uint8_t digest[CRYPT_SHA256_LENGTH];
        char hex[2 * CRYPT_SHA256_LENGTH + 1];
        assert_int_equal(crypt_sha256(part, digest), RESULT_OK);
        hex_encode(BYTES(digest), hex, sizeof hex);
        assert_false(example_holds(&form, hex));
        assert_int_equal(answer_part_digest(zero, part, digest), RESULT_OK);
        hex_encode(BYTES(digest), hex, sizeof hex);
        assert_false(example_holds(&form, hex));
        for (size_t salt = 0; salt < r.salt_count; salt++) {
            assert_int_equal(answer_part_digest(r.salts[salt], part, digest), RESULT_OK);
            hex_encode(BYTES(digest), hex, sizeof hex);
            assert_int_equal(example_holds(&form, hex), salt == i);
        }
    }
    answer_parts_wipe(&parts);
    buffer_wipe(&full);
    buffer_wipe(&form);
}

/* The same words twice, and no digest of one answer is in the other. */
static void salts_are_new_for_each_answer(void **state) {
    (void)state;
    static signed_answer forms[2];
    eligibility_response r = example_answer();
    for (int i = 0; i < 2; i++) {
        buffer text = BUFFER_INIT(ROOM);
        assert_int_equal(answer_salt(&r), RESULT_OK);
        example_form(&r, &text);
        assert_int_equal(signed_answer_read(buffer_bytes(&text), &forms[i], NULL), RESULT_OK);
        buffer_wipe(&text);
    }
    for (size_t i = 0; i < forms[0].digest_count; i++)
        for (size_t j = 0; j < forms[1].digest_count; j++)
            assert_memory_not_equal(forms[0].digests[i], forms[1].digests[j], CRYPT_SHA256_LENGTH);
}

/* --- the form alone ----------------------------------------------------------------------------------------------- */

static void only_the_form_itself_is_read(void **state) {
    static const edit edits[] = {
        {"{\"created\"", "{\"contained\":[],\"created\"", ""},
        {"\"status\":\"active\"}", "\"status\":\"active\",\"x\":1}", ""},
        {"\"status\":\"active\"}", "\"status\":\"active\"} ", ""},
        {"signed-answer-2", "signed-answer-1", ""},
        {"\"meta\":{\"profile\":[\"urn:uketsuke:signed-answer-2\"]},", "", ""},
        {"\"created\":\"2", "\"created\":\"x", ""},
        {"\"servicedDate\":\"2026-11-24\"", "\"servicedDate\":\"2026-11-31\"", ""},
        {"\"request\":{\"identifier\":{\"system\":\"urn:uketsuke:evidence-id\",\"value\":\"0",
         "\"request\":{\"identifier\":{\"system\":\"urn:uketsuke:evidence-id\",\"value\":\"1", ""},
        {"urn:uketsuke:answer-digests\",\"valueString\":\"", "urn:uketsuke:answer-digests\",\"valueString\":\" ", ""},
        {"urn:uketsuke:answer-digests", "urn:uketsuke:answer-digest", ""},
        {"\"disposition\"", "\"disposition\"", "not there"},
    };
    (void)state;
    const eligibility_response r = example_answer();
    signed_answer read;
    fhir_problem problem = {{0}};
    buffer form = BUFFER_INIT(ROOM), changed = BUFFER_INIT(ROOM);
    example_form(&r, &form);
    assert_int_equal(signed_answer_read(buffer_bytes(&form), &read, NULL), RESULT_OK);
    assert_string_equal(read.evidence_id, r.evidence_id);
    assert_string_equal(read.patient_serial, r.patient_serial);
    assert_string_equal(read.service_date, r.service_date);
    assert_string_equal(read.created, r.created);
    assert_string_equal(read.link_id, r.link_id);
    for (size_t i = 0; edits[i].place[0] == 0; i++) {
        fhir_example_edit(&form, &edits[i], &changed);
        if (signed_answer_read(buffer_bytes(&changed), &read, &problem) != RESULT_INVALID)
            fail_msg("row %zu", i);
    }
    buffer_clear(&changed);
    assert_int_equal(eligibility_response_write(&r, &changed), RESULT_OK);
    problem = (fhir_problem){{0}};
    assert_int_equal(signed_answer_read(buffer_bytes(&changed), &read, &problem), RESULT_INVALID);
    assert_non_null(strstr(problem.text, "neither the patient nor the coverage"));
    buffer_wipe(&form);
    buffer_wipe(&changed);
}

/* The platform's signature over the form proves no answer: nobody takes the form for one. */
static void the_form_is_no_answer(void **state) {
    (void)state;
    static eligibility_response read;
    const eligibility_response r = example_answer();
    buffer form = BUFFER_INIT(ROOM), again = BUFFER_INIT(ROOM);
    example_form(&r, &form);
    assert_int_equal(eligibility_response_read(buffer_bytes(&form), &read, NULL), RESULT_INVALID);
    assert_int_equal(signed_answer_of(buffer_bytes(&form), &again, NULL), RESULT_INVALID);
    buffer_wipe(&form);
    buffer_wipe(&again);
}

/* An answer of the form before is read, and named when it would have to be proven. */
static void answers_of_the_form_before_are_named(void **state) {
    (void)state;
    static eligibility_response read;
    eligibility_response r = example_answer();
    fhir_problem problem = {{0}};
    buffer text = BUFFER_INIT(ROOM), form = BUFFER_INIT(ROOM), content = BUFFER_INIT(ROOM);
    r.salt_count = 0;
    assert_int_equal(eligibility_response_write(&r, &text), RESULT_OK);
    assert_int_equal(eligibility_response_read(buffer_bytes(&text), &read, NULL), RESULT_OK);
    assert_string_equal(read.person.name, example_person.name);
    assert_int_equal(signed_answer_of(buffer_bytes(&text), &form, &problem), RESULT_UNSUPPORTED);
    assert_non_null(strstr(problem.text, "form before"));
    const eligibility_outcome outcome = {201, buffer_bytes(&text)};
    assert_int_equal(eligibility_batch_answer_write(&outcome, 1, &form, &content), RESULT_UNSUPPORTED);
    buffer_wipe(&text);
    buffer_wipe(&form);
    buffer_wipe(&content);
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

static void lists_have_one_text(void **state) {
    static const char *const wrong[] = {"",       " ",      "0",     "00 1",  "00 01 ",
                                        " 00 01", "00  01", "00,01", "0a 01", "00 01 02 03"};
    uint8_t items[3] = {0};
    char text[HEX_LIST_SIZE(3, 1)];
    size_t count;
    (void)state;
    assert_int_equal(hex_list_read("00 0A FF", items, 1, 3, &count), RESULT_OK);
    assert_true(count == 3 && items[1] == 10 && items[2] == 255);
    hex_list_write(items, 1, 3, text, sizeof text);
    assert_string_equal(text, "00 0A FF");
    hex_list_write(items, 1, 3, text, sizeof text - 1);
    assert_string_equal(text, "");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (hex_list_read(wrong[i], items, 1, 3, &count) != RESULT_INVALID)
            fail_msg("\"%s\" is read", wrong[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_names_neither_patient_nor_coverage),
        cmocka_unit_test(the_number_of_digests_says_nothing),
        cmocka_unit_test(right_guesses_do_not_show),
        cmocka_unit_test(salts_are_new_for_each_answer),
        cmocka_unit_test(only_the_form_itself_is_read),
        cmocka_unit_test(the_form_is_no_answer),
        cmocka_unit_test(answers_of_the_form_before_are_named),
        cmocka_unit_test(lists_have_one_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
