/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "outbox-fixture.h"

#include "base/clock.h"
#include "base/hex.h"
#include "crypt/digest.h"
#include "evidence/evidence.h"
#include "fhir/outcome.h"
#include "fhir/signed_answer.h"
#include "fhir/visit_batch.h"
#include "test_certificates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define DAY_S 86400

/* --- the patient -------------------------------------------------------------------------------------------------- */

static test_identity identity;
certificate *patient;
static cms_key *patient_key;

int outbox_begin_group(void **state) {
    char folder[] = "/tmp/uketsuke-outbox.XXXXXX";
    const int64_t now = time(NULL);
    const test_profile profile = {
        "CN=patient,C=JP", 0x100, now - DAY_S, now + DAY_S, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL};
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    char *pem = test_path(folder, "a.pem"), *key = test_path(folder, "a.key");
    test_identity_make(&identity, &profile, NULL, NULL);
    test_identity_write(&identity, pem, key);
    const bool good = certificate_from_file(pem, &patient) == RESULT_OK &&
                      cms_key_from_file(key, &patient_key) == RESULT_OK;
    unlink(pem);
    unlink(key);
    return good ? rmdir(folder) : -1;
}

int outbox_end_group(void **state) {
    (void)state;
    buffer_wipe(&told);
    buffer_wipe(&last_body);
    buffer_wipe(&acknowledged);
    certificate_free(&patient);
    cms_key_free(&patient_key);
    test_identity_free(&identity);
    return 0;
}

/* --- what waits --------------------------------------------------------------------------------------------------- */

void make_evidence(int number, buffer *der) {
    const cms_signer signer = cms_key_signer(patient_key, patient);
    const int64_t now = time(NULL);
    statement s = {.mode = STATEMENT_ONLINE, .grade = STATEMENT_PENDING};
    snprintf(s.evidence_id, sizeof s.evidence_id, "%s", test_record_id(number));
    snprintf(s.session, sizeof s.session, "%s", test_record_id(number));
    strcpy(s.institution_code, "1312345678");
    memset(s.holder_reference, 'P', sizeof s.holder_reference);
    strcpy(s.terminal_id, "T-01");
    strcpy(s.operator_id, "R-0001");
    clock_date_in_japan(now, s.service_date);
    clock_text(now, s.terminal_time);
    strcpy(s.card_id, "CARD-ID-00000001");
    strcpy(s.patient_issuer, certificate_issuer(patient));
    strcpy(s.patient_serial, certificate_serial(patient));
    assert_int_equal(evidence_create(&s, &signer, NULL, der), RESULT_OK);
}

/* assumed: the coverage that the terminal went by; "": it knew none. */
void put_reception(int number, const char *assumed_insurer, const char *assumed_number) {
    reception_record record = RECEPTION_RECORD_INIT;
    char subject[TERMINAL_WORD_SIZE];
    snprintf(record.evidence_id, sizeof record.evidence_id, "%s", test_record_id(number));
    snprintf(record.state, sizeof record.state, "%s", STATE_PENDING);
    snprintf(record.assumed_insurer, sizeof record.assumed_insurer, "%s", assumed_insurer);
    snprintf(record.assumed_number, sizeof record.assumed_number, "%s", assumed_number);
    snprintf(record.note.hospital_number, sizeof record.note.hospital_number, "A%d", number);
    record.at = time(NULL);
    make_evidence(number, &record.evidence);
    assert_int_equal(record_subject(&test_store, certificate_issuer(patient), certificate_serial(patient), subject),
                     RESULT_OK);
    assert_int_equal(record_add_reception(&test_store, &record, subject, NULL, NULL), RESULT_OK);
    reception_record_wipe(&record);
}

void put_receptions(int count) {
    for (int i = 1; i <= count; i++)
        put_reception(i, "", "");
}

void put_row(int number, const char *kind, const char *state, const char *content) {
    terminal_record row = {.at = 1};
    snprintf(row.id, sizeof row.id, "%s", test_record_id(number));
    snprintf(row.kind, sizeof row.kind, "%s", kind);
    snprintf(row.state, sizeof row.state, "%s", state);
    assert_int_equal(record_add(&test_store, &row, bytes_of(content, strlen(content)), NULL, NULL), RESULT_OK);
}

/* --- the service -------------------------------------------------------------------------------------------------- */

static struct script script;
buffer last_body = BUFFER_INIT(1 << 22), acknowledged = BUFFER_INIT(4096);
size_t calls, asked;
int sent[512], sent_count;

static void note_sent(const char *id) {
    assert_true(sent_count < 512);
    sent[sent_count++] = atoi(id + 24);
}

static bool must_stop(void *context) {
    (void)context;
    return script.stop_after != 0 && calls >= script.stop_after;
}

const remote service = {.must_stop = must_stop};

static void begin_reply(remote_answer *out) {
    calls++;
    *out = (remote_answer){.status = script.status != 0 ? script.status : 200,
                           .wait = {.s = script.wait_s},
                           .body = BUFFER_INIT(65536),
                           .signature = BUFFER_INIT(64)};
    buffer_append_text(&out->signature, "signed");
    if (script.code != RESULT_OK)
        out->status = 0;
    if ((int)calls == script.refused_call)
        out->status = script.refused_status;
    snprintf(out->message, sizeof out->message, "%s", out->status == 200 ? "" : "words of the service");
}

void remote_answer_wipe(remote_answer *answer) {
    eligibility_batch_answer_free(&answer->entries);
    buffer_wipe(&answer->body);
    buffer_wipe(&answer->signature);
}

void write_answer_in(const eligibility_request *request, bool of_today, buffer *resource) {
    static eligibility_response response;
    response = (eligibility_response){.validity = ELIGIBILITY_VALID,
                                      .disposition = "valid",
                                      .link_id = "L",
                                      .coverage_count = 1,
                                      .coverages = {{.insurer_number = "06132013",
                                                     .insurer_name = "Kenpo",
                                                     .number = "345",
                                                     .from = "2020-04-01",
                                                     .in_force = true}}};
    snprintf(response.evidence_id, sizeof response.evidence_id, "%s",
             script.about != NULL ? script.about : request->evidence_id);
    snprintf(response.patient_serial, sizeof response.patient_serial, "%s",
             script.patient != NULL ? script.patient : request->patient_serial);
    response.validity = script.several ? ELIGIBILITY_SEVERAL : ELIGIBILITY_VALID;
    snprintf(response.service_date, sizeof response.service_date, "%s",
             script.day != NULL ? script.day : request->service_date);
    if (script.number != NULL)
        snprintf(response.coverages[0].number, sizeof response.coverages[0].number, "%s", script.number);
    clock_text(time(NULL), response.created);
    clock_text(time(NULL), response.as_of);
    if (of_today)
        assert_int_equal(answer_salt(&response), RESULT_OK);
    assert_int_equal(eligibility_response_write(&response, resource), RESULT_OK);
}

static void write_answer(const eligibility_request *request, buffer *resource) {
    write_answer_in(request, true, resource);
}

static void write_entry(int status, const eligibility_request *request, buffer *resource) {
    if (status == 200 || status == 201)
        write_answer(request, resource);
    else if (script.nameless)
        assert_int_equal(outcome_write("invalid", "words", resource), RESULT_OK);
    else
        assert_int_equal(outcome_write_about("invalid", "words",
                                             script.about != NULL ? script.about : request->evidence_id, resource),
                         RESULT_OK);
}

static eligibility_outcome tell_time(const char *nonce, buffer *text) {
    time_beacon beacon = {.at_ms = clock_wall_ms() + script.ahead_s * 1000};
    asked++;
    snprintf(beacon.nonce, sizeof beacon.nonce, "%s", nonce);
    if (script.old_time)
        beacon.nonce[0] = beacon.nonce[0] == '0' ? '1' : '0';
    assert_int_equal(time_beacon_write(&beacon, text), RESULT_OK);
    return (eligibility_outcome){ELIGIBILITY_TIME, buffer_bytes(text)};
}

static void answer_batch(bytes body, remote_answer *out) {
    static eligibility_request request;
    eligibility_batch *batch;
    eligibility_outcome outcomes[FHIR_BATCH_MAX];
    buffer time = BUFFER_INIT(1024);
    buffer resources[FHIR_BATCH_MAX], text = BUFFER_INIT(1 << 22), content = BUFFER_INIT(1024);
    assert_int_equal(eligibility_batch_read(body, &batch, NULL), RESULT_OK);
    const size_t count = eligibility_batch_count(batch);
    for (size_t i = 0; i < count; i++) {
        const size_t at = script.backwards ? count - 1 - i : i;
        const int status = script.entries != NULL ? script.entries[i] : 201;
        assert_int_equal(eligibility_batch_entry(batch, i, &request, NULL), RESULT_OK);
        note_sent(request.evidence_id);
        resources[at] = BUFFER_INIT(65536);
        write_entry(status, &request, &resources[at]);
        outcomes[at] = (eligibility_outcome){status, buffer_bytes(&resources[at])};
        eligibility_request_wipe(&request);
    }
    size_t entries = script.only != 0 ? script.only : count;
    if (*eligibility_batch_nonce(batch) != 0)
        outcomes[entries++] = tell_time(eligibility_batch_nonce(batch), &time);
    if (out->status == 200) {
        assert_int_equal(eligibility_batch_answer_write(outcomes, entries, &text, &content), RESULT_OK);
        assert_int_equal(eligibility_batch_answer_read(buffer_bytes(&text), &out->entries, NULL), RESULT_OK);
    }
    for (size_t i = 0; i < count; i++)
        buffer_wipe(&resources[i]);
    buffer_wipe(&text);
    buffer_wipe(&time);
    buffer_wipe(&content);
    eligibility_batch_free(&batch);
}

result remote_post_batch(const remote *r, bytes body, remote_answer *out) {
    assert_ptr_equal(r, &service);
    begin_reply(out);
    buffer_clear(&last_body);
    assert_int_equal(buffer_append(&last_body, body), RESULT_OK);
    answer_batch(body, out);
    return script.code;
}

/* Of a whole record, or of a number that stands for one. */
static int visit_number(bytes body) {
    static const char url[] = "\"fullUrl\":\"urn:uuid:";
    buffer text = BUFFER_INIT(OUTBOX_VISIT_MAX);
    assert_int_equal(buffer_append(&text, body), RESULT_OK);
    const char *found = strstr(buffer_text(&text), url);
    const int number = atoi(found != NULL ? found + strlen(url) + 24 : buffer_text(&text));
    buffer_wipe(&text);
    return number;
}

static void write_receipt(int number, buffer *text) {
    visit_receipt receipt = {.link_id = "L"};
    snprintf(receipt.receipt_id, sizeof receipt.receipt_id, "%s", test_record_id(9999));
    snprintf(receipt.visit_id, sizeof receipt.visit_id, "%s",
             script.receipt_for != NULL ? script.receipt_for : test_record_id(number));
    memset(receipt.content_hash, 'A', 64);
    clock_text(time(NULL), receipt.registered_at);
    assert_int_equal(visit_receipt_write(&receipt, text), RESULT_OK);
}

static void answer_visit(bytes body, remote_answer *out) {
    const int number = visit_number(body);
    note_sent(test_record_id(number));
    if (out->status == 200)
        write_receipt(number, &out->body);
}

static void answer_of_batch(int number, const char *hash, buffer *body, visit_answer *out) {
    const bool refused = number == script.refused_visit;
    if (refused)
        assert_int_equal(outcome_write("invalid", "words", body), RESULT_OK);
    else
        write_receipt(number, body);
    const char *signature = number == script.forged_visit ? "Zm9yZ2Vk" : "c2lnbmVk";
    *out = (visit_answer){refused ? script.refused_status : 201, hash, buffer_bytes(body),
                          bytes_of(signature, refused ? 0 : strlen(signature))};
}

/* The last record first: an answer is found by its hash. */
static void answer_visit_batch(bytes text, remote_answer *out) {
    visit_answer answers[VISIT_BATCH_MAX];
    buffer bodies[VISIT_BATCH_MAX], record = BUFFER_INIT(OUTBOX_VISIT_MAX);
    char hashes[VISIT_BATCH_MAX][VISIT_HASH_SIZE];
    uint8_t digest[CRYPT_SHA256_LENGTH];
    visit_batch *batch;
    assert_int_equal(visit_batch_read(text, &batch, NULL), RESULT_OK);
    const size_t count = visit_batch_count(batch), only = script.only != 0 ? script.only : count;
    assert_true(count <= (size_t)script.visit_batch);
    for (size_t i = 0; i < count; i++) {
        const size_t at = count - 1 - i;
        buffer_clear(&record);
        assert_int_equal(visit_batch_record(batch, i, &record), RESULT_OK);
        const int number = visit_number(buffer_bytes(&record));
        note_sent(test_record_id(number));
        assert_int_equal(crypt_sha256(buffer_bytes(&record), digest), RESULT_OK);
        hex_encode(BYTES(digest), hashes[at], sizeof hashes[at]);
        bodies[at] = BUFFER_INIT(65536);
        answer_of_batch(number, hashes[at], &bodies[at], &answers[at]);
    }
    if (out->status == 200)
        assert_int_equal(visit_answers_write(answers, only, &out->body), RESULT_OK);
    for (size_t i = 0; i < count; i++)
        buffer_wipe(&bodies[i]);
    buffer_wipe(&record);
    visit_batch_free(&batch);
}

result remote_post(const remote *r, const char *path, const char *type, bytes body, const char *signer,
                   remote_answer *out) {
    assert_ptr_equal(r, &service);
    if (strcmp(path, "/results") == 0) {
        *out = (remote_answer){.status = 200};
        return buffer_append(&acknowledged, body);
    }
    const bool batch = strcmp(path, "/visit-batch") == 0;
    assert_string_equal(path, batch ? "/visit-batch" : "/fhir");
    assert_string_equal(type, batch ? "application/json" : "application/fhir+json");
    assert_string_equal(signer, REMOTE_SIGNER_HISTORY);
    begin_reply(out);
    if (batch && script.visit_batch == 0)
        out->status = 404;
    buffer_clear(&last_body);
    assert_int_equal(buffer_append(&last_body, body), RESULT_OK);
    if (!batch)
        answer_visit(body, out);
    else if (out->status != 404)
        answer_visit_batch(body, out);
    return script.code;
}

/* --- a relay ------------------------------------------------------------------------------------------------------ */

result remote_get(const remote *r, const char *path, const char *signer, remote_answer *out) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    char hash[2 * CRYPT_SHA256_LENGTH + 1];
    assert_ptr_equal(r, &service);
    assert_string_equal(path, "/results");
    assert_null(signer);
    assert_int_equal(crypt_sha256(buffer_bytes(&last_body), digest), RESULT_OK);
    hex_encode(BYTES(digest), hash, sizeof hash);
    *out = (remote_answer){.status = 200, .body = BUFFER_INIT(1 << 22)};
    return fhir_dump_and_free(json_pack("{s:[{s:s,s:i,s:s,s:s,s:o}],s:b}", "results", "id", test_record_id(77),
                                        "status", script.status, "signature", script.kept_signature, "requestHash",
                                        hash, "body", fhir_base64_string(buffer_bytes(&last_body)), "more", 0),
                              &out->body);
}

/* Verifies by the signature's text; the answer is made of the question, which is the body here. */
result remote_take(const remote *r, const remote_kept *kept, const char *signer, remote_answer *out) {
    assert_ptr_equal(r, &service);
    assert_string_equal(signer, kept->is_batch ? REMOTE_SIGNER_PLATFORM : REMOTE_SIGNER_HISTORY);
    if (script.visit_batch > 0) { /* "signed" in base64; a part of a batch's answer is no call */
        *out = (remote_answer){
            .status = kept->status, .body = BUFFER_INIT(65536), .signature = BUFFER_INIT(64), .message = "words"};
        assert_int_equal(buffer_append(&out->body, kept->body), RESULT_OK);
        return kept->status <= 201 && strcmp(kept->signature, "c2lnbmVk") != 0 ? RESULT_BAD_SIGNATURE : RESULT_OK;
    }
    begin_reply(out);
    if (strcmp(kept->signature, "signed") != 0)
        return RESULT_BAD_SIGNATURE;
    if (kept->is_batch)
        answer_batch(kept->body, out);
    else
        answer_visit(kept->body, out);
    return RESULT_OK;
}

/* --- what is told ------------------------------------------------------------------------------------------------- */

buffer told = BUFFER_INIT(65536);

static void note(const char *word, const outbox_item *item) {
    buffer_append_format(&told, "%s %s %d;", word, item->kind, item->id[0] != 0 ? atoi(item->id + 24) : 0);
}

static void note_changed(void *context, const outbox_item *item) {
    (void)context;
    assert_true(item->reception != NULL || item->receipt != NULL);
    note("changed", item);
}

static void note_refused(void *context, const outbox_item *item) {
    (void)context;
    assert_true(item->message != NULL && item->message[0] != 0);
    note("refused", item);
}

static void note_damaged(void *context, const outbox_item *item) {
    (void)context;
    note("damaged", item);
}

static void note_kept(void *context, const outbox_item *item) {
    (void)context;
    note("kept", item);
}

const outbox_events events = {NULL, note_changed, note_refused, note_damaged, note_kept};

void begin_script(struct script s) {
    script = s;
    calls = 0;
    asked = 0;
    sent_count = 0;
    buffer_clear(&told);
}

outbox_receptions send_receptions(struct script s) {
    outbox_receptions out;
    begin_script(s);
    outbox_send_receptions(&test_store, &service, &events, s.asks_time, &out);
    return out;
}

outbox_visits send_visits(struct script s) {
    outbox_visits out;
    begin_script(s);
    outbox_send_visits(&test_store, &service, &events, s.offers, &out);
    return out;
}
