/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir-seeds.h"

#include "fuzz.h"

#include "fhir/batch_answer.h"
#include "fhir/institution_exchange.h"
#include "fhir/outcome.h"
#include "fhir/signed_answer.h"
#include "fhir/visit.h"

#include <string.h>

#define ID "0190e6a0-0000-7000-8000-000000000001"
#define OTHER_ID "0190e6a0-0000-7000-8000-000000000002"
#define TIME "2026-11-24T00:02:11Z"
#define SERIAL "CN=User CA,C=JP#012D"

static buffer text = BUFFER_INIT(100000);

static void give(const char *name, result code) {
    FUZZ_REQUIRE(code == RESULT_OK);
    fuzz_give_seed(name, buffer_bytes(&text));
    buffer_clear(&text);
}

/* Behind an answer, the platform's time. */
static void give_timed_answer(bytes answer, const char *nonce) {
    time_beacon beacon = {.at_ms = 1795564931123};
    buffer whole = BUFFER_INIT(100000), content = BUFFER_INIT(1000), time = BUFFER_INIT(1000);
    snprintf(beacon.nonce, sizeof beacon.nonce, "%s", nonce);
    FUZZ_REQUIRE(time_beacon_write(&beacon, &time) == RESULT_OK);
    const eligibility_outcome outcomes[] = {{201, answer}, {ELIGIBILITY_TIME, buffer_bytes(&time)}};
    FUZZ_REQUIRE(eligibility_batch_answer_write(outcomes, 2, &whole, &content) == RESULT_OK);
    fuzz_give_seed("batch-answer-time", buffer_bytes(&whole));
    buffer_wipe(&whole);
    buffer_wipe(&content);
    buffer_wipe(&time);
}

static void give_eligibility(void) {
    eligibility_request request = {.evidence_id = ID,
                                   .patient_serial = SERIAL,
                                   .service_date = "2026-11-24",
                                   .created = TIME,
                                   .institution_code = "1312345678",
                                   .evidence = BUFFER_INIT(16)};
    static eligibility_response response = {
        .evidence_id = ID,
        .patient_serial = SERIAL,
        .created = TIME,
        .as_of = TIME,
        .validity = ELIGIBILITY_SEVERAL,
        .link_id = "L-1",
        .disposition = "several",
        .person = {"Mihon", "MIHON", "1985-04-12", SEX_FEMALE, "000-0001", "Reiji"},
        .public_expense_count = 1,
        .public_expenses = {{"54990017", "1234567", "Nanbyo", "2025-01-01", "", true}},
        .coverage_count = 2,
        .coverages = {{.insurer_number = "06132013",
                       .insurer_name = "Kenpo",
                       .symbol = "12",
                       .number = "345",
                       .branch = "01",
                       .from = "2025-04-01",
                       .burden_permille = 300,
                       .in_force = true},
                      {.insurer_number = "138057",
                       .insurer_name = "Kokuho",
                       .number = "9",
                       .family = true,
                       .from = "2020-01-01",
                       .to = "2025-03-31",
                       .burden_permille = 200}}};
    static const char nonce[] = "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF";
    buffer_append(&request.evidence, BYTES("evidence"));
    const eligibility_request *const requests[] = {&request, &request};
    give("request", eligibility_request_write(&request, &text));
    give("batch", eligibility_batch_write(requests, 2, &text));
    give("batch-asking", eligibility_batch_write_asking(requests, 2, nonce, &text));
    FUZZ_REQUIRE(answer_salt(&response) == RESULT_OK);
    FUZZ_REQUIRE(eligibility_response_write(&response, &text) == RESULT_OK);
    buffer whole = BUFFER_INIT(100000);
    const eligibility_outcome outcomes[] = {{201, buffer_bytes(&text)}, {200, buffer_bytes(&text)}};
    buffer content = BUFFER_INIT(1000);
    FUZZ_REQUIRE(eligibility_batch_answer_write(outcomes, 2, &whole, &content) == RESULT_OK);
    buffer_wipe(&content);
    fuzz_give_seed("batch-answer", buffer_bytes(&whole));
    buffer_clear(&whole);
    give_timed_answer(buffer_bytes(&text), nonce);
    FUZZ_REQUIRE(signed_answer_of(buffer_bytes(&text), &whole, NULL) == RESULT_OK);
    fuzz_give_seed("signed-answer", buffer_bytes(&whole));
    give("response", RESULT_OK);
    buffer_wipe(&whole);
    eligibility_request_wipe(&request);
}

static void give_exchange(void) {
    const institution_request request = {.card_id = "TEST-CARD-000001",
                                         .challenge = "00112233445566778899AABBCCDDEEFF",
                                         .institution_code = "1312345678",
                                         .terminal_id = "T-01"};
    institution_answer answer = {
        .session = ID, .holder_reference = "00112233445566778899AABBCCDDEEFF", .expires = TIME};
    memset(answer.nonce, 'A', 64);
    give("institution-request", institution_request_write(&request, &text));
    give("institution-answer", institution_answer_write(&answer, &text));
}

static void give_visit(void) {
    visit_record record = {.encounter = {.visit_id = ID,
                                         .link_id = "L-1",
                                         .evidence_id = OTHER_ID,
                                         .institution_code = "1312345678",
                                         .operator_id = "D-0001",
                                         .operator_name = "Ishi",
                                         .department = "01",
                                         .start = TIME,
                                         .end = TIME},
                           .signature = BUFFER_INIT(16),
                           .evidence = BUFFER_INIT(16),
                           .proof = BUFFER_INIT(16)};
    visit_receipt receipt = {.receipt_id = ID, .visit_id = OTHER_ID, .link_id = "L-1", .registered_at = TIME};
    memset(receipt.content_hash, 'A', 64);
    buffer_append(&record.signature, BYTES("signature"));
    buffer_append(&record.evidence, BYTES("evidence"));
    buffer_append(&record.proof, BYTES("proof"));
    give("encounter", visit_encounter_write(&record.encounter, &text));
    give("record", visit_record_write(&record, &text));
    give("receipt", visit_receipt_write(&receipt, &text));
    visit_record_wipe(&record);
}

void fhir_give_seeds(void) {
    give_eligibility();
    give_exchange();
    give_visit();
    give("outcome", outcome_write("invalid", "what is wrong", &text));
}
