/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the platform is sent. The input's first byte names the call (its lowest two bits) and whether every CMS
 * signature is believed (4); the rest is the body. A batch that was taken is taken again with the same answers. */
#include "mocks/pf/pf_people.h"
#include "../../mocks/pf/platform.h"
#include "../services/evidence_maker.h"
#include "service-calls.h"

#include "fhir/batch_answer.h"
#include "fhir/institution_exchange.h"

#include <sanitizer/lsan_interface.h>
#include <string.h>

#define BELIEVING 4

static platform service;
static const http_route *routes[4];

static void give(const char *name, uint8_t first, buffer *text) {
    buffer seed = BUFFER_INIT(text->length + 1);
    buffer_append_u8(&seed, first);
    buffer_append(&seed, buffer_bytes(text));
    fuzz_give_seed(name, buffer_bytes(&seed));
    buffer_wipe(&seed);
    buffer_clear(text);
}

static void fill_request(const evidence_maker *m, eligibility_request *out) {
    static statement s;
    evidence_maker_fill(m, &s);
    evidence_maker_sign_challenge(m, &s);
    *out = (eligibility_request){.evidence = BUFFER_INIT(FHIR_EVIDENCE_MAX)};
    evidence_maker_create(m, &s, &out->evidence);
    memcpy(out->evidence_id, s.evidence_id, sizeof out->evidence_id);
    snprintf(out->patient_serial, sizeof out->patient_serial, "%s#%s", s.patient_issuer, s.patient_serial);
    memcpy(out->service_date, s.service_date, sizeof out->service_date);
    memcpy(out->created, s.terminal_time, sizeof out->created);
    snprintf(out->institution_code, sizeof out->institution_code, "%s", s.institution_code);
}

static void give_seeds(void) {
    evidence_maker maker;
    eligibility_request request, other;
    buffer text = BUFFER_INIT(1000000);
    const institution_request exchange = {.card_id = "TEST-CARD-000001",
                                          .challenge = "00112233445566778899AABBCCDDEEFF",
                                          .institution_code = "1312345678",
                                          .terminal_id = "T-01"};
    evidence_maker_open(fuzz_office(""), fuzz_office("cards/patient-1"), &maker);
    fill_request(&maker, &request);
    fill_request(&maker, &other);
    const eligibility_request *const both[] = {&request, &other};
    FUZZ_REQUIRE(eligibility_batch_write(both, 2, &text) == RESULT_OK);
    give("batch", 3, &text);
    FUZZ_REQUIRE(eligibility_batch_write(both, 1, &text) == RESULT_OK);
    give("batch-believed", 3 | BELIEVING, &text);
    FUZZ_REQUIRE(eligibility_request_write(&request, &text) == RESULT_OK);
    give("submit", 1 | BELIEVING, &text);
    buffer_clear(&request.evidence);
    FUZZ_REQUIRE(eligibility_batch_write(both, 1, &text) == RESULT_OK);
    give("pre-check", 2, &text);
    FUZZ_REQUIRE(institution_request_write(&exchange, &text) == RESULT_OK);
    give("authentication", 0, &text);
    eligibility_request_wipe(&request);
    eligibility_request_wipe(&other);
    buffer_wipe(&text);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    size_t persons;
    (void)count, (void)arguments;
    __lsan_disable(); /* what is made here stays */
    configuration *c = service_configuration(
        "[platform]\nstore = ~/platform.sqlite\ninstitution-key = @pf/institution.key\n"
        "institution-cvc = @pf/institution.cvc\nanswer-key = @pf/answer.key\n"
        "answer-certificate = @pf/answer.pem\n"
        "[terminals]\nregistered-only = no\n"); /* past the admission checks */
    FUZZ_REQUIRE(platform_open(c, &service) == RESULT_OK);
    FUZZ_REQUIRE(people_load(service.store, fuzz_office("persons.json"), &persons) == RESULT_OK && persons > 0);
    for (const http_route *r = platform_routes; r->method != NULL; r++) {
        static const char *const paths[] = {"/institution-authentication", "/fhir/CoverageEligibilityRequest/$submit",
                                            "/fhir/CoverageEligibilityRequest/$pre-check", "/fhir"};
        for (size_t i = 0; i < 4; i++)
            if (strcmp(r->method, "POST") == 0 && strcmp(r->path, paths[i]) == 0)
                routes[i] = r;
    }
    give_seeds();
    __lsan_enable();
    return 0;
}

/* Entry by entry: what was new is known now, and has the same answer. */
static void compare(const http_reply *first, const http_reply *second) {
    static eligibility_response one, two;
    eligibility_batch_answer *answers = NULL, *again = NULL;
    fhir_problem problem = {""};
    FUZZ_REQUIRE(eligibility_batch_answer_read(buffer_bytes(&first->body), &answers, &problem) == RESULT_OK);
    FUZZ_REQUIRE(eligibility_batch_answer_read(buffer_bytes(&second->body), &again, &problem) == RESULT_OK);
    const size_t count = eligibility_batch_answer_count(answers);
    FUZZ_REQUIRE(count == eligibility_batch_answer_count(again));
    for (size_t i = 0; i < count; i++) {
        int status, status_again;
        eligibility_batch_answer_entry(answers, i, &status, &one, &problem);
        eligibility_batch_answer_entry(again, i, &status_again, &two, &problem);
        FUZZ_REQUIRE((status == 201 ? 200 : status) == status_again || status_again == 409);
        FUZZ_REQUIRE(status != 201 || (status_again == 200 && memcmp(&one, &two, sizeof one) == 0));
    }
    eligibility_batch_answer_free(&answers);
    eligibility_batch_answer_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    http_reply reply, again;
    if (size == 0)
        return 0;
    const http_route *route = routes[data[0] & 3];
    const bytes body = bytes_of(data + 1, size - 1);
    fuzz_accept_all = data[0] & BELIEVING;
    service_call(route, &service, body, &reply);
    if (route == routes[3] && reply.status == 200) {
        service_call(route, &service, body, &again);
        FUZZ_REQUIRE(again.status == 200);
        compare(&reply, &again);
        service_forget(&again);
    }
    service_forget(&reply);
    return 0;
}
