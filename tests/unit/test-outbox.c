/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/delivery's outbox of receptions: which answer ends the waiting of which reception. The same on every engine:
 * tests/services/terminal-store.test runs this against PostgreSQL. */
#include "outbox-fixture.h"

#include "delivery/appointment.h"
#include "delivery/beacon.h"

#include "evidence/evidence.h"
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

/* --- receptions --------------------------------------------------------------------------------------------------- */

static void an_answer_finds_its_reception_in_any_order(void **state) {
    static const int entries[] = {201, 422, 200, 409};
    (void)state;
    put_receptions(4);
    const outbox_receptions out = send_receptions((struct script){.entries = entries, .backwards = true});
    assert_int_equal(out.run.end, OUTBOX_DONE);
    assert_string_equal(test_record_state(1), STATE_CONFIRMED);
    assert_string_equal(test_record_state(2), STATE_REFUSED);
    assert_string_equal(test_record_state(3), STATE_CONFIRMED);
    assert_string_equal(test_record_state(4), STATE_REFUSED);
    assert_true(out.confirmed == 2 && out.refused == 2 && out.unusable == 0);
    assert_string_equal(buffer_text(&told),
                        "refused reception 4;changed reception 3;refused reception 2;changed reception 1;");
    /* Nothing is asked a second time. */
    send_receptions((struct script){0});
    assert_int_equal(calls, 0);
}

/* Only what the interface gives as a last word is one. */
static void an_unknown_status_of_an_entry_waits(void **state) {
    static const int statuses[] = {100, 202, 203, 204, 299, 302, 400, 401, 403, 404, 410, 418, 423, 429, 500, 503, 599};
    (void)state;
    put_receptions(2);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        const int entries[] = {statuses[i], statuses[i]};
        const outbox_receptions out = send_receptions((struct script){.entries = entries});
        assert_int_equal(sent_count, 2);
        assert_string_equal(test_record_state(1), STATE_PENDING);
        assert_string_equal(test_record_state(2), STATE_PENDING);
        assert_true(out.refused == 0 && out.unusable == 0);
        assert_int_equal(out.unregistered, statuses[i] == 403);
        assert_int_equal(out.kept, statuses[i] == 202 ? 2 : 0);
        assert_int_equal(out.run.end, statuses[i] == 202 ? OUTBOX_KEPT : OUTBOX_DONE);
    }
    /* And gets its answer when there is one. */
    assert_int_equal(send_receptions((struct script){0}).confirmed, 2);
}

static void a_refusal_that_names_nothing_refuses_nobody(void **state) {
    static const int entries[] = {422, 201};
    (void)state;
    put_receptions(2);
    const outbox_receptions out = send_receptions((struct script){.entries = entries, .nameless = true});
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
    assert_int_equal(send_receptions((struct script){.about = other}).unusable, 2);
    assert_int_equal(send_receptions((struct script){.about = other, .entries = refusals}).unusable, 2);
    assert_string_equal(test_record_state(1), STATE_PENDING);
    assert_string_equal(test_record_state(2), STATE_PENDING);
    /* All about the first: it has one answer, the second none. */
    snprintf(other, sizeof other, "%s", test_record_id(1));
    const outbox_receptions out = send_receptions((struct script){.about = other});
    assert_true(out.confirmed == 1 && out.unusable == 1);
    assert_string_equal(test_record_state(2), STATE_PENDING);
}

static void an_answer_about_another_patient_is_nobodys(void **state) {
    (void)state;
    put_receptions(1);
    const outbox_receptions out = send_receptions((struct script){.patient = "CN=Another CA#01"});
    assert_true(out.confirmed == 0 && out.unusable == 1);
    assert_string_equal(test_record_state(1), STATE_PENDING);
}

/* The platform's answer about a day to come says nothing about the day of the reception. */
static void an_answer_about_another_day_is_nobodys(void **state) {
    (void)state;
    put_receptions(1);
    const outbox_receptions out = send_receptions((struct script){.day = "2099-01-01"});
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
    const outbox_receptions out = send_receptions((struct script){0});
    assert_true(out.confirmed == 2 && out.changed == 2);
    assert_string_equal(test_record_state(2), STATE_CHANGED);
    assert_string_equal(test_record_state(3), STATE_CHANGED);
    put_reception(5, "Kenpo", "345");
    assert_int_equal(send_receptions((struct script){.several = true}).needs_call,
                     1); /* a person chooses, though one fits */
    assert_string_equal(test_record_state(5), STATE_NEEDS_CALL);
}

/* No word about a reception is not yet a reason to ask for the next ones. */
static void a_batch_without_a_word_is_the_last_one(void **state) {
    static const int entries[FHIR_BATCH_MAX + 1] = {503};
    (void)state;
    put_receptions(FHIR_BATCH_MAX + 1);
    send_receptions((struct script){.entries = entries, .only = 1});
    assert_int_equal(calls, 1);
}

static void one_unregistered_entry_is_told(void **state) {
    static const int entries[] = {403, 503};
    (void)state;
    put_receptions(2);
    assert_true(send_receptions((struct script){.entries = entries}).unregistered);
}

static void what_waits_goes_batch_after_batch(void **state) {
    (void)state;
    put_receptions(FHIR_BATCH_MAX + 20);
    outbox_receptions out = send_receptions((struct script){.stop_after = 1});
    assert_int_equal(calls, 1);
    assert_int_equal(out.confirmed, FHIR_BATCH_MAX);
    assert_int_equal(out.run.end, OUTBOX_DONE);
    out = send_receptions((struct script){0});
    assert_true(calls == 1 && out.confirmed == 20 && sent[0] == FHIR_BATCH_MAX + 1);
}

/* Taken as a whole, to be answered later: the next batch is handed over as well, and nothing is final. */
static void a_kept_batch_waits(void **state) {
    (void)state;
    put_receptions(FHIR_BATCH_MAX + 1);
    const outbox_receptions out = send_receptions((struct script){.status = 202});
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
        const outbox_receptions out = send_receptions(rows[i].script);
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
    const outbox_receptions out = send_receptions((struct script){0});
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
    send_receptions((struct script){0});
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
    out = send_receptions((struct script){.status = 202});
    assert_int_equal(out.run.end, OUTBOX_KEPT);
    assert_true(out.run.wait.s > 0);
    begin_script((struct script){.status = 202});
    outbox_send_new_receptions(&test_store, &service, &events, false, &out);
    assert_true(calls == 0 && out.run.end == OUTBOX_KEPT && out.run.wait.s > 0);
    /* a person asks */
    send_receptions((struct script){.status = 202});
    assert_int_equal(sent_count, 2);
    /* the time is over, or was never so late: */
    static const char *const times[] = {"1", "99999999999", "", "x"};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        char text[80];
        const int length = snprintf(text, sizeof text, "%s %s", test_record_id(2), times[i]);
        assert_int_equal(record_set(&test_store, SETTING_KEPT, bytes_of(text, (size_t)length)), RESULT_OK);
        begin_script((struct script){.status = 503});
        outbox_send_new_receptions(&test_store, &service, &events, false, &out);
        assert_int_equal(sent_count, 2);
    }
}

static void an_answer_by_way_of_a_relay_is_taken_in(void **state) {
    static const int entries[] = {201, 422};
    (void)state;
    put_receptions(2);
    send_receptions((struct script){.status = 202});
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
    send_receptions((struct script){.status = 202});
    outbox_receptions out = fetch((struct script){.status = 200, .kept_signature = "forged"});
    assert_true(out.confirmed == 0 && out.unusable == 1 && acknowledged.length == 0);
    assert_string_equal(test_record_state(1), STATE_PENDING);
    /* signed, but about nothing of ours */
    out = fetch((struct script){.status = 200, .kept_signature = "signed", .about = test_record_id(88)});
    assert_true(out.confirmed == 0 && buffer_text(&told)[0] == 0);
    assert_string_equal(test_record_state(1), STATE_PENDING);
}

/* --- what a relay has asked by itself --- */

#define DAY "2099-01-01"
static const int known[] = {200, 200}; /* it has answered to the receptions before */
static const struct script checked = {
    .status = 200, .kept_signature = "signed", .entries = known, .day = DAY, .number = "999"};

static size_t to_call(void) {
    size_t count = 0;
    assert_int_equal(appointments_waiting(&test_store, DAY, &count), RESULT_OK);
    return count;
}

static result keep_last(void *context, const appointment *one) {
    *(appointment *)context = *one;
    return RESULT_OK;
}

static void another_coverage_on_a_day_to_come_is_to_be_called_for(void **state) {
    static appointment found;
    (void)state;
    put_receptions(2);
    send_receptions((struct script){.status = 202});
    outbox_receptions out = fetch(checked); /* before the reception's own answer: nothing to compare with */
    assert_true(out.confirmed == 0 && out.to_call == 0 && to_call() == 0);
    assert_string_equal(test_record_state(1), STATE_PENDING);
    assert_int_equal(fetch((struct script){.status = 200, .kept_signature = "signed"}).confirmed, 2);
    struct script same = checked;
    same.number = NULL;
    out = fetch(same);
    assert_true(out.to_call == 0 && out.unusable == 0 && to_call() == 0);
    struct script other = checked;
    other.patient = "CN=Another CA#01";
    assert_int_equal(fetch(other).to_call, 0);
    assert_int_equal(fetch(checked).to_call, 2);
    assert_int_equal(to_call(), 2);
    assert_string_equal(test_record_state(1), STATE_CONFIRMED); /* the reception stays what it was */
    assert_int_equal(appointments_each(&test_store, DAY, keep_last, &found), RESULT_OK);
    assert_int_equal(found.finding, PRE_CHECK_CHANGED);
    assert_string_equal(found.before, "Kenpo");
    assert_int_equal(fetch(checked).to_call, 0); /* once more says nothing new */
    assert_int_equal(to_call(), 2);
    struct script unknown = checked; /* a reception that was broken off before its answer came here */
    unknown.about = test_record_id(88);
    unknown.day = "2099-01-02";
    assert_int_equal(fetch(unknown).to_call, 1); /* it is the patient's newest one that has an answer */
    struct script past = checked;                /* a day before the reception */
    past.day = "2020-01-01";
    assert_int_equal(fetch(past).to_call, 0);
}

/* --- the platform's time beside the answers --- */

static statement_clock clock_now(void) {
    statement_clock c;
    clock_beacon_state(&test_store, &c);
    return c;
}

static void the_time_comes_with_the_answers(void **state) {
    (void)state;
    put_receptions(3);
    const outbox_receptions out = send_receptions((struct script){.asks_time = true, .ahead_s = 3600});
    assert_true(calls == 1 && asked == 1 && out.confirmed == 3 && out.unusable == 0 && out.run.end == OUTBOX_DONE);
    assert_true(out.clock_off);
    assert_int_equal(clock_now().offset, -3600);
    assert_string_equal(test_record_state(3), STATE_CONFIRMED);
    put_reception(4, "", "");
    assert_int_equal(send_receptions((struct script){.asks_time = true}).confirmed, 1);
    assert_int_equal(asked, 0); /* it was heard a moment ago */
}

static void only_the_answer_to_its_own_question_is_the_time(void **state) {
    (void)state;
    put_receptions(2);
    assert_int_equal(send_receptions((struct script){.asks_time = true, .old_time = true, .ahead_s = 3600}).confirmed,
                     2);
    assert_string_equal(clock_now().beacon, "");
    put_reception(3, "", "");
    const outbox_receptions out = send_receptions((struct script){.asks_time = true});
    assert_true(asked == 1 && out.confirmed == 1 && !out.clock_off);
    assert_string_not_equal(clock_now().beacon, "");
}

/* There is no place for one more entry; and a relay knows a call again by its bytes. */
static void who_must_not_ask_does_not(void **state) {
    (void)state;
    put_receptions(101);
    assert_int_equal(send_receptions((struct script){0}).confirmed, 101);
    assert_true(calls == 2 && asked == 0);
    for (int i = 201; i <= 301; i++)
        put_reception(i, "", "");
    assert_int_equal(send_receptions((struct script){.asks_time = true}).confirmed, 101);
    assert_true(calls == 2 && asked == 1);
}

static void an_entry_that_is_missing_is_missed_beside_the_time(void **state) {
    (void)state;
    put_receptions(3);
    const outbox_receptions out = send_receptions((struct script){.asks_time = true, .only = 2});
    assert_true(out.confirmed == 2 && asked == 1);
    assert_string_equal(test_record_state(3), STATE_PENDING);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_store_begin, test_store_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_time_comes_with_the_answers),
        TEST(only_the_answer_to_its_own_question_is_the_time),
        TEST(who_must_not_ask_does_not),
        TEST(an_entry_that_is_missing_is_missed_beside_the_time),
        TEST(an_answer_finds_its_reception_in_any_order),
        TEST(an_unknown_status_of_an_entry_waits),
        TEST(a_refusal_that_names_nothing_refuses_nobody),
        TEST(an_answer_about_something_else_is_nobodys),
        TEST(an_answer_about_another_patient_is_nobodys),
        TEST(an_answer_about_another_day_is_nobodys),
        TEST(another_coverage_on_a_day_to_come_is_to_be_called_for),
        TEST(another_coverage_is_a_change),
        TEST(a_batch_without_a_word_is_the_last_one),
        TEST(one_unregistered_entry_is_told),
        TEST(what_waits_goes_batch_after_batch),
        TEST(a_kept_batch_waits),
        TEST(a_batch_that_is_not_taken_waits),
        TEST(a_damaged_reception_is_not_in_the_way),
        TEST(an_answer_is_kept_with_its_proof),
        TEST(what_a_relay_took_is_not_sent_again_at_once),
        TEST(an_answer_by_way_of_a_relay_is_taken_in),
        TEST(an_answer_that_a_relay_has_forged_is_not),
    };
    return cmocka_run_group_tests(tests, outbox_begin_group, outbox_end_group);
}
