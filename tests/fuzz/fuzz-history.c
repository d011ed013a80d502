/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the history service is sent. The input's first byte: 1 believes every CMS signature, 2 is the call for many visits;
 * the rest is the body. A visit that was registered is registered again with the same receipt. */
#include "../../mocks/history/history.h"
#include "../services/evidence_maker.h"
#include "service-calls.h"

#include "fhir/signed_answer.h"
#include "fhir/visit.h"
#include "fhir/visit_batch.h"

#include <sanitizer/lsan_interface.h>
#include <string.h>

#define BELIEVING 1
#define MANY 2

static history service;
static const http_route *registration, *registrations;

static void sign_encounter(const visit_encounter *encounter, buffer *der) {
    certificate *doctor = NULL;
    cms_key *key = NULL;
    buffer text = BUFFER_INIT(FHIR_ENCOUNTER_MAX);
    FUZZ_REQUIRE(certificate_from_file(fuzz_office("cards/operator-doctor/ef/0001"), &doctor) == RESULT_OK);
    FUZZ_REQUIRE(cms_key_from_file(fuzz_office("cards/operator-doctor/key/sign.pem"), &key) == RESULT_OK);
    FUZZ_REQUIRE(visit_encounter_write(encounter, &text) == RESULT_OK);
    const cms_signer signer = cms_key_signer(key, doctor);
    FUZZ_REQUIRE(cms_sign(buffer_bytes(&text), false, &signer, 1, clock_wall_s(), der) == RESULT_OK);
    buffer_wipe(&text);
    cms_key_free(&key);
    certificate_free(&doctor);
}

/* The platform's answer, which gave the link id. */
static void prove(const statement *s, visit_record *record) {
    static eligibility_response answer = {.validity = ELIGIBILITY_NONE, .disposition = "none"};
    certificate *platform = NULL;
    cms_key *key = NULL;
    buffer full = BUFFER_INIT(10000), text = BUFFER_INIT(10000), der = BUFFER_INIT(ANSWER_PROOF_SIGNATURE_MAX);
    memcpy(answer.evidence_id, s->evidence_id, sizeof answer.evidence_id);
    memcpy(answer.service_date, s->service_date, sizeof answer.service_date);
    memcpy(answer.created, s->terminal_time, sizeof answer.created);
    memcpy(answer.as_of, s->terminal_time, sizeof answer.as_of);
    memcpy(answer.link_id, record->encounter.link_id, sizeof answer.link_id);
    snprintf(answer.patient_serial, sizeof answer.patient_serial, "%s#%s", s->patient_issuer, s->patient_serial);
    FUZZ_REQUIRE(certificate_from_file(fuzz_office("pf/answer.pem"), &platform) == RESULT_OK);
    FUZZ_REQUIRE(cms_key_from_file(fuzz_office("pf/answer.key"), &key) == RESULT_OK);
    FUZZ_REQUIRE(answer_salt(&answer) == RESULT_OK);
    FUZZ_REQUIRE(eligibility_response_write(&answer, &full) == RESULT_OK);
    FUZZ_REQUIRE(signed_answer_of(buffer_bytes(&full), &text, NULL) == RESULT_OK);
    const cms_signer signer = cms_key_signer(key, platform);
    FUZZ_REQUIRE(cms_sign(buffer_bytes(&text), true, &signer, 1, clock_wall_s(), &der) == RESULT_OK);
    FUZZ_REQUIRE(answer_proof_write_alone(buffer_bytes(&text), buffer_bytes(&der), &record->proof) == RESULT_OK);
    buffer_wipe(&full);
    buffer_wipe(&text);
    buffer_wipe(&der);
    cms_key_free(&key);
    certificate_free(&platform);
}

/* The same record twice, and what is none. */
static void give_batch_seeds(bytes record) {
    const bytes records[] = {record, record, bytes_of("{}", 2)};
    buffer seed = BUFFER_INIT(4000000);
    buffer_append_u8(&seed, MANY);
    FUZZ_REQUIRE(visit_batch_write(records, 3, &seed) == RESULT_OK);
    fuzz_give_seed("visits", buffer_bytes(&seed));
    seed.data[0] = MANY | BELIEVING;
    fuzz_give_seed("visits-believed", buffer_bytes(&seed));
    buffer_wipe(&seed);
}

static void give_seeds(void) {
    evidence_maker maker;
    static statement s;
    buffer seed = BUFFER_INIT(1000000);
    visit_record record = {.encounter = {.link_id = "0123456789ABCDEF0123456789ABCDEF",
                                         .institution_code = "1312345678",
                                         .operator_id = "D-0001",
                                         .operator_name = "Doctor",
                                         .department = "01"},
                           .signature = BUFFER_INIT(FHIR_SIGNATURE_MAX),
                           .evidence = BUFFER_INIT(FHIR_EVIDENCE_MAX),
                           .proof = BUFFER_INIT(ANSWER_PROOF_MAX)};
    evidence_maker_open(fuzz_office(""), fuzz_office("cards/patient-1"), &maker);
    evidence_maker_fill(&maker, &s);
    evidence_maker_sign_challenge(&maker, &s);
    evidence_maker_create(&maker, &s, &record.evidence);
    memcpy(record.encounter.evidence_id, s.evidence_id, sizeof record.encounter.evidence_id);
    FUZZ_REQUIRE(uuid_v7(record.encounter.visit_id) == RESULT_OK);
    clock_text(clock_wall_s(), record.encounter.start);
    clock_text(clock_wall_s(), record.encounter.end);
    sign_encounter(&record.encounter, &record.signature);
    prove(&s, &record);
    buffer_append_u8(&seed, 0);
    FUZZ_REQUIRE(visit_record_write(&record, &seed) == RESULT_OK);
    fuzz_give_seed("visit", buffer_bytes(&seed));
    seed.data[0] = BELIEVING;
    fuzz_give_seed("visit-believed", buffer_bytes(&seed));
    give_batch_seeds(bytes_slice(buffer_bytes(&seed), 1, seed.length));
    buffer_wipe(&seed);
    visit_record_wipe(&record);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    __lsan_disable(); /* what is made here stays */
    configuration *c = service_configuration(
        "[history]\nstore = ~/history.sqlite\nplatform-institution-cvc = @pf/institution.cvc\n"
        "receipt-key = @history/receipt.key\nreceipt-certificate = @history/receipt.pem\n"
        "[terminals]\nregistered-only = no\n"); /* past the admission checks */
    FUZZ_REQUIRE(history_open(c, &service) == RESULT_OK);
    for (const http_route *r = history_routes; r->method != NULL; r++)
        if (strcmp(r->path, "/fhir") == 0)
            registration = r;
        else if (strcmp(r->path, "/visit-batch") == 0)
            registrations = r;
    FUZZ_REQUIRE(registration != NULL && registrations != NULL);
    give_seeds();
    __lsan_enable();
    return 0;
}

/* What was registered, or known, is known the second time, with the same receipt. */
static void compare_answers(bytes first, bytes second) {
    visit_answers *before = NULL, *after = NULL;
    FUZZ_REQUIRE(visit_answers_read(first, &before, NULL) == RESULT_OK);
    FUZZ_REQUIRE(visit_answers_read(second, &after, NULL) == RESULT_OK);
    FUZZ_REQUIRE(visit_answers_count(before) == visit_answers_count(after));
    for (size_t i = 0; i < visit_answers_count(before); i++) {
        visit_answer_read one, two;
        FUZZ_REQUIRE(visit_answers_entry(before, i, &one) == RESULT_OK);
        FUZZ_REQUIRE(visit_answers_entry(after, i, &two) == RESULT_OK);
        FUZZ_REQUIRE(two.status == (one.status == 201 ? 200 : one.status));
        FUZZ_REQUIRE(one.status > 201 || bytes_equal(buffer_bytes(&one.body), buffer_bytes(&two.body)));
        FUZZ_REQUIRE(strcmp(one.signature, two.signature) == 0);
        buffer_wipe(&one.body);
        buffer_wipe(&two.body);
    }
    visit_answers_free(&before);
    visit_answers_free(&after);
}

static void register_many(bytes body) {
    http_reply reply, again;
    service_call(registrations, &service, body, &reply);
    if (reply.status == 200) {
        service_call(registrations, &service, body, &again);
        FUZZ_REQUIRE(again.status == 200);
        compare_answers(buffer_bytes(&reply.body), buffer_bytes(&again.body));
        service_forget(&again);
    }
    service_forget(&reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    http_reply reply, again;
    visit_receipt receipt;
    fhir_problem problem = {""};
    if (size == 0)
        return 0;
    const bytes body = bytes_of(data + 1, size - 1);
    fuzz_accept_all = data[0] & BELIEVING;
    if (data[0] & MANY) {
        register_many(body);
        return 0;
    }
    service_call(registration, &service, body, &reply);
    if (reply.status == 200 || reply.status == 201) {
        FUZZ_REQUIRE(visit_receipt_read(buffer_bytes(&reply.body), &receipt, &problem) == RESULT_OK);
        service_call(registration, &service, body, &again);
        FUZZ_REQUIRE(again.status == 200);
        FUZZ_REQUIRE(bytes_equal(buffer_bytes(&reply.body), buffer_bytes(&again.body)));
        FUZZ_REQUIRE(bytes_equal(buffer_bytes(&reply.signature), buffer_bytes(&again.signature)));
        service_forget(&again);
    }
    service_forget(&reply);
    return 0;
}
