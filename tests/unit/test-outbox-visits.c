/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/delivery's outbox of visits: each goes once, and what the version before has queued goes without the patient. The same
 * on every engine: tests/services/terminal-store.test runs this against PostgreSQL. */
#include "outbox-fixture.h"

#include "fhir/signed_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

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
        assert_int_equal(send_receptions((struct script){0}).run.end, OUTBOX_DONE);
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

/* --- many in one call --- */

#define BATCHES .offers = 100, .visit_batch = 100

static void many_visits_go_in_few_calls(void **state) {
    (void)state;
    put_visits(1, 150);
    const outbox_visits out = send_visits((struct script){BATCHES});
    assert_true(out.registered == 150 && out.run.end == OUTBOX_DONE && out.unusable == 0);
    assert_int_equal(calls, 2);
    for (int i = 0; i < 150; i++)
        assert_int_equal(sent[i], i + 1);
    assert_string_equal(test_record_state(1), STATE_REGISTERED);
    assert_string_equal(test_record_state(150), STATE_REGISTERED);
    send_visits((struct script){BATCHES});
    assert_int_equal(calls, 0);
}

static void one_visit_goes_alone(void **state) {
    (void)state;
    put_visits(1, 1);
    assert_int_equal(send_visits((struct script){.offers = 100}).registered, 1);
    assert_int_equal(calls, 1);
}

static void a_refused_visit_of_a_batch_is_not_in_the_way(void **state) {
    static const int refusals[] = {400, 409, 422}, waits[] = {403, 503};
    (void)state;
    for (int i = 0; i < 3; i++) {
        put_visits(10 * i + 1, 3);
        const outbox_visits out = send_visits(
            (struct script){BATCHES, .refused_visit = 10 * i + 2, .refused_status = refusals[i]});
        assert_true(calls == 1 && out.registered == 2 && out.refused == 1 && out.run.end == OUTBOX_DONE);
        assert_string_equal(test_record_state(10 * i + 2), STATE_REJECTED);
        assert_string_equal(test_record_state(10 * i + 3), STATE_REGISTERED);
    }
    put_visits(101, 3);
    for (int i = 0; i < 2; i++) {
        const outbox_visits out = send_visits(
            (struct script){BATCHES, .refused_visit = 102, .refused_status = waits[i]});
        assert_int_equal(out.registered, i == 0 ? 2 : 1); /* then it is alone, and no batch */
        assert_int_equal(out.run.end, i == 0 ? OUTBOX_NOT_TAKEN : OUTBOX_DONE);
        assert_string_equal(test_record_state(101), STATE_REGISTERED);
        assert_string_equal(test_record_state(102), i == 0 ? STATE_QUEUED : STATE_REGISTERED);
    }
}

static void a_receipt_of_a_batch_is_verified_by_itself(void **state) {
    (void)state;
    put_visits(1, 3);
    const outbox_visits out = send_visits((struct script){BATCHES, .forged_visit = 2});
    assert_true(out.registered == 2 && out.run.end == OUTBOX_NOT_TAKEN && out.run.code == RESULT_BAD_SIGNATURE);
    assert_string_equal(test_record_state(2), STATE_QUEUED);
    assert_string_equal(test_record_state(3), STATE_REGISTERED);
}

static void what_a_batch_says_nothing_of_waits(void **state) {
    (void)state;
    put_visits(1, 3);
    const outbox_visits out = send_visits((struct script){BATCHES, .only = 2}); /* the last two */
    assert_true(out.registered == 2 && out.unusable == 1);
    assert_string_equal(test_record_state(1), STATE_QUEUED);
}

/* The call's own trouble is nobody's refusal. */
static void a_batch_that_is_not_taken_waits(void **state) {
    static const int statuses[] = {401, 403, 429, 500, 503};
    (void)state;
    put_visits(1, 3);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        const outbox_visits out = send_visits((struct script){BATCHES, .status = statuses[i], .wait_s = (long)i % 2});
        assert_int_equal(calls, 1);
        assert_int_equal(out.run.end, i % 2 == 1 ? OUTBOX_BUSY : OUTBOX_NOT_TAKEN);
        assert_string_equal(test_record_state(3), STATE_QUEUED);
    }
    assert_int_equal(send_visits((struct script){BATCHES, .code = RESULT_TIMEOUT}).run.end, OUTBOX_NOT_TAKEN);
}

/* A relay of the version before passes the new service's status on, and not its call. */
static void without_the_call_they_go_one_by_one(void **state) {
    (void)state;
    put_visits(1, 130);
    const outbox_visits out = send_visits((struct script){.offers = 100});
    assert_true(out.registered == 130 && out.refused == 0 && out.run.end == OUTBOX_DONE);
    assert_int_equal(calls, 131);
}

/* --- receipts that a relay has kept --- */

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
        TEST(every_visit_is_sent_page_after_page),
        TEST(a_refused_visit_is_not_in_the_way),
        TEST(a_visit_that_is_kept_waits_and_the_next_is_sent),
        TEST(an_unknown_status_of_a_visit_waits),
        TEST(a_receipt_for_another_visit_registers_nothing),
        TEST(an_old_visit_waits_for_the_word_of_today),
        TEST(an_old_answer_has_no_proof),
        TEST(visits_stop_when_something_is_more_urgent),
        TEST(many_visits_go_in_few_calls),
        TEST(one_visit_goes_alone),
        TEST(a_refused_visit_of_a_batch_is_not_in_the_way),
        TEST(a_receipt_of_a_batch_is_verified_by_itself),
        TEST(what_a_batch_says_nothing_of_waits),
        TEST(a_batch_that_is_not_taken_waits),
        TEST(without_the_call_they_go_one_by_one),
        TEST(a_receipt_by_way_of_a_relay_is_taken_in),
    };
    return cmocka_run_group_tests(tests, outbox_begin_group, outbox_end_group);
}
