/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/delivery's pre-check: questions about patients before they come, batch after batch, to a platform that says what the
 * test wants. An answer is taken by those whom it names, and by nobody else. */
#include "delivery/pre_check.h"
#include "fhir/outcome.h"
#include "fhir/signed_answer.h"
#include "outbox-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define DAY_ASKED "2026-12-02"

/* --- the platform ------------------------------------------------------------------------------------------------- */

/* How it answers; in the place of one batch's members, what they say is about somebody or something else. */
static struct platform {
    result code;
    int status;     /* of the whole; 0: 200 */
    long wait_s;    /* with it */
    int only_call;  /* it answers like this to the call of this number (from 1), else well; 0: to every call */
    int entry;      /* status of each entry; 0: 200 */
    bool backwards; /* the last entry first */
    bool nameless;  /* refusals name nobody */
    size_t only;    /* so many entries, and no more; 0: all */
    const char *evidence_id, *patient, *day;                    /* whom each entry is about instead */
    eligibility_validity validity;                              /* 0: valid */
    bool nothing;                                               /* no coverage is in it */
    const char *insurer, *symbol, *number, *branch, *from, *to; /* of the coverage, instead */
} platform;

static char asked_of[512][UUID_TEXT_SIZE]; /* evidence of every question, in order */
static size_t questions;

static void copy(char *out, size_t size, const char *usual, const char *instead) {
    snprintf(out, size, "%s", instead != NULL ? instead : usual);
}

static void write_coverage(eligibility_coverage *c) {
    c->in_force = true;
    copy(c->insurer_name, sizeof c->insurer_name, "Kenpo", platform.insurer);
    copy(c->insurer_number, sizeof c->insurer_number, "06132013", platform.insurer);
    copy(c->symbol, sizeof c->symbol, "S", platform.symbol);
    copy(c->number, sizeof c->number, "345", platform.number);
    copy(c->branch, sizeof c->branch, "01", platform.branch);
    copy(c->from, sizeof c->from, "2020-04-01", platform.from);
    copy(c->to, sizeof c->to, "", platform.to);
}

static void write_answer(const eligibility_request *q, buffer *resource) {
    static eligibility_response r;
    r = (eligibility_response){.validity = platform.validity != 0 ? platform.validity : ELIGIBILITY_VALID,
                               .disposition = "words",
                               .link_id = "L",
                               .coverage_count = !platform.nothing};
    copy(r.evidence_id, sizeof r.evidence_id, q->evidence_id, platform.evidence_id);
    copy(r.patient_serial, sizeof r.patient_serial, q->patient_serial, platform.patient);
    copy(r.service_date, sizeof r.service_date, q->service_date, platform.day);
    write_coverage(&r.coverages[0]);
    clock_text(time(NULL), r.created);
    clock_text(time(NULL), r.as_of);
    assert_int_equal(answer_salt(&r), RESULT_OK);
    assert_int_equal(eligibility_response_write(&r, resource), RESULT_OK);
}

static void write_entry(const eligibility_request *q, int status, buffer *resource) {
    if (status == 200 || status == 201)
        write_answer(q, resource);
    else if (platform.nameless)
        assert_int_equal(outcome_write("not-found", "words", resource), RESULT_OK);
    else
        assert_int_equal(outcome_write_about("not-found", "words",
                                             platform.evidence_id != NULL ? platform.evidence_id : q->evidence_id,
                                             resource),
                         RESULT_OK);
}

static void answer_all(bytes body, remote_answer *out) {
    static eligibility_request q;
    eligibility_batch *batch;
    eligibility_outcome outcomes[FHIR_BATCH_MAX];
    buffer resources[FHIR_BATCH_MAX], text = BUFFER_INIT(1 << 22), content = BUFFER_INIT(1024);
    assert_int_equal(eligibility_batch_read(body, &batch, NULL), RESULT_OK);
    const size_t count = eligibility_batch_count(batch), only = platform.only != 0 ? platform.only : count;
    const int status = platform.entry != 0 ? platform.entry : 200;
    for (size_t i = 0; i < count; i++) {
        const size_t at = platform.backwards ? count - 1 - i : i;
        assert_int_equal(eligibility_batch_pre_check(batch, i, &q, NULL), RESULT_OK); /* it carries no evidence */
        assert_true(questions < sizeof asked_of / sizeof *asked_of);
        memcpy(asked_of[questions++], q.evidence_id, sizeof *asked_of);
        resources[at] = BUFFER_INIT(65536);
        write_entry(&q, status, &resources[at]);
        outcomes[at] = (eligibility_outcome){status, buffer_bytes(&resources[at])};
        eligibility_request_wipe(&q);
    }
    assert_int_equal(eligibility_batch_answer_write(outcomes, only, &text, &content), RESULT_OK);
    assert_int_equal(eligibility_batch_answer_read(buffer_bytes(&text), &out->entries, NULL), RESULT_OK);
    for (size_t i = 0; i < count; i++)
        buffer_wipe(&resources[i]);
    buffer_wipe(&text);
    buffer_wipe(&content);
    eligibility_batch_free(&batch);
}

result remote_post_pre_check(const remote *r, bytes body, remote_answer *out) {
    static struct platform own;
    assert_ptr_equal(r, &service);
    calls++;
    own = platform;
    if (platform.only_call != 0 && platform.only_call != (int)calls)
        platform = (struct platform){0};
    *out = (remote_answer){.status = platform.status != 0 ? platform.status : 200, .wait = {.s = platform.wait_s}};
    if (platform.code != RESULT_OK && platform.status == 0)
        out->status = 0;
    if (out->status != 200)
        snprintf(out->message, sizeof out->message, "words of the service");
    else
        answer_all(body, out);
    const result code = platform.code;
    platform = own;
    return code;
}

/* --- the questions ------------------------------------------------------------------------------------------------ */

#define ITEMS_MAX 300
static pre_check items[ITEMS_MAX];
static outbox_run run;

static void set_item(pre_check *item, int evidence, const char *day) {
    *item = (pre_check){
        .before = {
            .insurer_number = "06132013", .insurer_name = "Kenpo", .symbol = "S", .number = "345", .branch = "01"}};
    snprintf(item->request.evidence_id, sizeof item->request.evidence_id, "%s", test_record_id(evidence));
    snprintf(item->request.patient_serial, sizeof item->request.patient_serial, "CN=ca#%02d", evidence % 100);
    snprintf(item->request.service_date, sizeof item->request.service_date, "%s", day);
    strcpy(item->request.institution_code, "1312345678");
    clock_text(time(NULL), item->request.created);
}

/* About so many patients, of evidence 1 on. */
static void ask(size_t count, struct platform p) {
    for (size_t i = 0; i < count; i++)
        set_item(&items[i], (int)i + 1, DAY_ASKED);
    begin_script((struct script){0});
    platform = p;
    questions = 0;
    pre_check_send(&service, items, count, &run);
}

/* How many of the first have this finding. */
static size_t found(size_t count, pre_check_finding finding) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += items[i].finding == finding;
    return n;
}

/* --- batches ------------------------------------------------------------------------------------------------------ */

static void everybody_is_asked_about_once(void **state) {
    static const struct {
        size_t items, calls;
    } rows[] = {{0, 0}, {1, 1}, {FHIR_BATCH_MAX, 1}, {FHIR_BATCH_MAX + 1, 2}, {2 * FHIR_BATCH_MAX, 2}, {250, 3}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ask(rows[i].items, (struct platform){0});
        assert_int_equal(run.end, OUTBOX_DONE);
        assert_int_equal(calls, rows[i].calls);
        assert_int_equal(questions, rows[i].items);
        assert_int_equal(found(rows[i].items, PRE_CHECK_UNCHANGED), rows[i].items);
        for (size_t k = 0; k < questions; k++)
            assert_string_equal(asked_of[k], test_record_id((int)k + 1));
    }
}

/* Several appointments of one patient on a day are one question, and have one answer; on another day they are another. */
static void the_same_question_is_asked_once(void **state) {
    (void)state;
    for (int i = 0; i < ITEMS_MAX; i++)
        set_item(&items[i], 1 + i % 2, i < 240 ? DAY_ASKED : "2026-12-03");
    begin_script((struct script){0});
    platform = (struct platform){.insurer = "Other"};
    questions = 0;
    pre_check_send(&service, items, ITEMS_MAX, &run);
    assert_int_equal(questions, 4);
    assert_int_equal(found(ITEMS_MAX, PRE_CHECK_CHANGED), ITEMS_MAX);
    for (int i = 0; i < ITEMS_MAX; i++)
        assert_string_equal(items[i].insurer, "Other");
}

static void the_rest_waits_for_what_is_more_urgent(void **state) {
    (void)state;
    for (size_t i = 0; i < 250; i++)
        set_item(&items[i], (int)i + 1, DAY_ASKED);
    begin_script((struct script){.stop_after = 1});
    platform = (struct platform){0};
    questions = 0;
    pre_check_send(&service, items, 250, &run);
    assert_true(calls == 1 && run.end == OUTBOX_DONE);
    assert_int_equal(found(250, PRE_CHECK_NOT_ASKED), 250 - FHIR_BATCH_MAX);
}

/* --- what is found ------------------------------------------------------------------------------------------------ */

static void the_answer_is_compared_with_what_was_known(void **state) {
    static const struct {
        struct platform p;
        pre_check_finding finding;
        const char *insurer;
    } rows[] = {
        {{0}, PRE_CHECK_UNCHANGED, "Kenpo"},
        {{.entry = 201}, PRE_CHECK_UNCHANGED, "Kenpo"},
        {{.from = DAY_ASKED}, PRE_CHECK_UNCHANGED, "Kenpo"},
        {{.to = DAY_ASKED}, PRE_CHECK_UNCHANGED, "Kenpo"},
        {{.insurer = "99"}, PRE_CHECK_CHANGED, "99"},
        {{.symbol = "T"}, PRE_CHECK_CHANGED, "Kenpo"},
        {{.number = "346"}, PRE_CHECK_CHANGED, "Kenpo"},
        {{.branch = "02"}, PRE_CHECK_CHANGED, "Kenpo"},
        {{.from = "2026-12-03"}, PRE_CHECK_LOST, ""},
        {{.to = "2026-12-01"}, PRE_CHECK_LOST, ""},
        {{.validity = ELIGIBILITY_INVALID}, PRE_CHECK_LOST, ""},
        {{.validity = ELIGIBILITY_INVALID, .nothing = true}, PRE_CHECK_LOST, ""},
        {{.validity = ELIGIBILITY_NEW_COVERAGE, .from = "2026-12-03"}, PRE_CHECK_LOST, ""},
        {{.validity = ELIGIBILITY_NEW_COVERAGE, .insurer = "99"}, PRE_CHECK_CHANGED, "99"},
        {{.validity = ELIGIBILITY_SEVERAL}, PRE_CHECK_SEVERAL, ""},
        {{.validity = ELIGIBILITY_NONE, .nothing = true}, PRE_CHECK_NOT_FOUND, ""},
        {{.entry = 404}, PRE_CHECK_NOT_FOUND, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ask(1, rows[i].p);
        if (items[0].finding != rows[i].finding)
            print_error("row %zu\n", i);
        assert_int_equal(items[0].finding, rows[i].finding);
        assert_string_equal(items[0].insurer, rows[i].insurer);
        assert_int_equal(run.end, OUTBOX_DONE);
    }
}

/* Nothing was known before: whatever holds now is news. */
static void a_first_coverage_is_a_change(void **state) {
    (void)state;
    set_item(&items[0], 1, DAY_ASKED);
    items[0].before = (eligibility_coverage){0};
    begin_script((struct script){0});
    platform = (struct platform){0};
    pre_check_send(&service, items, 1, &run);
    assert_int_equal(items[0].finding, PRE_CHECK_CHANGED);
}

/* --- answers of the wrong partner --------------------------------------------------------------------------------- */

static void the_order_of_answers_does_not_matter(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) {
        set_item(&items[i], i + 1, DAY_ASKED);
        if (i == 2)
            strcpy(items[i].before.number, "other");
    }
    begin_script((struct script){0});
    platform = (struct platform){.backwards = true};
    questions = 0;
    pre_check_send(&service, items, 3, &run);
    assert_true(items[0].finding == PRE_CHECK_UNCHANGED && items[1].finding == PRE_CHECK_UNCHANGED &&
                items[2].finding == PRE_CHECK_CHANGED);
}

static void an_answer_about_somebody_else_is_nobodys(void **state) {
    char other[UUID_TEXT_SIZE], second[UUID_TEXT_SIZE];
    (void)state;
    snprintf(other, sizeof other, "%s", test_record_id(99));
    snprintf(second, sizeof second, "%s", test_record_id(2));
    ask(2, (struct platform){.evidence_id = other});
    assert_int_equal(found(2, PRE_CHECK_NOT_ASKED), 2);
    ask(2, (struct platform){.evidence_id = second}); /* about the second, twice; once with the first one's patient */
    assert_true(items[0].finding == PRE_CHECK_NOT_ASKED && items[1].finding == PRE_CHECK_UNCHANGED);
    ask(2, (struct platform){.patient = "CN=ca#02"});
    assert_true(items[0].finding == PRE_CHECK_NOT_ASKED && items[1].finding == PRE_CHECK_UNCHANGED);
    ask(2, (struct platform){.day = "2026-12-03"});
    assert_int_equal(found(2, PRE_CHECK_NOT_ASKED), 2);
    ask(2, (struct platform){.day = ""});
    assert_int_equal(found(2, PRE_CHECK_NOT_ASKED), 2);
    assert_int_equal(run.end, OUTBOX_DONE);
}

static void a_refusal_is_for_those_whom_it_names(void **state) {
    char other[UUID_TEXT_SIZE], second[UUID_TEXT_SIZE];
    (void)state;
    snprintf(other, sizeof other, "%s", test_record_id(99));
    snprintf(second, sizeof second, "%s", test_record_id(2));
    ask(2, (struct platform){.entry = 404, .nameless = true});
    assert_int_equal(found(2, PRE_CHECK_NOT_ASKED), 2);
    ask(2, (struct platform){.entry = 404, .evidence_id = other});
    assert_int_equal(found(2, PRE_CHECK_NOT_ASKED), 2);
    ask(2, (struct platform){.entry = 404, .evidence_id = second});
    assert_true(items[0].finding == PRE_CHECK_NOT_ASKED && items[1].finding == PRE_CHECK_NOT_FOUND);
    set_item(&items[0], 1, DAY_ASKED);
    set_item(&items[1], 1, "2026-12-03");
    begin_script((struct script){0});
    platform = (struct platform){.entry = 404, .only = 1};
    pre_check_send(&service, items, 2, &run);
    assert_int_equal(found(2, PRE_CHECK_NOT_FOUND), 2); /* it knows the evidence on no day */
}

/* It says nothing about the coverage. */
static void an_unknown_status_of_an_entry_waits(void **state) {
    static const int statuses[] = {202, 203, 299, 302, 400, 401, 403, 405, 409, 410, 418, 422, 429, 500, 503, 999};
    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        ask(2, (struct platform){.entry = statuses[i]});
        assert_int_equal(found(2, PRE_CHECK_NOT_ASKED), 2);
        assert_true(items[0].insurer[0] == 0 && run.end == OUTBOX_DONE && calls == 1);
    }
}

static void who_is_not_answered_is_not_asked(void **state) {
    (void)state;
    ask(3, (struct platform){.only = 2});
    assert_true(found(2, PRE_CHECK_UNCHANGED) == 2 && items[2].finding == PRE_CHECK_NOT_ASKED);
    assert_int_equal(calls, 1); /* and not asked about once more */
}

/* --- the whole answer --------------------------------------------------------------------------------------------- */

static void an_unknown_status_of_the_whole_waits(void **state) {
    static const int statuses[] = {201, 202, 203, 302, 400, 401, 403, 404, 409, 422, 429, 500, 503};
    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        ask(250, (struct platform){.status = statuses[i], .wait_s = (long)i % 2});
        assert_int_equal(calls, 1);
        assert_int_equal(run.end, i % 2 == 1 ? OUTBOX_BUSY : OUTBOX_NOT_TAKEN);
        assert_true(run.status == statuses[i] && run.wait.s == (long)i % 2);
        assert_string_equal(run.message, "words of the service");
        assert_int_equal(found(250, PRE_CHECK_NOT_ASKED), 250);
    }
}

/* The signature is of another, the line is down, or memory is gone: even where an answer is there. */
static void an_answer_that_failed_says_nothing(void **state) {
    static const result codes[] = {RESULT_TIMEOUT, RESULT_UNAVAILABLE, RESULT_BAD_SIGNATURE, RESULT_INVALID,
                                   RESULT_NO_MEMORY};
    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        for (int status = 0; status <= 200; status += 200) {
            ask(2, (struct platform){.code = codes[i], .status = status, .wait_s = 9});
            assert_true(run.end == OUTBOX_NOT_TAKEN && run.code == codes[i] && run.status == status);
            assert_int_equal(found(2, PRE_CHECK_NOT_ASKED), 2);
        }
}

static void what_was_answered_before_stays(void **state) {
    (void)state;
    ask(250, (struct platform){.only_call = 2, .status = 503, .wait_s = 30});
    assert_true(calls == 2 && run.end == OUTBOX_BUSY);
    assert_int_equal(found(FHIR_BATCH_MAX, PRE_CHECK_UNCHANGED), FHIR_BATCH_MAX);
    assert_int_equal(found(250, PRE_CHECK_NOT_ASKED), 250 - FHIR_BATCH_MAX);
}

/* A text that cannot be written is sent to nobody. */
static void a_question_that_is_no_text_is_not_sent(void **state) {
    (void)state;
    set_item(&items[0], 1, DAY_ASKED);
    strcpy(items[0].request.patient_serial, "\xFF");
    begin_script((struct script){0});
    pre_check_send(&service, items, 1, &run);
    assert_true(calls == 0 && run.end == OUTBOX_NOT_TAKEN && run.code == RESULT_INVALID);
    assert_int_equal(items[0].finding, PRE_CHECK_NOT_ASKED);
}

/* --- the question of a reception ---------------------------------------------------------------------------------- */

static void make_record(reception_record *out, struct platform p) {
    eligibility_request q = {.service_date = DAY_ASKED};
    *out = RECEPTION_RECORD_INIT;
    platform = p;
    make_evidence(7, &out->evidence);
    out->at = time(NULL);
    snprintf(q.evidence_id, sizeof q.evidence_id, "%s", test_record_id(7));
    strcpy(q.patient_serial, "x");
    write_answer(&q, &out->answer);
}

static void a_question_follows_on_a_reception(void **state) {
    reception_record record;
    static pre_check q;
    char serial[sizeof q.request.patient_serial];
    (void)state;
    make_record(&record, (struct platform){0});
    const size_t length = record.evidence.length;
    assert_int_equal(pre_check_of(&record, "2027-01-05", &q), RESULT_OK);
    snprintf(serial, sizeof serial, "%s#%s", certificate_issuer(patient), certificate_serial(patient));
    assert_string_equal(q.request.evidence_id, test_record_id(7));
    assert_string_equal(q.request.patient_serial, serial);
    assert_string_equal(q.request.service_date, "2027-01-05");
    assert_string_equal(q.request.institution_code, "1312345678");
    assert_string_equal(q.before.insurer_name, "Kenpo");
    assert_string_equal(q.before.number, "345");
    assert_true(!q.asked && q.finding == PRE_CHECK_NOT_ASKED && q.request.evidence.length == 0);
    assert_true(record.evidence.length == length && length > 0);
    reception_record_wipe(&record);
}

/* What was known is what was in force on the reception's own day. */
static void before_is_what_held_then(void **state) {
    static const struct {
        struct platform p;
        const char *before;
    } rows[] = {{{.from = "2099-01-01"}, ""},
                {{.to = "2020-05-01"}, ""},
                {{.validity = ELIGIBILITY_SEVERAL}, ""},
                {{.validity = ELIGIBILITY_NONE, .nothing = true}, ""},
                {{.insurer = "99"}, "99"}};
    reception_record record;
    static pre_check q;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        make_record(&record, rows[i].p);
        assert_int_equal(pre_check_of(&record, DAY_ASKED, &q), RESULT_OK);
        assert_string_equal(q.before.insurer_number, rows[i].before);
        reception_record_wipe(&record);
    }
}

static void a_reception_without_an_answer_has_no_question(void **state) {
    reception_record record;
    static pre_check q;
    (void)state;
    make_record(&record, (struct platform){0});
    buffer_clear(&record.answer);
    assert_int_equal(pre_check_of(&record, DAY_ASKED, &q), RESULT_NOT_FOUND);
    buffer_append_text(&record.answer, "{}");
    assert_int_equal(pre_check_of(&record, DAY_ASKED, &q), RESULT_INVALID);
    buffer_clear(&record.evidence);
    buffer_append_text(&record.evidence, "no evidence");
    assert_int_not_equal(pre_check_of(&record, DAY_ASKED, &q), RESULT_OK);
    reception_record_wipe(&record);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_is_asked_about_once),
        cmocka_unit_test(the_same_question_is_asked_once),
        cmocka_unit_test(the_rest_waits_for_what_is_more_urgent),
        cmocka_unit_test(the_answer_is_compared_with_what_was_known),
        cmocka_unit_test(a_first_coverage_is_a_change),
        cmocka_unit_test(the_order_of_answers_does_not_matter),
        cmocka_unit_test(an_answer_about_somebody_else_is_nobodys),
        cmocka_unit_test(a_refusal_is_for_those_whom_it_names),
        cmocka_unit_test(an_unknown_status_of_an_entry_waits),
        cmocka_unit_test(who_is_not_answered_is_not_asked),
        cmocka_unit_test(an_unknown_status_of_the_whole_waits),
        cmocka_unit_test(an_answer_that_failed_says_nothing),
        cmocka_unit_test(what_was_answered_before_stays),
        cmocka_unit_test(a_question_that_is_no_text_is_not_sent),
        cmocka_unit_test(a_question_follows_on_a_reception),
        cmocka_unit_test(before_is_what_held_then),
        cmocka_unit_test(a_reception_without_an_answer_has_no_question),
    };
    return cmocka_run_group_tests(tests, outbox_begin_group, outbox_end_group);
}
