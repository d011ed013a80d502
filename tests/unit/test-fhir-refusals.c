/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/fhir, message by message and member by member: each member taken out, or of another type, is refused with its
 * name; what is refused can always be worded as an OperationOutcome; texts, numbers and batches at their bounds;
 * canonical bytes. */
#include "fhir/eligibility.h"
#include "fhir/institution_exchange.h"
#include "fhir/outcome.h"
#include "fhir/reconcile_slot.h"
#include "fhir/time_beacon.h"
#include "fhir/visit.h"
#include "fhir_examples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOM (1 << 20)
#define FUZZ_ROUNDS 10000

/* --- every message: how a good one is written and read ------------------------------------------------------------ */

static void write_request(buffer *text) {
    eligibility_request r = fhir_example_request();
    assert_int_equal(eligibility_request_write(&r, text), RESULT_OK);
    eligibility_request_wipe(&r);
}

static result read_request(bytes text, fhir_problem *problem) {
    eligibility_request r;
    result code = eligibility_request_read(text, &r, problem);
    eligibility_request_wipe(&r);
    return code;
}

static void write_response(buffer *text) {
    eligibility_response r = fhir_example_response();
    assert_int_equal(eligibility_response_write(&r, text), RESULT_OK);
}

static result read_response(bytes text, fhir_problem *problem) {
    eligibility_response r;
    return eligibility_response_read(text, &r, problem);
}

static void write_record(buffer *text) {
    visit_record r = fhir_example_record();
    assert_int_equal(visit_record_write(&r, text), RESULT_OK);
    visit_record_wipe(&r);
}

static result read_record(bytes text, fhir_problem *problem) {
    visit_record r;
    buffer encounter = BUFFER_INIT(FHIR_ENCOUNTER_MAX);
    result code = visit_record_read(text, &r, &encounter, problem);
    buffer_wipe(&encounter);
    visit_record_wipe(&r);
    return code;
}

static void write_receipt(buffer *text) {
    visit_receipt r = {ID, ID, "0123", "", TIME};
    memset(r.content_hash, 'A', sizeof r.content_hash - 1);
    assert_int_equal(visit_receipt_write(&r, text), RESULT_OK);
}

static result read_receipt(bytes text, fhir_problem *problem) {
    visit_receipt r;
    return visit_receipt_read(text, &r, problem);
}

static void write_institution_request(buffer *text) {
    institution_request r = {"CARD-ID-00000001", "00112233445566778899AABBCCDDEEFF", "1312345678", "T-01"};
    assert_int_equal(institution_request_write(&r, text), RESULT_OK);
}

static result read_institution_request(bytes text, fhir_problem *problem) {
    institution_request r;
    return institution_request_read(text, &r, problem);
}

static void write_institution_answer(buffer *text) {
    institution_answer a = {.session = ID, .holder_reference = "00112233445566778899AABBCCDDEEFF", .expires = TIME};
    memset(a.nonce, '0', sizeof a.nonce - 1);
    assert_int_equal(institution_answer_write(&a, text), RESULT_OK);
}

static result read_institution_answer(bytes text, fhir_problem *problem) {
    institution_answer a;
    return institution_answer_read(text, &a, problem);
}

static void write_beacon(buffer *text) {
    time_beacon b = {.at_ms = 1795564931000};
    memset(b.nonce, 'A', sizeof b.nonce - 1);
    assert_int_equal(time_beacon_write(&b, text), RESULT_OK);
}

static result read_beacon(bytes text, fhir_problem *problem) {
    time_beacon b;
    return time_beacon_read(text, &b, problem);
}

static void write_slot(buffer *text) {
    const reconcile_slot slot = {.institution_code = "1312345678", .not_before = 1795564931, .not_after = 1795564991};
    assert_int_equal(reconcile_slot_write(&slot, text), RESULT_OK);
}

static result read_slot(bytes text, fhir_problem *problem) {
    reconcile_slot slot;
    return reconcile_slot_read(text, &slot, problem);
}

typedef struct message {
    const char *name;
    void (*write)(buffer *text);
    result (*read)(bytes text, fhir_problem *problem);
    const char *optional; /* paths that may be absent, or that are not read: " path path " */
} message;

static const message messages[] = {
    {"request", write_request, read_request, " "},
    {"response", write_response, read_response,
     " contained.0.beneficiary contained.0.beneficiary.reference contained.0.extension.0.url"
     " contained.0.extension.2.url contained.0.extension.4.url contained.0.extension.5.url"
     " contained.0.extension.5.valueBoolean contained.0.extension.6.url contained.0.period.end"
     " contained.0.relationship.coding.0.system contained.0.status contained.0.subscriberId"
     " contained.1.beneficiary contained.1.beneficiary.reference contained.1.period.end contained.1.status"
     " contained.1.subscriberId contained.2.address contained.2.address.0.country contained.2.address.0.postalCode"
     " contained.2.name.0.use contained.2.name.1.extension contained.2.name.1.extension.0.url"
     " contained.2.name.1.extension.0.valueCode contained.2.name.1.text contained.2.name.1.use"
     " extension.2.url servicedDate "},
    {"record", write_record, read_record,
     " entry.0.resource.subject"
     " entry.1.resource.recorded entry.1.resource.signature.0.type entry.1.resource.signature.0.type.0.code"
     " entry.1.resource.signature.0.type.0.system entry.1.resource.signature.0.when "},
    {"receipt", write_receipt, read_receipt, " "},
    {"institution request", write_institution_request, read_institution_request, " "},
    {"institution answer", write_institution_answer, read_institution_answer, " "},
    {"beacon", write_beacon, read_beacon, " "},
    {"slot", write_slot, read_slot, " maxBatch "},
};
#define MESSAGE_COUNT (sizeof messages / sizeof *messages)

/* --- each member -------------------------------------------------------------------------------------------------- */

static json_t *parsed(const message *m) {
    buffer text = BUFFER_INIT(ROOM);
    m->write(&text);
    json_t *root = fhir_parse(buffer_bytes(&text), NULL);
    assert_non_null(root);
    buffer_wipe(&text);
    return root;
}

static bool may_be_absent(const message *m, const char *path) {
    char word[240];
    snprintf(word, sizeof word, " %s ", path);
    return strstr(m->optional, word) != NULL;
}

/* Whatever is refused is refused in words that an OperationOutcome can carry to the other side. */
static void check_words(const fhir_problem *problem) {
    buffer outcome = BUFFER_INIT(ROOM);
    char words[FHIR_PROBLEM_MAX];
    assert_int_not_equal(problem->text[0], 0);
    if (outcome_write("invalid", problem->text, &outcome) != RESULT_OK)
        fail_msg("no outcome can say: %s", problem->text);
    outcome_read(buffer_bytes(&outcome), words, sizeof words);
    assert_string_equal(words, problem->text);
    buffer_wipe(&outcome);
}

/* Reads the message as it stands now: it must be refused, unless the member is optional. */
static void check_refused(const message *m, const json_t *root, const char *path, const char *what) {
    buffer text = BUFFER_INIT(ROOM);
    fhir_problem problem = {{0}};
    assert_int_equal(fhir_dump(root, &text), RESULT_OK);
    result code = m->read(buffer_bytes(&text), &problem);
    if (code != RESULT_OK)
        check_words(&problem);
    else if (!may_be_absent(m, path))
        fail_msg("%s taken with %s %s", m->name, path, what);
    buffer_wipe(&text);
}

/* replacement NULL: the member is taken out. */
static void change_member(const message *m, const json_t *root, const char *parent, const char *key,
                          json_t *replacement, const char *path) {
    json_t *copy = json_deep_copy(root);
    json_t *here = (json_t *)(uintptr_t)fhir_at(copy, parent);
    assert_non_null(here);
    if (replacement == NULL)
        json_object_del(here, key);
    else
        json_object_set_new(here, key, replacement);
    check_refused(m, copy, path, replacement == NULL ? "absent" : "of another type");
    json_decref(copy);
}

static void change_members(const message *m, const json_t *root, json_t *here, const char *path) {
    const char *key;
    json_t *value;
    json_object_foreach(here, key, value) {
        char deeper[160];
        snprintf(deeper, sizeof deeper, "%s%s%s", path, *path != 0 ? "." : "", key);
        change_member(m, root, path, key, NULL, deeper);
        change_member(m, root, path, key, json_is_string(value) ? json_integer(1) : json_string("text"), deeper);
        change_members(m, root, value, deeper);
        for (size_t i = 0; i < json_array_size(value); i++) {
            char element[200];
            snprintf(element, sizeof element, "%s.%zu", deeper, i);
            change_members(m, root, json_array_get(value, i), element);
        }
    }
}

static void each_member_counts(void **state) {
    (void)state;
    for (size_t i = 0; i < MESSAGE_COUNT; i++) {
        json_t *root = parsed(&messages[i]);
        change_members(&messages[i], root, root, "");
        json_decref(root);
    }
}

/* --- bounds ------------------------------------------------------------------------------------------------------- */

static void numbers_are_written_short(void **state) {
    (void)state;
    static const struct {
        int permille;
        const char *text;
    } rows[] = {{0, ":0.0}"},   {1, ":0.001}"},   {100, ":0.1}"}, {200, ":0.2}"},
                {300, ":0.3}"}, {305, ":0.305}"}, {1000, ":1.0}"}};
    buffer text = BUFFER_INIT(ROOM);
    eligibility_response r = fhir_example_response(), again;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char member[64];
        snprintf(member, sizeof member, "\"valueDecimal\"%s", rows[i].text);
        r.coverages[0].burden_permille = rows[i].permille;
        buffer_clear(&text);
        assert_int_equal(eligibility_response_write(&r, &text), RESULT_OK);
        assert_non_null(strstr(buffer_text(&text), member));
    }
    for (r.coverages[0].burden_permille = 0; r.coverages[0].burden_permille <= 1000; r.coverages[0].burden_permille++) {
        buffer_clear(&text);
        assert_int_equal(eligibility_response_write(&r, &text), RESULT_OK);
        assert_int_equal(eligibility_response_read(buffer_bytes(&text), &again, NULL), RESULT_OK);
        assert_int_equal(again.coverages[0].burden_permille, r.coverages[0].burden_permille);
    }
    buffer_wipe(&text);
}

static void responses_hold_no_more_coverages_than_there_is_room(void **state) {
    (void)state;
    buffer text = BUFFER_INIT(ROOM);
    eligibility_response r = fhir_example_response(), again;
    r.person = (eligibility_person){.sex = SEX_UNKNOWN};
    r.public_expense_count = 0;
    for (size_t i = 1; i < FHIR_COVERAGES_MAX; i++)
        r.coverages[i] = r.coverages[0];
    memset(r.coverages[2].to, 0, sizeof r.coverages[2].to);
    r.coverages[3].in_force = r.coverages[3].family = false;
    r.coverage_count = FHIR_COVERAGES_MAX;
    r.validity = ELIGIBILITY_SEVERAL;
    assert_int_equal(eligibility_response_write(&r, &text), RESULT_OK);
    assert_int_equal(eligibility_response_read(buffer_bytes(&text), &again, NULL), RESULT_OK);
    assert_memory_equal(&again.coverages, &r.coverages, sizeof r.coverages);
    json_t *root = fhir_parse(buffer_bytes(&text), NULL);
    fhir_problem problem = {{0}};
    for (int i = 0; i < 2; i++) {
        json_t *list = json_object_get(root, i == 0 ? "contained" : "insurance");
        json_array_append_new(list, json_deep_copy(json_array_get(list, 0)));
    }
    buffer_clear(&text);
    assert_int_equal(fhir_dump_and_free(root, &text), RESULT_OK);
    assert_int_equal(eligibility_response_read(buffer_bytes(&text), &again, &problem), RESULT_INVALID);
    assert_non_null(strstr(problem.text, "at most 16"));
    r.coverage_count++;
    assert_int_equal(eligibility_response_write(&r, &text), RESULT_TOO_LONG);
    buffer_wipe(&text);
}

static void texts_fill_their_room_and_no_more(void **state) {
    (void)state;
    static const char controls[] = "\x01\x1F\x7F";
    char text[16];
    fhir_problem problem = {{0}};
    json_t *root = json_pack("{s:s,s:s}", "full", "123456789012345", "over", "1234567890123456");
    assert_int_equal(fhir_text(root, "full", text, sizeof text, &problem), RESULT_OK);
    assert_string_equal(text, "123456789012345");
    assert_int_equal(fhir_text(root, "over", text, sizeof text, &problem), RESULT_INVALID);
    assert_string_equal(problem.text, "over: must have 1 to 15 bytes and no control characters");
    assert_string_equal(text, "");
    for (size_t i = 0; i < sizeof controls; i++) { /* the last one is NUL */
        json_object_set_new(root, "control", json_stringn(&controls[i], 1));
        assert_int_equal(fhir_text(root, "control", text, sizeof text, NULL), RESULT_INVALID);
    }
    assert_int_equal(fhir_optional_text(root, "absent", text, sizeof text, NULL), RESULT_OK);
    json_object_set_new(root, "absent", json_null());
    assert_int_equal(fhir_optional_text(root, "absent", text, sizeof text, NULL), RESULT_INVALID);
    json_decref(root);
}

static void batches_hold_1_to_100_requests(void **state) {
    (void)state;
    eligibility_request r = fhir_example_request();
    const eligibility_request *many[FHIR_BATCH_MAX + 1];
    buffer text = BUFFER_INIT(ROOM);
    eligibility_batch *batch;
    for (size_t i = 0; i < FHIR_BATCH_MAX + 1; i++)
        many[i] = &r;
    static const size_t counts[] = {0, 1, FHIR_BATCH_MAX, FHIR_BATCH_MAX + 1};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        fhir_problem problem = {{0}};
        bool good = counts[i] >= 1 && counts[i] <= FHIR_BATCH_MAX;
        buffer_clear(&text);
        assert_int_equal(eligibility_batch_write(many, counts[i], &text), RESULT_OK);
        assert_int_equal(eligibility_batch_read(buffer_bytes(&text), &batch, &problem),
                         good ? RESULT_OK : RESULT_INVALID);
        if (good)
            assert_int_equal(eligibility_batch_count(batch), counts[i]);
        else
            assert_string_equal(problem.text, "entry: must be 1 to 100 entries");
        eligibility_batch_free(&batch);
    }
    eligibility_request_wipe(&r);
    buffer_wipe(&text);
}

static void evidence_is_bounded(void **state) {
    (void)state;
    eligibility_request r = fhir_example_request(), again;
    buffer text = BUFFER_INIT(ROOM);
    fhir_problem problem = {{0}};
    assert_non_null(buffer_extend(&r.evidence, FHIR_EVIDENCE_MAX - r.evidence.length));
    assert_int_equal(eligibility_request_write(&r, &text), RESULT_OK);
    assert_int_equal(eligibility_request_read(buffer_bytes(&text), &again, &problem), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&r.evidence), buffer_bytes(&again.evidence)));
    eligibility_request_wipe(&again);
    r.evidence.bound++;
    assert_int_equal(buffer_append_u8(&r.evidence, 0), RESULT_OK);
    buffer_clear(&text);
    assert_int_equal(eligibility_request_write(&r, &text), RESULT_OK);
    assert_int_equal(eligibility_request_read(buffer_bytes(&text), &again, &problem), RESULT_INVALID);
    assert_non_null(strstr(problem.text, "valueBase64Binary"));
    eligibility_request_wipe(&again);
    eligibility_request_wipe(&r);
    buffer_wipe(&text);
}

/* --- words and canonical bytes ------------------------------------------------------------------------------------ */

static void outcomes_without_words_get_a_sentence(void **state) {
    (void)state;
    static const char *const without[] = {"",
                                          "{",
                                          "[]",
                                          "{}",
                                          "<html>",
                                          "{\"issue\":[]}",
                                          "{\"issue\":[{\"details\":{\"text\":7}}]}",
                                          "{\"issue\":[{\"details\":{\"text\":\"a\\u001b[2Jb\"}}]}"};
    char words[64];
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        outcome_read(bytes_of(without[i], strlen(without[i])), words, sizeof words);
        assert_string_equal(words, "the service gave no reason");
    }
}

/* jansson quotes what it could not read. */
static void quotations_are_printable(void **state) {
    (void)state;
    static const char *const bad[] = {"{\"a\":\x01}",
                                      "{\"a\":\"b\nc\"}",
                                      "{\"a\":\"\x1b[2J\"}",
                                      "{\x7F}",
                                      "{\"a\":\"1\\\xe3\x81\x82\"}",
                                      "{\"あいうえおかきくけこ\":あ}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fhir_problem problem = {{0}};
        assert_null(fhir_parse(bytes_of(bad[i], strlen(bad[i])), &problem));
        check_words(&problem);
    }
}

static void canonical_bytes_do_not_depend_on_the_sender(void **state) {
    (void)state;
    static const char sent[] = "{ \"b\" : [ 1 , {\"y\":true,\"x\":null} ],\r\n\t\"a\" : \"\\u533B\\/\" }";
    static const char canonical[] = "{\"a\":\"医/\",\"b\":[1,{\"x\":null,\"y\":true}]}";
    buffer text = BUFFER_INIT(100), tight = BUFFER_INIT(sizeof canonical - 2);
    json_t *root = fhir_parse(bytes_of(sent, sizeof sent - 1), NULL);
    assert_int_equal(fhir_dump(root, &text), RESULT_OK);
    assert_string_equal(buffer_text(&text), canonical);
    assert_int_equal(fhir_dump(root, &tight), RESULT_TOO_LONG);
    json_decref(root);
    buffer_wipe(&text);
    buffer_wipe(&tight);
}

/* --- random damage ------------------------------------------------------------------------------------------------ */

static void damage(buffer *text) {
    static const char *const pieces[] = {"\"",      "{",  "}",    "[",   "]",    ",",  ":",
                                         "\\u0000", "\\", "null", "1e9", "\x80", "あ", "\n"};
    for (int changes = 1 + rand() % 3; changes > 0 && text->length > 0; changes--) {
        size_t at = (size_t)rand() % text->length;
        const char *piece = pieces[(size_t)rand() % (sizeof pieces / sizeof *pieces)];
        if (rand() % 8 == 0)
            buffer_truncate(text, at);
        else if (rand() % 2 == 0)
            text->data[at] = (uint8_t)rand();
        else
            for (size_t i = 0; piece[i] != 0 && at + i < text->length; i++)
                text->data[at + i] = (uint8_t)piece[i];
    }
}

static void damaged_messages_are_read_or_refused_in_words(void **state) {
    (void)state;
    int refused = 0;
    srand(20261124);
    for (int round = 0; round < FUZZ_ROUNDS; round++) {
        const message *m = &messages[(size_t)round % MESSAGE_COUNT];
        buffer text = BUFFER_INIT(ROOM);
        fhir_problem problem = {{0}};
        m->write(&text);
        damage(&text);
        result code = m->read(buffer_bytes(&text), &problem);
        assert_int_equal(code == RESULT_OK, problem.text[0] == 0);
        if (code != RESULT_OK)
            check_words(&problem);
        refused += code != RESULT_OK;
        buffer_wipe(&text);
    }
    assert_in_range(refused, FUZZ_ROUNDS / 2, FUZZ_ROUNDS - 1); /* both outcomes happen, or nothing was tried */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_member_counts),
        cmocka_unit_test(numbers_are_written_short),
        cmocka_unit_test(responses_hold_no_more_coverages_than_there_is_room),
        cmocka_unit_test(texts_fill_their_room_and_no_more),
        cmocka_unit_test(batches_hold_1_to_100_requests),
        cmocka_unit_test(evidence_is_bounded),
        cmocka_unit_test(outcomes_without_words_get_a_sentence),
        cmocka_unit_test(quotations_are_printable),
        cmocka_unit_test(canonical_bytes_do_not_depend_on_the_sender),
        cmocka_unit_test(damaged_messages_are_read_or_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
