/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Batches of lib/fhir: entries apart, attachments beside the JSON, answers whose every entry is signed. */
#include "fhir/attachment.h"
#include "fhir/batch_answer.h"
#include "fhir/eligibility_internal.h"
#include "fhir/outcome.h"
#include "fhir/signed_answer.h"
#include "fhir_examples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOM 65536

#define NONCE "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"

/* A batch that asks for the time is read at once, too; what is no nonce asks for nothing. */
static void a_batch_may_ask_for_the_time(void **state) {
    static const struct {
        const char *nonce, *read;
    } rows[] = {{NONCE, NONCE}, {"short", ""}, {NONCE "0", ""}, {"", ""}};
    eligibility_request one = fhir_example_request();
    const eligibility_request *requests[] = {&one};
    static eligibility_request at_once[FHIR_BATCH_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buffer text = BUFFER_INIT(ROOM);
        char nonce[TIME_BEACON_NONCE_SIZE];
        eligibility_batch *batch;
        size_t count;
        assert_int_equal(eligibility_batch_write_asking(requests, 1, rows[i].nonce, &text), RESULT_OK);
        if (i == 0)
            assert_true(eligibility_canonical_batch(buffer_bytes(&text), at_once, &count, nonce));
        for (size_t j = 0; j < FHIR_BATCH_MAX; j++)
            eligibility_request_wipe(&at_once[j]);
        for (int slow = 0; slow < 2; slow++) {
            assert_int_equal(eligibility_batch_read(buffer_bytes(&text), &batch, NULL), RESULT_OK);
            assert_int_equal(eligibility_batch_count(batch), 1);
            assert_string_equal(eligibility_batch_nonce(batch), rows[i].read);
            eligibility_batch_free(&batch);
            buffer_append_u8(&text, ' ');
        }
        buffer_wipe(&text);
    }
    eligibility_request_wipe(&one);
}

/* What terminals send goes past jansson; with a space behind it does not, and means the same. */
static void canonical_batches_are_read_alike(void **state) {
    (void)state;
    eligibility_request one = fhir_example_request(), two = fhir_example_request(), again, slowly;
    static eligibility_request at_once[FHIR_BATCH_MAX];
    const eligibility_request *both[] = {&one, &two};
    buffer text = BUFFER_INIT(ROOM);
    eligibility_batch *batch, *slow;
    size_t count;
    char nonce[TIME_BEACON_NONCE_SIZE];
    strcpy(two.patient_serial, "CN=\"認証\\局\"#01");
    strcpy(two.service_date, "2026-11-31");
    assert_int_equal(eligibility_batch_write(both, 2, &text), RESULT_OK);
    assert_true(eligibility_canonical_batch(buffer_bytes(&text), at_once, &count, nonce));
    assert_int_equal(count, 2);
    assert_string_equal(at_once[1].patient_serial, two.patient_serial);
    for (size_t i = 0; i < FHIR_BATCH_MAX; i++)
        eligibility_request_wipe(&at_once[i]);
    assert_int_equal(eligibility_batch_read(buffer_bytes(&text), &batch, NULL), RESULT_OK);
    buffer_append_u8(&text, ' ');
    assert_false(eligibility_canonical_batch(buffer_bytes(&text), at_once, &count, nonce));
    for (size_t i = 0; i < FHIR_BATCH_MAX; i++)
        eligibility_request_wipe(&at_once[i]);
    assert_int_equal(eligibility_batch_read(buffer_bytes(&text), &slow, NULL), RESULT_OK);
    for (size_t i = 0; i < 2; i++) {
        fhir_problem problem = {{0}}, slow_problem = {{0}};
        assert_int_equal(eligibility_batch_entry(batch, i, &again, &problem),
                         eligibility_batch_entry(slow, i, &slowly, &slow_problem));
        assert_string_equal(problem.text, slow_problem.text);
        assert_string_equal(again.patient_serial, slowly.patient_serial);
        assert_true(bytes_equal(buffer_bytes(&again.evidence), buffer_bytes(&slowly.evidence)));
        eligibility_request_wipe(&again);
        eligibility_request_wipe(&slowly);
    }
    eligibility_batch_free(&batch);
    eligibility_batch_free(&slow);
    buffer_wipe(&text);
    eligibility_request_wipe(&one);
    eligibility_request_wipe(&two);
}

static void batches_keep_entries_apart(void **state) {
    (void)state;
    eligibility_request one = fhir_example_request(), bad = fhir_example_request(), again;
    const eligibility_request *both[] = {&one, &bad};
    buffer text = BUFFER_INIT(ROOM);
    eligibility_batch *batch;
    fhir_problem problem = {{0}};
    strcpy(bad.service_date, "tomorrow");
    assert_int_equal(eligibility_batch_write(both, 2, &text), RESULT_OK);
    assert_int_equal(eligibility_batch_read(buffer_bytes(&text), &batch, NULL), RESULT_OK);
    assert_int_equal(eligibility_batch_count(batch), 2);
    assert_int_equal(eligibility_batch_entry(batch, 0, &again, NULL), RESULT_OK);
    eligibility_request_wipe(&again);
    assert_int_equal(eligibility_batch_entry(batch, 1, &again, &problem), RESULT_INVALID);
    assert_non_null(strstr(problem.text, "servicedDate"));
    eligibility_request_wipe(&again);
    eligibility_batch_free(&batch);
    buffer_clear(&text);
    strcpy(one.patient_serial, "\xff"); /* entry i answers entry i: none may get lost */
    assert_int_equal(eligibility_batch_write(both, 2, &text), RESULT_INVALID);
    assert_int_equal(eligibility_batch_write(both, 0, &text), RESULT_OK);
    assert_int_equal(eligibility_batch_read(buffer_bytes(&text), &batch, NULL), RESULT_INVALID);
    buffer_wipe(&text);
    eligibility_request_wipe(&one);
    eligibility_request_wipe(&bad);
}

/* Content under valueBase64Binary goes past the JSON parser, unless it is written otherwise than we write it. */
static void both_ways_of_attachments_give_the_same(void **state) {
    (void)state;
    static const struct {
        edit edit;
        result expected;
    } rows[] = {
        {{"\"servicedDate\"", "\"servicedDate\"", ""}, RESULT_OK},
        {{"\"valueBase64Binary\":\"", "\"valueBase64Binary\": \"", ""}, RESULT_OK},
        {{"\"valueBase64Binary\":\"W", "\"valueBase64Binary\":\"\\u0057", ""}, RESULT_OK},
        {{"\"valueBase64Binary\":\"W", "\"valueBase64Binary\":\"!", ""}, RESULT_INVALID},
        {{"\"valueBase64Binary\":\"W", "\"valueBase64Binary\":\"W\\\"", ""}, RESULT_INVALID},
        {{"\"valueBase64Binary\":\"W", "\"valueBase64Binary\":\"0 \",\"x\":\"W", ""}, RESULT_INVALID},
    };
    eligibility_request one = fhir_example_request(), again;
    const eligibility_request *both[] = {&one, &one};
    buffer text = BUFFER_INIT(ROOM), odd = BUFFER_INIT(ROOM);
    buffer_clear(&one.evidence);
    for (int i = 0; i < 90; i++)
        buffer_append_u8(&one.evidence, 0x5A);
    assert_int_equal(eligibility_batch_write(both, 2, &text), RESULT_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        eligibility_batch *batch;
        fhir_example_edit(&text, &rows[i].edit, &odd);
        assert_int_equal(eligibility_batch_read(buffer_bytes(&odd), &batch, NULL), RESULT_OK);
        for (size_t entry = 0; entry < 2; entry++) {
            const result code = eligibility_batch_entry(batch, entry, &again, NULL);
            assert_int_equal(code, entry == 0 ? rows[i].expected : RESULT_OK);
            assert_true(code != RESULT_OK || bytes_equal(buffer_bytes(&again.evidence), buffer_bytes(&one.evidence)));
            eligibility_request_wipe(&again);
        }
        eligibility_batch_free(&batch);
    }
    buffer_wipe(&text);
    buffer_wipe(&odd);
    eligibility_request_wipe(&one);
}

/* It names evidence that the platform has already: in either form of the batch, with evidence it is refused. */
static void a_pre_check_carries_no_evidence(void **state) {
    (void)state;
    eligibility_request with = fhir_example_request(), without = fhir_example_request(), again;
    const eligibility_request *both[] = {&with, &without};
    buffer text = BUFFER_INIT(ROOM);
    buffer_clear(&without.evidence);
    assert_int_equal(eligibility_batch_write(both, 2, &text), RESULT_OK);
    for (int form = 0; form < 2; form++) {
        eligibility_batch *batch;
        assert_int_equal(eligibility_batch_read(buffer_bytes(&text), &batch, NULL), RESULT_OK);
        for (size_t entry = 0; entry < 2; entry++) {
            fhir_problem problem = {{0}};
            assert_int_equal(eligibility_batch_pre_check(batch, entry, &again, &problem),
                             entry == 0 ? RESULT_INVALID : RESULT_OK);
            assert_true(entry == 1 || strstr(problem.text, "must be absent") != NULL);
            eligibility_request_wipe(&again);
        }
        eligibility_batch_free(&batch);
        buffer_append_u8(&text, ' '); /* read by jansson then */
    }
    buffer_wipe(&text);
    eligibility_request_wipe(&with);
    eligibility_request_wipe(&without);
}

/* One more than there is room for stays where it is, and is read there. */
static void more_attachments_than_room_stay_in_the_json(void **state) {
    (void)state;
    static const char content[] =
        "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"; /* 51 times A */
    buffer text = BUFFER_INIT(ROOM), data = BUFFER_INIT(64);
    fhir_attachments *all;
    for (int i = 0; i < 129; i++)
        buffer_append_format(&text, "%s{\"valueBase64Binary\":\"%s\"}", i == 0 ? "{\"all\":[" : ",", content);
    assert_int_equal(buffer_append_text(&text, "]}"), RESULT_OK);
    json_t *root = fhir_parse_with_attachments(buffer_bytes(&text), 64, &all, NULL);
    const json_t *list = json_object_get(root, "all");
    assert_int_equal(json_array_size(list), 129);
    for (size_t i = 0; i < 129; i++) {
        const json_t *one = json_array_get(list, i);
        const bool in_json = strcmp(json_string_value(json_object_get(one, "valueBase64Binary")), content) == 0;
        assert_int_equal(in_json, i == 128);
        buffer_clear(&data);
        assert_int_equal(fhir_attachment(all, one, &data, NULL), RESULT_OK);
        assert_int_equal(data.length, 51);
    }
    json_decref(root);
    fhir_attachments_free(&all);
    buffer_wipe(&text);
    buffer_wipe(&data);
}

/* What is read leads to what was to be signed. */
static void check_content(const eligibility_batch_answer *answer, const buffer *content) {
    buffer again = BUFFER_INIT(ROOM);
    assert_int_equal(eligibility_batch_answer_content(answer, &again), RESULT_OK);
    assert_string_equal(buffer_text(&again), buffer_text((buffer *)content));
    buffer_wipe(&again);
}

/* What the terminal compares with the signature: nothing of these, or something else than was signed. */
static bool is_signed(json_t *root, const buffer *content) {
    buffer text = BUFFER_INIT(ROOM), got = BUFFER_INIT(ROOM);
    eligibility_batch_answer *answer = NULL;
    assert_int_equal(fhir_dump(root, &text), RESULT_OK);
    const bool same = eligibility_batch_answer_read(buffer_bytes(&text), &answer, NULL) == RESULT_OK &&
                      eligibility_batch_answer_content(answer, &got) == RESULT_OK &&
                      bytes_equal(buffer_bytes(&got), buffer_bytes(content));
    eligibility_batch_answer_free(&answer);
    buffer_wipe(&text);
    buffer_wipe(&got);
    return same;
}

static json_t *entries_of(json_t *root) {
    return json_object_get(root, "entry");
}

static void swap_entries(json_t *root) {
    json_t *first = json_incref(json_array_get(entries_of(root), 0));
    json_array_remove(entries_of(root), 0);
    json_array_insert_new(entries_of(root), 1, first);
}

static void leave_one_out(json_t *root) {
    json_array_remove(entries_of(root), 2);
}

static void double_the_last(json_t *root) { /* CVE-2012-2459 */
    json_array_append_new(entries_of(root), json_deep_copy(json_array_get(entries_of(root), 2)));
}

static void change_a_status(json_t *root) {
    json_object_set_new((json_t *)fhir_at(root, "entry.1.response"), "status", json_string("201"));
}

static void change_an_answer(json_t *root) {
    json_object_set_new((json_t *)fhir_at(root, "entry.0.resource"), "disposition", json_string("another"));
}

static void edit_a_path(json_t *root) {
    json_t *extension = (json_t *)fhir_at(root, "entry.0.extension.0");
    char path[1000];
    snprintf(path, sizeof path, "%s", json_string_value(json_object_get(extension, "valueString")));
    path[10] = path[10] == '0' ? '1' : '0';
    json_object_set_new(extension, "valueString", json_string(path));
}

static void take_a_path_away(json_t *root) {
    json_object_del((json_t *)fhir_at(root, "entry.0"), "extension");
}

static void add_a_member(json_t *root) {
    json_object_set_new((json_t *)fhir_at(root, "entry.0"), "fullUrl", json_string("urn:x"));
}

static void nothing(json_t *root) {
    (void)root;
}

static void edited_batch_answers_lead_to_no_signature(void **state) {
    static const struct {
        void (*edit)(json_t *root);
        bool is_signed;
    } rows[] = {{nothing, true},          {swap_entries, false},     {leave_one_out, false},
                {double_the_last, false}, {change_a_status, false},  {change_an_answer, false},
                {edit_a_path, false},     {take_a_path_away, false}, {add_a_member, false}};
    (void)state;
    eligibility_response r = fhir_example_response();
    buffer one = BUFFER_INIT(ROOM), other = BUFFER_INIT(ROOM), refused = BUFFER_INIT(ROOM), text = BUFFER_INIT(ROOM),
           content = BUFFER_INIT(ROOM);
    assert_int_equal(answer_salt(&r), RESULT_OK);
    assert_int_equal(eligibility_response_write(&r, &one), RESULT_OK);
    r.validity = ELIGIBILITY_NONE;
    assert_int_equal(eligibility_response_write(&r, &other), RESULT_OK);
    assert_int_equal(outcome_write("conflict", "Known with other content.", &refused), RESULT_OK);
    const eligibility_outcome outcomes[] = {
        {201, buffer_bytes(&one)}, {200, buffer_bytes(&other)}, {409, buffer_bytes(&refused)}};
    assert_int_equal(eligibility_batch_answer_write(outcomes, 3, &text, &content), RESULT_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *root = fhir_parse(buffer_bytes(&text), NULL);
        rows[i].edit(root);
        if (is_signed(root, &content) != rows[i].is_signed)
            fail_msg("row %zu", i);
        json_decref(root);
    }
    buffer_wipe(&one);
    buffer_wipe(&other);
    buffer_wipe(&refused);
    buffer_wipe(&text);
    buffer_wipe(&content);
}

static void batch_answers_give_status_and_words(void **state) {
    buffer content = BUFFER_INIT(ROOM);
    (void)state;
    eligibility_response r = fhir_example_response(), again;
    buffer response = BUFFER_INIT(ROOM), outcome = BUFFER_INIT(ROOM), text = BUFFER_INIT(ROOM), odd = BUFFER_INIT(ROOM);
    eligibility_batch_answer *answer;
    fhir_problem problem = {{0}};
    int status;
    assert_int_equal(answer_salt(&r), RESULT_OK);
    assert_int_equal(eligibility_response_write(&r, &response), RESULT_OK);
    assert_int_equal(outcome_write("conflict", "Known with other content.", &outcome), RESULT_OK);
    eligibility_outcome outcomes[] = {{201, buffer_bytes(&response)}, {409, buffer_bytes(&outcome)}};
    assert_int_equal(eligibility_batch_answer_write(outcomes, 2, &text, &content), RESULT_OK);
    assert_int_equal(eligibility_batch_answer_read(buffer_bytes(&text), &answer, NULL), RESULT_OK);
    assert_int_equal(eligibility_batch_answer_entry(answer, 0, &status, &again, NULL), RESULT_OK);
    assert_int_equal(status, 201);
    assert_int_equal(eligibility_batch_answer_entry(answer, 1, &status, &again, &problem), RESULT_OK);
    assert_int_equal(status, 409);
    assert_string_equal(problem.text, "Known with other content.");
    check_content(answer, &content);
    eligibility_batch_answer_free(&answer);
    static const edit words = {"\"status\":\"201\"", "\"status\":\"201 Created\"", ""};
    fhir_example_edit(&text, &words, &odd);
    assert_int_equal(eligibility_batch_answer_read(buffer_bytes(&odd), &answer, NULL), RESULT_OK);
    assert_int_equal(eligibility_batch_answer_entry(answer, 0, &status, &again, NULL), RESULT_INVALID);
    eligibility_batch_answer_free(&answer);
    outcomes[1].resource = bytes_of("{", 1);
    buffer_clear(&text);
    assert_int_equal(eligibility_batch_answer_write(outcomes, 2, &text, &content), RESULT_INVALID);
    buffer_wipe(&content);
    buffer_wipe(&response);
    buffer_wipe(&outcome);
    buffer_wipe(&text);
    buffer_wipe(&odd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_may_ask_for_the_time),
        cmocka_unit_test(canonical_batches_are_read_alike),
        cmocka_unit_test(batches_keep_entries_apart),
        cmocka_unit_test(both_ways_of_attachments_give_the_same),
        cmocka_unit_test(a_pre_check_carries_no_evidence),
        cmocka_unit_test(more_attachments_than_room_stay_in_the_json),
        cmocka_unit_test(edited_batch_answers_lead_to_no_signature),
        cmocka_unit_test(batch_answers_give_status_and_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
