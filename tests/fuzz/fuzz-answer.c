/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is heard from the services. The input: a byte that names the call, believes every CMS signature (0x80)
 * and takes the signature's header away (0x40); a byte that names the status; the header's text after two bytes of
 * length; the body. An answer is taken in only when it is signed where it must be; a refusal always has words. */
#include "accept_all.h"

#include "core/grade.h"

#include "base/clock.h"
#include "crypt/base64.h"
#include "crypt/cms.h"
#include "delivery/remote.h"
#include "fhir/institution_exchange.h"
#include "fhir/outcome.h"
#include "fhir/signed_answer.h"
#include "fhir/visit.h"

#include <sanitizer/lsan_interface.h>
#include <string.h>

#define BELIEVING 0x80
#define UNSIGNED 0x40

/* --- in place of the network ------------------------------------------------------------------------------------------- */

static http_answer scripted;

result http_client_call(http_client *client, const char *method, const char *path, const char *type, bytes body,
                        http_answer *answer) {
    (void)client, (void)method, (void)path, (void)type, (void)body;
    *answer = scripted;
    return RESULT_OK;
}
void http_answer_wipe(http_answer *answer) {
    (void)answer;
}
void http_client_set_timeouts(http_client *client, long connect_ms, long total_ms) {
    (void)client, (void)connect_ms, (void)total_ms;
}

static result institutions(void *context, trust **out) {
    (void)context;
    FUZZ_REQUIRE(trust_new(out) == RESULT_OK);
    return trust_add_anchor(*out, fuzz_office("anchors"), "institution-ca");
}

/* --- the answers -------------------------------------------------------------------------------------------------- */

static fhir_problem problem;

static void validate(const eligibility_response *answer) {
    const grade_knowledge known = {answer, clock_wall_s()};
    const eligibility_coverage *c = eligibility_coverage_on(answer, "2026-11-24");
    FUZZ_REQUIRE(c == NULL ||
                 (c >= answer->coverages && c < answer->coverages + answer->coverage_count && c->in_force));
    grade_offline(&known, "2026-11-24", clock_wall_s());
}

static void take_coverage(const remote_answer *reply) {
    static eligibility_response answer;
    if (eligibility_response_read(buffer_bytes(&reply->body), &answer, &problem) == RESULT_OK)
        validate(&answer);
}

static void take_batch(const remote_answer *reply) {
    static eligibility_response answer;
    const eligibility_batch_answer *answers = reply->entries;
    int status;
    if (answers == NULL)
        return;
    for (size_t i = 0; i < eligibility_batch_answer_count(answers); i++)
        if (eligibility_batch_answer_entry(answers, i, &status, &answer, &problem) == RESULT_OK &&
            (status == 200 || status == 201))
            validate(&answer);
}

static void take_receipt(const remote_answer *reply) {
    visit_receipt receipt;
    if (visit_receipt_read(buffer_bytes(&reply->body), &receipt, &problem) == RESULT_OK)
        FUZZ_REQUIRE(uuid_is_valid(receipt.visit_id) && strlen(receipt.content_hash) == 64);
}

static void take_exchange(const remote_answer *reply) {
    institution_answer answer;
    if (institution_answer_read(buffer_bytes(&reply->body), &answer, &problem) == RESULT_OK)
        FUZZ_REQUIRE(strlen(answer.nonce) == 64 && strlen(answer.holder_reference) == 32);
}

static result post_visit(const remote *r, bytes body, remote_answer *out) {
    return remote_post(r, "/", "application/json", body, REMOTE_SIGNER_HISTORY, out);
}

static result post_exchange(const remote *r, bytes body, remote_answer *out) {
    return remote_post(r, "/", "application/json", body, NULL, out);
}

static const struct {
    bool is_signed;
    result (*post)(const remote *r, bytes body, remote_answer *out);
    void (*take)(const remote_answer *reply);
} calls[] = {
    {true, remote_post_inquiry, take_coverage},
    {true, remote_post_batch, take_batch},
    {true, post_visit, take_receipt},
    {false, post_exchange, take_exchange},
};
static const int statuses[] = {200, 201, 400, 403, 409, 422, 429, 503};

/* --- seeds -------------------------------------------------------------------------------------------------------- */

static certificate *signer_certificate;
static cms_key *signer_key;

/* signed_bytes: what the signature is over. */
static void give_signed(const char *name, uint8_t call, uint8_t status, buffer *body, bytes signed_bytes) {
    buffer der = BUFFER_INIT(16384), header = BUFFER_INIT(32768), seed = BUFFER_INIT(200000);
    const cms_signer signer = cms_key_signer(signer_key, signer_certificate);
    FUZZ_REQUIRE(cms_sign(signed_bytes, true, &signer, 1, clock_wall_s(), &der) == RESULT_OK);
    FUZZ_REQUIRE(crypt_base64_append(&header, buffer_bytes(&der)) == RESULT_OK);
    const uint8_t head[] = {call, status, (uint8_t)(header.length >> 8), (uint8_t)header.length};
    buffer_append(&seed, BYTES(head));
    buffer_append(&seed, buffer_bytes(&header));
    buffer_append(&seed, buffer_bytes(body));
    fuzz_give_seed(name, buffer_bytes(&seed));
    buffer_clear(body);
    buffer_wipe(&der);
    buffer_wipe(&header);
    buffer_wipe(&seed);
}

static void give(const char *name, uint8_t call, uint8_t status, buffer *body) {
    give_signed(name, call, status, body, buffer_bytes(body));
}

static void give_seeds(void) {
    static eligibility_response response = {.evidence_id = "0190e6a0-0000-7000-8000-000000000001",
                                            .patient_serial = "CN=CA#01",
                                            .created = "2026-11-24T00:02:11Z",
                                            .as_of = "2026-11-24T00:02:11Z",
                                            .disposition = "Coverage in force.",
                                            .validity = ELIGIBILITY_VALID,
                                            .link_id = "L-1",
                                            .coverage_count = 1,
                                            .coverages = {{.insurer_number = "06132013",
                                                           .insurer_name = "Kenpo",
                                                           .number = "345",
                                                           .from = "2025-04-01",
                                                           .burden_permille = 300,
                                                           .in_force = true}}};
    visit_receipt receipt = {.receipt_id = "0190e6a0-0000-7000-8000-000000000001",
                             .link_id = "L-1",
                             .visit_id = "0190e6a0-0000-7000-8000-000000000002",
                             .registered_at = "2026-11-24T00:02:11Z"};
    buffer text = BUFFER_INIT(100000), one = BUFFER_INIT(100000);
    memset(receipt.content_hash, 'A', 64);
    FUZZ_REQUIRE(answer_salt(&response) == RESULT_OK);
    FUZZ_REQUIRE(eligibility_response_write(&response, &one) == RESULT_OK);
    const eligibility_outcome outcomes[] = {{201, buffer_bytes(&one)}, {200, buffer_bytes(&one)}};
    buffer content = BUFFER_INIT(100000);
    FUZZ_REQUIRE(eligibility_batch_answer_write(outcomes, 2, &text, &content) == RESULT_OK);
    give_signed("batch", 1, 0, &text, buffer_bytes(&content));
    buffer_clear(&content);
    FUZZ_REQUIRE(visit_receipt_write(&receipt, &text) == RESULT_OK);
    give("receipt", 2 | BELIEVING, 1, &text);
    FUZZ_REQUIRE(outcome_write("invalid", "what is wrong", &text) == RESULT_OK);
    give("refusal", UNSIGNED, 5, &text);
    FUZZ_REQUIRE(signed_answer_of(buffer_bytes(&one), &content, NULL) == RESULT_OK);
    give_signed("coverage", 0, 0, &one, buffer_bytes(&content));
    buffer_wipe(&content);
    buffer_wipe(&text);
    buffer_wipe(&one);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    __lsan_disable(); /* what is made here stays */
    FUZZ_REQUIRE(certificate_from_file(fuzz_office("pf/answer.pem"), &signer_certificate) == RESULT_OK);
    FUZZ_REQUIRE(cms_key_from_file(fuzz_office("pf/answer.key"), &signer_key) == RESULT_OK);
    give_seeds();
    __lsan_enable();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const remote service = {.institutions = institutions};
    bytes input = bytes_of(data, size), header;
    char *header_text = NULL;
    remote_answer answer;
    if (size < 2)
        return 0;
    input = bytes_slice(input, 2, SIZE_MAX);
    if ((data[0] & UNSIGNED) == 0 && fuzz_next_part(&input, &header))
        FUZZ_REQUIRE((header_text = strndup((const char *)header.data, header.length)) != NULL);
    const bool is_signed = calls[data[0] & 3].is_signed;
    fuzz_accept_all = data[0] & BELIEVING;
    scripted = (http_answer){.status = statuses[data[1] & 7], .body = BUFFER_INIT(1 << 20), .signature = header_text};
    buffer_append(&scripted.body, input);
    result code = calls[data[0] & 3].post(&service, bytes_of("", 0), &answer);
    FUZZ_REQUIRE(memchr(answer.message, 0, sizeof answer.message) != NULL);
    const bool good = answer.status == 200 || answer.status == 201;
    FUZZ_REQUIRE(code == RESULT_OK || (good && is_signed && *answer.message != 0));
    FUZZ_REQUIRE(good || *answer.message != 0);
    FUZZ_REQUIRE(code != RESULT_OK || !good || !is_signed || header_text != NULL);
    if (code == RESULT_OK && good)
        calls[data[0] & 3].take(&answer);
    problem = (fhir_problem){""};
    buffer_wipe(&scripted.body);
    remote_answer_wipe(&answer);
    free(header_text);
    return 0;
}
