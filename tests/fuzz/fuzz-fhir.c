/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every message between terminal and services, read by every reader; what is read is written again and means
 * the same. */
#include "fhir-seeds.h"
#include "fuzz.h"

#include "fhir/batch_answer.h"
#include "fhir/institution_exchange.h"
#include "fhir/outcome.h"
#include "fhir/signed_answer.h"
#include "fhir/visit.h"
#include "fhir/visit_batch.h"

#include <string.h>

#define TEXT_MAX 8000000

/* Writes what was read, reads that, writes it again: the same. FREE: what gives a message's memory back. */
#define CHECK_ROUND_TRIP(type, text, FREE)                                                                             \
    do {                                                                                                               \
        static type first, second;                                                                                     \
        fhir_problem problem = {""};                                                                                   \
        if (type##_read((text), &first, &problem) == RESULT_OK) {                                                      \
            buffer once = BUFFER_INIT(TEXT_MAX), twice = BUFFER_INIT(TEXT_MAX);                                        \
            FUZZ_REQUIRE(*problem.text == 0);                                                                          \
            FUZZ_REQUIRE(type##_write(&first, &once) == RESULT_OK);                                                    \
            FUZZ_REQUIRE(type##_read(buffer_bytes(&once), &second, &problem) == RESULT_OK);                            \
            FUZZ_REQUIRE(type##_write(&second, &twice) == RESULT_OK);                                                  \
            FUZZ_REQUIRE(bytes_equal(buffer_bytes(&once), buffer_bytes(&twice)));                                      \
            buffer_wipe(&once);                                                                                        \
            buffer_wipe(&twice);                                                                                       \
            FREE(&second);                                                                                             \
        } else {                                                                                                       \
            FUZZ_REQUIRE(*problem.text != 0 && memchr(problem.text, 0, sizeof problem.text) != NULL);                  \
        }                                                                                                              \
        FREE(&first);                                                                                                  \
    } while (0)

#define NOTHING_TO_FREE(message) ((void)(message))

/* A batch that is read past jansson says the same as through it: a space behind it makes the difference. */
static void compare_batches(bytes text, const eligibility_batch *batch) {
    static eligibility_request one, two;
    eligibility_batch *slow = NULL;
    fhir_problem first = {""}, second = {""};
    buffer spaced = BUFFER_INIT(text.length + 1);
    buffer_append(&spaced, text);
    buffer_append_u8(&spaced, ' ');
    FUZZ_REQUIRE(eligibility_batch_read(buffer_bytes(&spaced), &slow, &first) == RESULT_OK);
    FUZZ_REQUIRE(eligibility_batch_count(slow) == eligibility_batch_count(batch));
    FUZZ_REQUIRE(strcmp(eligibility_batch_nonce(slow), eligibility_batch_nonce(batch)) == 0);
    for (size_t i = 0; i < eligibility_batch_count(batch); i++) {
        first = second = (fhir_problem){""};
        result code = eligibility_batch_entry(batch, i, &one, &first);
        FUZZ_REQUIRE(code == eligibility_batch_entry(slow, i, &two, &second));
        FUZZ_REQUIRE(strcmp(first.text, second.text) == 0);
        FUZZ_REQUIRE(code != RESULT_OK || (strcmp(one.patient_serial, two.patient_serial) == 0 &&
                                           strcmp(one.institution_code, two.institution_code) == 0 &&
                                           strcmp(one.evidence_id, two.evidence_id) == 0 &&
                                           bytes_equal(buffer_bytes(&one.evidence), buffer_bytes(&two.evidence))));
        eligibility_request_wipe(&one);
        eligibility_request_wipe(&two);
    }
    eligibility_batch_free(&slow);
    buffer_wipe(&spaced);
}

static void read_batch(bytes text) {
    static eligibility_request request;
    eligibility_batch *batch = NULL;
    fhir_problem problem = {""};
    if (eligibility_batch_read(text, &batch, &problem) != RESULT_OK)
        return;
    FUZZ_REQUIRE(eligibility_batch_count(batch) <= FHIR_BATCH_MAX);
    compare_batches(text, batch);
    for (size_t i = 0; i < eligibility_batch_count(batch); i++) {
        eligibility_batch_entry(batch, i, &request, &problem);
        eligibility_request_wipe(&request);
    }
    eligibility_batch_free(&batch);
}

static void compare_answers(bytes text, const eligibility_batch_answer *answer) {
    static eligibility_response one, two;
    eligibility_batch_answer *slow = NULL;
    fhir_problem first = {""}, second = {""};
    int status, slow_status;
    buffer spaced = BUFFER_INIT(text.length + 1);
    buffer_append(&spaced, text);
    buffer_append_u8(&spaced, ' ');
    FUZZ_REQUIRE(eligibility_batch_answer_read(buffer_bytes(&spaced), &slow, &first) == RESULT_OK);
    FUZZ_REQUIRE(eligibility_batch_answer_count(slow) == eligibility_batch_answer_count(answer));
    for (size_t i = 0; i < eligibility_batch_answer_count(answer); i++) {
        first = second = (fhir_problem){""};
        memset(&one, 0, sizeof one);
        memset(&two, 0, sizeof two);
        result code = eligibility_batch_answer_entry(answer, i, &status, &one, &first);
        FUZZ_REQUIRE(code == eligibility_batch_answer_entry(slow, i, &slow_status, &two, &second));
        FUZZ_REQUIRE(status == slow_status && strcmp(first.text, second.text) == 0);
        FUZZ_REQUIRE(code != RESULT_OK || memcmp(&one, &two, sizeof one) == 0);
    }
    eligibility_batch_answer_free(&slow);
    buffer_wipe(&spaced);
}

static void read_batch_answer(bytes text) {
    static eligibility_response response;
    eligibility_batch_answer *answer = NULL;
    fhir_problem problem = {""};
    int status;
    if (eligibility_batch_answer_read(text, &answer, &problem) != RESULT_OK)
        return;
    FUZZ_REQUIRE(eligibility_batch_answer_count(answer) <= FHIR_BATCH_MAX);
    compare_answers(text, answer);
    for (size_t i = 0; i < eligibility_batch_answer_count(answer); i++)
        eligibility_batch_answer_entry(answer, i, &status, &response, &problem);
    time_beacon time;
    if (eligibility_batch_answer_time(answer, &time) == RESULT_OK)
        FUZZ_REQUIRE(time_beacon_is_nonce(time.nonce));
    eligibility_batch_answer_free(&answer);
}

/* What is signed of an answer is the same whoever reads it; it can be read alone, and is no answer. */
static void read_signed(bytes text) {
    static signed_answer read;
    static eligibility_response answer;
    fhir_problem problem = {""};
    buffer spaced = BUFFER_INIT(text.length + 1), form = BUFFER_INIT(TEXT_MAX), slow = BUFFER_INIT(TEXT_MAX);
    buffer_append(&spaced, text);
    buffer_append_u8(&spaced, ' ');
    if (signed_answer_of(text, &form, &problem) == RESULT_OK) {
        FUZZ_REQUIRE(signed_answer_of(buffer_bytes(&spaced), &slow, &problem) == RESULT_OK);
        FUZZ_REQUIRE(bytes_equal(buffer_bytes(&form), buffer_bytes(&slow)));
        FUZZ_REQUIRE(eligibility_response_read(buffer_bytes(&form), &answer, NULL) != RESULT_OK);
        signed_answer_read(buffer_bytes(&form), &read, NULL); /* the day may be none */
    } else {
        FUZZ_REQUIRE(*problem.text != 0);
    }
    if (signed_answer_read(text, &read, &problem) == RESULT_OK)
        FUZZ_REQUIRE(read.digest_count >= 1 && read.digest_count <= FHIR_SALTS_MAX);
    answer_proof_is_bare(text);
    buffer_wipe(&spaced);
    buffer_wipe(&form);
    buffer_wipe(&slow);
}

static void read_visit(bytes text) {
    static visit_record record;
    fhir_problem problem = {""};
    buffer encounter = BUFFER_INIT(FHIR_ENCOUNTER_MAX), again = BUFFER_INIT(TEXT_MAX);
    if (visit_record_read(text, &record, &encounter, &problem) == RESULT_OK)
        FUZZ_REQUIRE(visit_record_write(&record, &again) == RESULT_OK);
    visit_record_wipe(&record);
    buffer_wipe(&encounter);
    buffer_wipe(&again);
}

/* What is read of a batch of visits is written again and means the same. */
static void read_visit_batch(bytes text) {
    buffer records[VISIT_BATCH_MAX], again = BUFFER_INIT(TEXT_MAX);
    bytes views[VISIT_BATCH_MAX];
    fhir_problem problem = {""};
    visit_batch *batch;
    bool good = visit_batch_read(text, &batch, &problem) == RESULT_OK;
    FUZZ_REQUIRE(good != (*problem.text != 0));
    const size_t count = good ? visit_batch_count(batch) : 0;
    FUZZ_REQUIRE(count <= VISIT_BATCH_MAX);
    for (size_t i = 0; i < count; i++) {
        records[i] = BUFFER_INIT(TEXT_MAX);
        good = visit_batch_record(batch, i, &records[i]) == RESULT_OK && good;
        views[i] = buffer_bytes(&records[i]);
    }
    visit_batch_free(&batch);
    if (good) {
        FUZZ_REQUIRE(visit_batch_write(views, count, &again) == RESULT_OK);
        FUZZ_REQUIRE(visit_batch_read(buffer_bytes(&again), &batch, NULL) == RESULT_OK);
        FUZZ_REQUIRE(visit_batch_count(batch) == count);
        visit_batch_free(&batch);
    }
    for (size_t i = 0; i < count; i++)
        buffer_wipe(&records[i]);
    buffer_wipe(&again);
}

static void read_visit_answers(bytes text) {
    visit_answers *answers;
    fhir_problem problem = {""};
    if (visit_answers_read(text, &answers, &problem) != RESULT_OK) {
        FUZZ_REQUIRE(*problem.text != 0);
        return;
    }
    for (size_t i = 0; i < visit_answers_count(answers); i++) {
        visit_answer_read one;
        const result code = visit_answers_entry(answers, i, &one);
        FUZZ_REQUIRE(code != RESULT_OK || (one.status >= 100 && one.status <= 599 && one.signature != NULL &&
                                           strlen(one.content_hash) + 1 == VISIT_HASH_SIZE));
        buffer_wipe(&one.body);
    }
    visit_answers_free(&answers);
}

static void read_outcome(bytes text) {
    char words[64];
    memset(words, 1, sizeof words);
    outcome_read(text, words, sizeof words);
    FUZZ_REQUIRE(memchr(words, 0, sizeof words) != NULL);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    fhir_give_seeds();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *copy = fuzz_copy(bytes_of(data, size));
    bytes text = bytes_of(copy, size);
    CHECK_ROUND_TRIP(eligibility_request, text, eligibility_request_wipe);
    CHECK_ROUND_TRIP(eligibility_response, text, NOTHING_TO_FREE);
    CHECK_ROUND_TRIP(institution_request, text, NOTHING_TO_FREE);
    CHECK_ROUND_TRIP(institution_answer, text, NOTHING_TO_FREE);
    CHECK_ROUND_TRIP(visit_receipt, text, NOTHING_TO_FREE);
    read_batch(text);
    read_batch_answer(text);
    read_signed(text);
    read_visit(text);
    read_visit_batch(text);
    read_visit_answers(text);
    read_outcome(text);
    free(copy);
    return 0;
}
