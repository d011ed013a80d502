/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/delivery's outboxes over a real store, with a service that says what the test wants: no card, no network. The
 * same on every engine: tests/services/terminal-store.test runs this against PostgreSQL. */
#include "base/hex.h"
#include "crypt/digest.h"
#include "delivery/outbox.h"
#include "evidence/evidence.h"
#include "fhir/outcome.h"
#include "fhir/signed_answer.h"
#include "test_certificates.h"
#include "test_record_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define DAY_S 86400

/* --- the patient -------------------------------------------------------------------------------------------------- */

static test_identity identity;
static certificate *patient;
static cms_key *patient_key;

static int make_patient(void **state) {
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

static int forget_patient(void **state) {
    (void)state;
    certificate_free(&patient);
    cms_key_free(&patient_key);
    test_identity_free(&identity);
    return 0;
}

/* --- what waits --------------------------------------------------------------------------------------------------- */

static void make_evidence(int number, buffer *der) {
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
static void put_reception(int number, const char *assumed_insurer, const char *assumed_number) {
    reception_record record = RECEPTION_RECORD_INIT;
    snprintf(record.evidence_id, sizeof record.evidence_id, "%s", test_record_id(number));
    snprintf(record.state, sizeof record.state, "%s", STATE_PENDING);
    snprintf(record.assumed_insurer, sizeof record.assumed_insurer, "%s", assumed_insurer);
    snprintf(record.assumed_number, sizeof record.assumed_number, "%s", assumed_number);
    record.at = time(NULL);
    make_evidence(number, &record.evidence);
    assert_int_equal(record_add_reception(&test_store, &record, "subject", NULL, NULL), RESULT_OK);
    reception_record_wipe(&record);
}

static void put_receptions(int count) {
    for (int i = 1; i <= count; i++)
        put_reception(i, "", "");
}

static void put_row(int number, const char *kind, const char *state, const char *content) {
    terminal_record row = {.at = 1};
    snprintf(row.id, sizeof row.id, "%s", test_record_id(number));
    snprintf(row.kind, sizeof row.kind, "%s", kind);
    snprintf(row.state, sizeof row.state, "%s", state);
    assert_int_equal(record_add(&test_store, &row, bytes_of(content, strlen(content)), NULL, NULL), RESULT_OK);
}

/* --- the service -------------------------------------------------------------------------------------------------- */

/* What it says to each call. */
static struct script {
    result code;
    int status; /* of the whole */
    long wait_s;
    const int *entries;               /* of a batch: the status of each; NULL: 201 */
    bool backwards;                   /* the last entry first */
    bool nameless;                    /* refusals name no evidence */
    const char *about;                /* every answer is about this evidence instead */
    const char *patient;              /* and about this patient */
    bool several;                     /* every answer tells of several coverages */
    size_t only;                      /* so many entries come, and no more; 0: all */
    const char *receipt_for;          /* every receipt is for this visit instead */
    int refused_call, refused_status; /* the call with this number (from 1) gets this status */
    size_t stop_after;                /* calls until something is more urgent; 0: never */
    const char *kept_signature;       /* of the one answer that a relay has: to the body that was sent last */
} script;
static buffer last_body = BUFFER_INIT(1 << 22), acknowledged = BUFFER_INIT(4096);
static size_t calls;
static int sent[512], sent_count; /* the numbers of what came, in order */

static void note_sent(const char *id) {
    assert_true(sent_count < 512);
    sent[sent_count++] = atoi(id + 24);
}

static bool must_stop(void *context) {
    (void)context;
    return script.stop_after != 0 && calls >= script.stop_after;
}

static const remote service = {.must_stop = must_stop};

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

static void write_answer_in(const eligibility_request *request, bool of_today, buffer *resource) {
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
    snprintf(response.service_date, sizeof response.service_date, "%s", request->service_date);
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

static void answer_batch(bytes body, remote_answer *out) {
    static eligibility_request request;
    eligibility_batch *batch;
    eligibility_outcome outcomes[FHIR_BATCH_MAX];
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
    if (out->status == 200) {
        assert_int_equal(
            eligibility_batch_answer_write(outcomes, script.only != 0 ? script.only : count, &text, &content),
            RESULT_OK);
        assert_int_equal(eligibility_batch_answer_read(buffer_bytes(&text), &out->entries, NULL), RESULT_OK);
    }
    for (size_t i = 0; i < count; i++)
        buffer_wipe(&resources[i]);
    buffer_wipe(&text);
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

static void answer_visit(bytes body, remote_answer *out) {
    visit_receipt receipt = {.link_id = "L"};
    const int number = visit_number(body);
    snprintf(receipt.receipt_id, sizeof receipt.receipt_id, "%s", test_record_id(9999));
    snprintf(receipt.visit_id, sizeof receipt.visit_id, "%s",
             script.receipt_for != NULL ? script.receipt_for : test_record_id(number));
    note_sent(test_record_id(number));
    memset(receipt.content_hash, 'A', 64);
    clock_text(time(NULL), receipt.registered_at);
    if (out->status == 200)
        assert_int_equal(visit_receipt_write(&receipt, &out->body), RESULT_OK);
}

result remote_post(const remote *r, const char *path, const char *type, bytes body, const char *signer,
                   remote_answer *out) {
    assert_ptr_equal(r, &service);
    if (strcmp(path, "/results") == 0) {
        *out = (remote_answer){.status = 200};
        return buffer_append(&acknowledged, body);
    }
    assert_string_equal(path, "/fhir");
    assert_string_equal(type, "application/fhir+json");
    assert_string_equal(signer, REMOTE_SIGNER_HISTORY);
    begin_reply(out);
    buffer_clear(&last_body);
    assert_int_equal(buffer_append(&last_body, body), RESULT_OK);
    answer_visit(body, out);
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

static buffer told = BUFFER_INIT(65536);

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

static const outbox_events events = {NULL, note_changed, note_refused, note_damaged, note_kept};

static void begin_script(struct script s) {
    script = s;
    calls = 0;
    sent_count = 0;
    buffer_clear(&told);
}

static outbox_receptions send(struct script s) {
    outbox_receptions out;
    begin_script(s);
    outbox_send_receptions(&test_store, &service, &events, &out);
    return out;
}

static outbox_visits send_visits(struct script s) {
    outbox_visits out;
    begin_script(s);
    outbox_send_visits(&test_store, &service, &events, &out);
    return out;
}

/* --- receptions --------------------------------------------------------------------------------------------------- */

static void an_answer_finds_its_reception_in_any_order(void **state) {
    static const int entries[] = {201, 422, 200, 409};
    (void)state;
    put_receptions(4);
    const outbox_receptions out = send((struct script){.entries = entries, .backwards = true});
    assert_int_equal(out.run.end, OUTBOX_DONE);
    assert_string_equal(test_record_state(1), STATE_CONFIRMED);
    assert_string_equal(test_record_state(2), STATE_REFUSED);
    assert_string_equal(test_record_state(3), STATE_CONFIRMED);
    assert_string_equal(test_record_state(4), STATE_REFUSED);
    assert_true(out.confirmed == 2 && out.refused == 2 && out.unusable == 0);
    assert_string_equal(buffer_text(&told),
                        "refused reception 4;changed reception 3;refused reception 2;changed reception 1;");
    /* Nothing is asked a second time. */
    send((struct script){0});
    assert_int_equal(calls, 0);
}

/* Only what the interface gives as a last word is one. */
static void an_unknown_status_of_an_entry_waits(void **state) {
    static const int statuses[] = {100, 202, 203, 204, 299, 302, 400, 401, 403, 404, 410, 418, 423, 429, 500, 503, 599};
    (void)state;
    put_receptions(2);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        const int entries[] = {statuses[i], statuses[i]};
        const outbox_receptions out = send((struct script){.entries = entries});
        assert_int_equal(sent_count, 2);
        assert_string_equal(test_record_state(1), STATE_PENDING);
        assert_string_equal(test_record_state(2), STATE_PENDING);
        assert_true(out.refused == 0 && out.unusable == 0);
        assert_int_equal(out.unregistered, statuses[i] == 403);
        assert_int_equal(out.kept, statuses[i] == 202 ? 2 : 0);
        assert_int_equal(out.run.end, statuses[i] == 202 ? OUTBOX_KEPT : OUTBOX_DONE);
    }
    /* And gets its answer when there is one. */
    assert_int_equal(send((struct script){0}).confirmed, 2);
}

static void a_refusal_that_names_nothing_refuses_nobody(void **state) {
    static const int entries[] = {422, 201};
    (void)state;
    put_receptions(2);
    const outbox_receptions out = send((struct script){.entries = entries, .nameless = true});
    assert_string_equal(test_record_state(1), STATE_PENDING);
    assert_string_equal(test_record_state(2), STATE_CONFIRMED);
    assert_true(out.refused == 0 && out.unusable == 1 && out.confirmed == 1);
}

/* A signed answer of another day, given again, is about another's evidence. */
static void an_answer_about_something_else_is_nobodys(void **state) {
    static const int refusals[] = {422, 409};
    char other[UUID_TEXT_SIZE];
    (void)state;
    put_receptions(2);
    snprintf(other, sizeof other, "%s", test_record_id(77));
    assert_int_equal(send((struct script){.about = other}).unusable, 2);
    assert_int_equal(send((struct script){.about = other, .entries = refusals}).unusable, 2);
    assert_string_equal(test_record_state(1), STATE_PENDING);
    assert_string_equal(test_record_state(2), STATE_PENDING);
    /* All about the first: it has one answer, the second none. */
    snprintf(other, sizeof other, "%s", test_record_id(1));
    const outbox_receptions out = send((struct script){.about = other});
    assert_true(out.confirmed == 1 && out.unusable == 1);
    assert_string_equal(test_record_state(2), STATE_PENDING);
}

static void an_answer_about_another_patient_is_nobodys(void **state) {
    (void)state;
    put_receptions(1);
    const outbox_receptions out = send((struct script){.patient = "CN=Another CA#01"});
    assert_true(out.confirmed == 0 && out.unusable == 1);
    assert_string_equal(test_record_state(1), STATE_PENDING);
}

/* What the terminal went by, and what the platform knows. */
static void another_coverage_is_a_change(void **state) {
    (void)state;
    put_reception(1, "Kenpo", "345");
    put_reception(2, "Kenpo", "346"); /* another number at the same insurer */
    put_reception(3, "Kyokai", "345");
    put_reception(4, "", "");
    const outbox_receptions out = send((struct script){0});
    assert_true(out.confirmed == 2 && out.changed == 2);
    assert_string_equal(test_record_state(2), STATE_CHANGED);
    assert_string_equal(test_record_state(3), STATE_CHANGED);
    put_reception(5, "Kenpo", "345");
    assert_int_equal(send((struct script){.several = true}).needs_call, 1); /* a person chooses, though one fits */
    assert_string_equal(test_record_state(5), STATE_NEEDS_CALL);
}

/* No word about a reception is not yet a reason to ask for the next ones. */
static void a_batch_without_a_word_is_the_last_one(void **state) {
    static const int entries[FHIR_BATCH_MAX + 1] = {503};
    (void)state;
    put_receptions(FHIR_BATCH_MAX + 1);
    send((struct script){.entries = entries, .only = 1});
    assert_int_equal(calls, 1);
}

static void one_unregistered_entry_is_told(void **state) {
    static const int entries[] = {403, 503};
    (void)state;
    put_receptions(2);
    assert_true(send((struct script){.entries = entries}).unregistered);
}

static void what_waits_goes_batch_after_batch(void **state) {
    (void)state;
    put_receptions(FHIR_BATCH_MAX + 20);
    outbox_receptions out = send((struct script){.stop_after = 1});
    assert_int_equal(calls, 1);
    assert_int_equal(out.confirmed, FHIR_BATCH_MAX);
    assert_int_equal(out.run.end, OUTBOX_DONE);
    out = send((struct script){0});
    assert_true(calls == 1 && out.confirmed == 20 && sent[0] == FHIR_BATCH_MAX + 1);
}

/* Taken as a whole, to be answered later: the next batch is handed over as well, and nothing is final. */
static void a_kept_batch_waits(void **state) {
    (void)state;
    put_receptions(FHIR_BATCH_MAX + 1);
    const outbox_receptions out = send((struct script){.status = 202});
    assert_int_equal(calls, 2);
    assert_int_equal(out.kept, FHIR_BATCH_MAX + 1);
    assert_int_equal(out.run.end, OUTBOX_KEPT);
    assert_string_equal(test_record_state(1), STATE_PENDING);
    assert_string_equal(test_record_state(FHIR_BATCH_MAX + 1), STATE_PENDING);
}

static void a_batch_that_is_not_taken_waits(void **state) {
    static const struct {
        struct script script;
        outbox_end end;
    } rows[] = {
        {{.status = 503, .wait_s = 7}, OUTBOX_BUSY},  {{.status = 429, .wait_s = 7}, OUTBOX_BUSY},
        {{.status = 503}, OUTBOX_NOT_TAKEN},          {{.status = 400}, OUTBOX_NOT_TAKEN},
        {{.status = 302}, OUTBOX_NOT_TAKEN},          {{.status = 201}, OUTBOX_NOT_TAKEN},
        {{.code = RESULT_TIMEOUT}, OUTBOX_NOT_TAKEN}, {{.code = RESULT_BAD_SIGNATURE}, OUTBOX_NOT_TAKEN},
    };
    (void)state;
    put_receptions(FHIR_BATCH_MAX + 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const outbox_receptions out = send(rows[i].script);
        assert_int_equal(calls, 1);
        assert_int_equal(out.run.end, rows[i].end);
        assert_int_equal(out.run.wait.s, rows[i].script.wait_s);
        assert_string_equal(test_record_state(1), STATE_PENDING);
        assert_int_equal(told.length, 0);
    }
}

static void a_damaged_reception_is_not_in_the_way(void **state) {
    (void)state;
    put_receptions(1);
    put_row(2, RECORD_RECEPTION, STATE_PENDING, "no JSON");
    put_row(3, RECORD_RECEPTION, STATE_PENDING, "{\"evidence\":\"AAAA\"}");
    const outbox_receptions out = send((struct script){0});
    assert_true(out.confirmed == 1 && out.damaged == 2 && out.run.end == OUTBOX_DONE);
    assert_string_equal(test_record_state(2), STATE_DAMAGED);
    assert_string_equal(test_record_state(3), STATE_DAMAGED);
    assert_string_equal(buffer_text(&told), "damaged reception 2;damaged reception 3;changed reception 1;");
}

/* The answer is kept with the proof that it is the platform's. */
static void an_answer_is_kept_with_its_proof(void **state) {
    reception_record record;
    answer_proof proof;
    (void)state;
    put_receptions(2);
    send((struct script){0});
    assert_int_equal(record_get_reception(&test_store, test_record_id(2), &record), RESULT_OK);
    assert_int_equal(answer_proof_read(buffer_bytes(&record.signature), &proof, NULL), RESULT_OK);
    buffer form = BUFFER_INIT(65536);
    assert_int_equal(signed_answer_of(buffer_bytes(&record.answer), &form, NULL), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&proof.answer), buffer_bytes(&form)));
    buffer_wipe(&form);
    assert_true(bytes_equal(buffer_bytes(&proof.signature), bytes_of("signed", 6)));
    assert_true(record_last_contact(&test_store) > 0);
    answer_proof_wipe(&proof);
    reception_record_wipe(&record);
}

/* --- visits ------------------------------------------------------------------------------------------------------- */

static void put_visits(int first, int count) {
    for (int i = first; i < first + count; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", i);
        put_row(i, RECORD_VISIT, STATE_QUEUED, number);
    }
}

static void every_visit_is_sent_page_after_page(void **state) {
    (void)state;
    put_visits(1, 150);
    const outbox_visits out = send_visits((struct script){0});
    assert_true(out.registered == 150 && out.run.end == OUTBOX_DONE);
    for (int i = 0; i < 150; i++)
        assert_int_equal(sent[i], i + 1);
    assert_string_equal(test_record_state(150), STATE_REGISTERED);
    send_visits((struct script){0});
    assert_int_equal(calls, 0);
}

static void a_refused_visit_is_not_in_the_way(void **state) {
    static const int statuses[] = {400, 409, 413, 422};
    (void)state;
    for (int i = 0; i < 4; i++) {
        put_visits(10 * i + 1, 3);
        const outbox_visits out = send_visits((struct script){.refused_call = 2, .refused_status = statuses[i]});
        assert_true(out.registered == 2 && out.refused == 1 && out.run.end == OUTBOX_DONE);
        assert_string_equal(test_record_state(10 * i + 2), STATE_REJECTED);
        assert_string_equal(test_record_state(10 * i + 3), STATE_REGISTERED);
    }
}

static void a_visit_that_is_kept_waits_and_the_next_is_sent(void **state) {
    (void)state;
    put_visits(1, 3);
    outbox_visits out = send_visits((struct script){.refused_call = 2, .refused_status = 202});
    assert_true(out.registered == 2 && out.kept == 1 && out.run.end == OUTBOX_KEPT);
    assert_string_equal(test_record_state(2), STATE_QUEUED);
    assert_string_equal(buffer_text(&told), "changed visit 1;kept visit 2;changed visit 3;");
    out = send_visits((struct script){0});
    assert_true(calls == 1 && out.registered == 1);
}

static void an_unknown_status_of_a_visit_waits(void **state) {
    static const int statuses[] = {203, 299, 302, 401, 403, 404, 410, 418, 429, 500, 503};
    (void)state;
    put_visits(1, 2);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        const outbox_visits out = send_visits((struct script){.status = statuses[i], .wait_s = (long)i % 2});
        assert_int_equal(calls, 1);
        assert_int_equal(out.run.end, i % 2 == 1 ? OUTBOX_BUSY : OUTBOX_NOT_TAKEN);
        assert_int_equal(out.run.status, statuses[i]);
        assert_string_equal(test_record_state(1), STATE_QUEUED);
        assert_string_equal(test_record_state(2), STATE_QUEUED);
    }
    assert_int_equal(send_visits((struct script){.code = RESULT_TIMEOUT}).run.status, 0);
    assert_string_equal(test_record_state(1), STATE_QUEUED);
}

static void a_receipt_for_another_visit_registers_nothing(void **state) {
    char other[UUID_TEXT_SIZE];
    (void)state;
    put_visits(1, 2);
    snprintf(other, sizeof other, "%s", test_record_id(2));
    const outbox_visits out = send_visits((struct script){.receipt_for = other});
    assert_true(out.registered == 0 && out.run.end == OUTBOX_UNUSABLE && out.run.message[0] != 0);
    assert_string_equal(test_record_state(1), STATE_QUEUED);
    assert_string_equal(test_record_state(2), STATE_QUEUED);
}

/* As the version before kept it: the answer without salts, its proof with all of the answer in it. */
static void put_old_reception(int number, bool online) {
    static eligibility_request request;
    reception_record record = RECEPTION_RECORD_INIT;
    snprintf(record.evidence_id, sizeof record.evidence_id, "%s", test_record_id(number));
    snprintf(record.state, sizeof record.state, "%s", STATE_CONFIRMED);
    record.at = time(NULL);
    make_evidence(number, &record.evidence);
    request = (eligibility_request){.service_date = "2026-11-24"};
    snprintf(request.evidence_id, sizeof request.evidence_id, "%s", record.evidence_id);
    snprintf(request.patient_serial, sizeof request.patient_serial, "%s#%s", certificate_issuer(patient),
             certificate_serial(patient));
    write_answer_in(&request, false, &record.answer);
    if (online)
        buffer_append_text(&record.signature, "signed");
    else
        assert_int_equal(
            answer_proof_write_alone(buffer_bytes(&record.answer), bytes_of("signed", 6), &record.signature),
            RESULT_OK);
    assert_int_equal(record_add_reception(&test_store, &record, "subject", NULL, NULL), RESULT_OK);
    reception_record_wipe(&record);
}

/* A visit of that reception, queued by the version before with the whole answer. */
static void put_old_visit(int number, int reception) {
    visit_record visit = VISIT_RECORD_INIT;
    terminal_record row = {.at = 1, .kind = RECORD_VISIT, .state = STATE_QUEUED};
    reception_record old;
    buffer body = BUFFER_INIT(OUTBOX_VISIT_MAX);
    snprintf(row.subject, sizeof row.subject, "%s", test_record_id(reception));
    assert_int_equal(record_get_reception(&test_store, row.subject, &old), RESULT_OK);
    snprintf(row.id, sizeof row.id, "%s", test_record_id(number));
    snprintf(visit.encounter.visit_id, sizeof visit.encounter.visit_id, "%s", row.id);
    snprintf(visit.encounter.evidence_id, sizeof visit.encounter.evidence_id, "%s", old.evidence_id);
    strcpy(visit.encounter.link_id, "L");
    strcpy(visit.encounter.institution_code, "1312345678");
    strcpy(visit.encounter.operator_id, "D-0001");
    strcpy(visit.encounter.operator_name, "Doctor");
    strcpy(visit.encounter.department, "01");
    clock_text(time(NULL), visit.encounter.start);
    clock_text(time(NULL), visit.encounter.end);
    buffer_append_text(&visit.signature, "signature");
    buffer_append(&visit.evidence, buffer_bytes(&old.evidence));
    assert_int_equal(answer_proof_write_alone(buffer_bytes(&old.answer), bytes_of("signed", 6), &visit.proof),
                     RESULT_OK);
    assert_int_equal(visit_record_write(&visit, &body), RESULT_OK);
    assert_int_equal(record_add(&test_store, &row, buffer_bytes(&body), NULL, NULL), RESULT_OK);
    reception_record_wipe(&old);
    visit_record_wipe(&visit);
    buffer_wipe(&body);
}

/* What the version before has queued would tell the history service who the patient is: it is not sent. The platform is
 * asked once more for its word, and then the visit goes out by itself, with no name in it. */
static void an_old_visit_waits_for_the_word_of_today(void **state) {
    (void)state;
    for (int online = 0; online <= 1; online++) {
        const int reception = 10 * online + 1, visit = 10 * online + 2;
        put_old_reception(reception, online == 1);
        put_old_visit(visit, reception);
        outbox_visits out = send_visits((struct script){0});
        assert_true(calls == 0 && out.registered == 0 && out.kept == 1 && out.run.end == OUTBOX_KEPT);
        assert_string_equal(test_record_state(visit), STATE_AWAITING);
        assert_string_equal(test_record_state(reception), STATE_PENDING);
        assert_int_equal(outbox_release_visits(&test_store), RESULT_OK);
        assert_string_equal(test_record_state(visit), STATE_AWAITING);
        assert_int_equal(send((struct script){0}).run.end, OUTBOX_DONE);
        assert_int_equal(outbox_release_visits(&test_store), RESULT_OK);
        assert_string_equal(test_record_state(visit), STATE_QUEUED);
        out = send_visits((struct script){0});
        assert_true(out.registered == 1 && out.run.end == OUTBOX_DONE);
        assert_string_equal(test_record_state(visit), STATE_REGISTERED);
        assert_non_null(strstr(buffer_text(&last_body), "Provenance"));
        assert_true(visit_record_is_proven(buffer_bytes(&last_body)));
    }
}

/* Why there is no proof. */
static void an_old_answer_has_no_proof(void **state) {
    (void)state;
    for (int online = 0; online <= 1; online++) {
        reception_record record;
        buffer proof = BUFFER_INIT(ANSWER_PROOF_MAX);
        put_old_reception(online + 1, online == 1);
        assert_int_equal(record_get_reception(&test_store, test_record_id(online + 1), &record), RESULT_OK);
        assert_int_equal(outbox_visit_proof(&record, &proof), RESULT_UNSUPPORTED);
        assert_int_equal(proof.length, 0);
        buffer_clear(&record.signature);
        assert_int_equal(outbox_visit_proof(&record, &proof), RESULT_NOT_FOUND);
        reception_record_wipe(&record);
        buffer_wipe(&proof);
    }
}

static void visits_stop_when_something_is_more_urgent(void **state) {
    (void)state;
    put_visits(1, 3);
    assert_int_equal(send_visits((struct script){.stop_after = 2}).registered, 2);
    assert_string_equal(test_record_state(3), STATE_QUEUED);
}

/* --- answers that a relay has kept -------------------------------------------------------------------------------- */

static outbox_receptions fetch(struct script s) {
    outbox_receptions out;
    begin_script(s);
    buffer_clear(&acknowledged);
    outbox_fetch_receptions(&test_store, &service, &events, &out);
    return out;
}

static void what_a_relay_took_is_not_sent_again_at_once(void **state) {
    outbox_receptions out;
    (void)state;
    put_receptions(2);
    out = send((struct script){.status = 202});
    assert_int_equal(out.run.end, OUTBOX_KEPT);
    assert_true(out.run.wait.s > 0);
    begin_script((struct script){.status = 202});
    outbox_send_new_receptions(&test_store, &service, &events, &out);
    assert_true(calls == 0 && out.run.end == OUTBOX_KEPT && out.run.wait.s > 0);
    /* a person asks */
    send((struct script){.status = 202});
    assert_int_equal(sent_count, 2);
    /* the time is over, or was never so late: */
    static const char *const times[] = {"1", "99999999999", "", "x"};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        char text[80];
        const int length = snprintf(text, sizeof text, "%s %s", test_record_id(2), times[i]);
        assert_int_equal(record_set(&test_store, SETTING_KEPT, bytes_of(text, (size_t)length)), RESULT_OK);
        begin_script((struct script){.status = 503});
        outbox_send_new_receptions(&test_store, &service, &events, &out);
        assert_int_equal(sent_count, 2);
    }
}

static void an_answer_by_way_of_a_relay_is_taken_in(void **state) {
    static const int entries[] = {201, 422};
    (void)state;
    put_receptions(2);
    send((struct script){.status = 202});
    const outbox_receptions out = fetch(
        (struct script){.status = 200, .kept_signature = "signed", .entries = entries, .backwards = true});
    assert_true(out.confirmed == 1 && out.refused == 1 && out.unusable == 0);
    assert_string_equal(test_record_state(1), STATE_CONFIRMED);
    assert_string_equal(test_record_state(2), STATE_REFUSED);
    assert_non_null(strstr(buffer_text(&acknowledged), test_record_id(77)));
    /* The same again changes nothing, and the relay may forget it. */
    const outbox_receptions again = fetch(
        (struct script){.status = 200, .kept_signature = "signed", .entries = entries});
    assert_true(again.confirmed == 0 && again.refused == 0 && again.unusable == 0);
    assert_non_null(strstr(buffer_text(&acknowledged), test_record_id(77)));
    assert_string_equal(test_record_state(2), STATE_REFUSED);
}

static void an_answer_that_a_relay_has_forged_is_not(void **state) {
    (void)state;
    put_receptions(2);
    send((struct script){.status = 202});
    outbox_receptions out = fetch((struct script){.status = 200, .kept_signature = "forged"});
    assert_true(out.confirmed == 0 && out.unusable == 1 && acknowledged.length == 0);
    assert_string_equal(test_record_state(1), STATE_PENDING);
    /* signed, but about nothing of ours */
    out = fetch((struct script){.status = 200, .kept_signature = "signed", .about = test_record_id(88)});
    assert_true(out.confirmed == 0 && buffer_text(&told)[0] == 0);
    assert_string_equal(test_record_state(1), STATE_PENDING);
}

static void a_receipt_by_way_of_a_relay_is_taken_in(void **state) {
    outbox_visits out;
    (void)state;
    put_visits(1, 2);
    send_visits((struct script){.status = 202});
    begin_script((struct script){.status = 200, .kept_signature = "forged"});
    buffer_clear(&acknowledged);
    outbox_fetch_visits(&test_store, &service, &events, &out);
    assert_true(out.registered == 0 && out.unusable == 1 && acknowledged.length == 0);
    assert_string_equal(test_record_state(2), STATE_QUEUED);
    begin_script((struct script){.status = 200, .kept_signature = "signed"});
    outbox_fetch_visits(&test_store, &service, &events, &out);
    assert_true(out.registered == 1 && out.unusable == 0 && acknowledged.length > 0);
    assert_string_equal(test_record_state(1), STATE_QUEUED);
    assert_string_equal(test_record_state(2), STATE_REGISTERED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_store_begin, test_store_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_answer_finds_its_reception_in_any_order),
        TEST(an_unknown_status_of_an_entry_waits),
        TEST(a_refusal_that_names_nothing_refuses_nobody),
        TEST(an_answer_about_something_else_is_nobodys),
        TEST(an_answer_about_another_patient_is_nobodys),
        TEST(another_coverage_is_a_change),
        TEST(a_batch_without_a_word_is_the_last_one),
        TEST(one_unregistered_entry_is_told),
        TEST(what_waits_goes_batch_after_batch),
        TEST(a_kept_batch_waits),
        TEST(a_batch_that_is_not_taken_waits),
        TEST(a_damaged_reception_is_not_in_the_way),
        TEST(an_answer_is_kept_with_its_proof),
        TEST(every_visit_is_sent_page_after_page),
        TEST(a_refused_visit_is_not_in_the_way),
        TEST(a_visit_that_is_kept_waits_and_the_next_is_sent),
        TEST(an_unknown_status_of_a_visit_waits),
        TEST(a_receipt_for_another_visit_registers_nothing),
        TEST(an_old_visit_waits_for_the_word_of_today),
        TEST(an_old_answer_has_no_proof),
        TEST(visits_stop_when_something_is_more_urgent),
        TEST(what_a_relay_took_is_not_sent_again_at_once),
        TEST(an_answer_by_way_of_a_relay_is_taken_in),
        TEST(an_answer_that_a_relay_has_forged_is_not),
        TEST(a_receipt_by_way_of_a_relay_is_taken_in),
    };
    const int failed = cmocka_run_group_tests(tests, make_patient, forget_patient);
    buffer_wipe(&told);
    buffer_wipe(&last_body);
    buffer_wipe(&acknowledged);
    return failed;
}
