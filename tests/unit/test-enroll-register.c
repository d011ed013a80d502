/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A terminal registers at both services: what it sends, and which receipt it keeps. The services say what the test wants. */
#include "administration/enroll.h"
#include "delivery/sealed_record.h"
#include "fhir/registration.h"
#include "se/local_store.h"
#include "services/service_call.h"
#include "test_record_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SERIAL "0000000000000001"
#define REPORT                                                                                                         \
    "{\"at\":\"2026-11-30T00:00:00Z\",\"institutionCode\":\"1312345678\",\"terminalId\":\"T-01\",\"seSerial\":\"%s\"," \
    "\"certificateHolderReference\":\"0123456789ABCDEF0123456789ABCDEF\",\"passed\":true}"

/* --- the services ------------------------------------------------------------------------------------------------- */

/* How one of them answers: as it should, but for what is set. */
static struct answer {
    outcome opened;
    result code;
    int status;
    const char *service, *terminal, *institution, *serial, *body;
} answers[TERMINAL_SERVICES];
static int asked[TERMINAL_SERVICES], open_now;
static buffer sent = BUFFER_INIT(65536);

outcome service_open(services *s, service which, remote *out) {
    (void)s;
    *out = (remote){.context = &answers[which]};
    open_now += answers[which].opened == OUTCOME_OK;
    return answers[which].opened;
}

void service_end(remote *r) {
    open_now -= ((struct answer *)r->context)->opened == OUTCOME_OK;
}

static const char * or (const char *instead, const char *usual) {
    return instead != NULL ? instead : usual;
}

static void write_receipt(const struct answer *a, bool is_platform, buffer *out) {
    registration_receipt r = {.receipt_id = "0195c0ae-0000-7000-8000-000000000001",
                              .registered_at = "2026-11-30T01:00:00Z"};
    snprintf(r.service, sizeof r.service, "%s", or (a->service, is_platform ? "pf" : "history"));
    snprintf(r.institution_code, sizeof r.institution_code, "%s", or (a->institution, "1312345678"));
    snprintf(r.terminal_id, sizeof r.terminal_id, "%s", or (a->terminal, "T-01"));
    snprintf(r.se_serial, sizeof r.se_serial, "%s", or (a->serial, SERIAL));
    memset(r.certificate_hash, 'A', 64);
    assert_int_equal(registration_receipt_write(&r, out), RESULT_OK);
}

result remote_post(const remote *r, const char *path, const char *type, bytes body, const char *signer,
                   remote_answer *out) {
    const struct answer *a = r->context;
    const bool is_platform = a == &answers[SERVICE_PLATFORM];
    asked[a - answers]++;
    assert_string_equal(path, "/terminals");
    assert_string_equal(type, "application/json");
    assert_string_equal(signer, is_platform ? REMOTE_SIGNER_PLATFORM : REMOTE_SIGNER_HISTORY);
    buffer_clear(&sent);
    buffer_append(&sent, body);
    *out = (remote_answer){.status = a->status != 0 ? a->status : 201,
                           .body = BUFFER_INIT(65536),
                           .signature = BUFFER_INIT(64),
                           .message = "words",
                           .detail = "detail"};
    buffer_append_text(&out->signature, "signed");
    if (a->body != NULL)
        buffer_append_text(&out->body, a->body);
    else
        write_receipt(a, is_platform, &out->body);
    return a->code;
}

void remote_answer_wipe(remote_answer *answer) {
    buffer_wipe(&answer->body);
    buffer_wipe(&answer->signature);
}

/* --- the terminal ------------------------------------------------------------------------------------------------- */

const char *token_serial(const token *t) {
    (void)t;
    return SERIAL;
}

outcome local_store_open(card_access *cards, store_access *store, command_context *ctx) {
    (void)cards;
    (void)store;
    (void)ctx;
    return OUTCOME_OK;
}

static terminal t;

static int begin(void **state) {
    if (test_store_begin(state) != 0)
        return -1;
    t = (terminal){.store = test_store};
    strcpy(t.context.configuration.terminal_id, "T-01");
    strcpy(t.context.configuration.institution_code, "1312345678");
    memset(answers, 0, sizeof answers);
    memset(asked, 0, sizeof asked);
    return 0;
}

static int end(void **state) {
    test_store = t.store;
    return test_store_end(state);
}

static void keep_report(const char *serial) {
    char text[512];
    snprintf(text, sizeof text, REPORT, serial);
    assert_int_equal(enroll_keep_report(&t.store, bytes_of(text, strlen(text)), bytes_of("signature", 9)), RESULT_OK);
}

/* The outcome, and whether each service has registered it, as `status` shows it then. */
static outcome enroll(bool registered[2]) {
    static const char *const names[] = {"registeredPlatform", "registeredHistory"};
    report_begin(&t.context.report, true, NULL, NULL);
    const outcome done = enroll_register(&t);
    assert_true((done == OUTCOME_OK) == (*report_reason(&t.context.report) == 0));
    enroll_show_registration(&t.store, &t.context.report);
    for (int i = 0; i < 2; i++)
        registered[i] = json_is_string(json_object_get(t.context.report.fields, names[i]));
    report_discard(&t.context.report);
    assert_int_equal(open_now, 0);
    return done;
}

static void both_get_the_signed_report(void **state) {
    bool registered[2];
    registration_request request;
    (void)state;
    keep_report(SERIAL);
    assert_int_equal(enroll(registered), OUTCOME_OK);
    assert_true(registered[0] && registered[1] && asked[SERVICE_PLATFORM] == 1 && asked[SERVICE_HISTORY] == 1);
    assert_int_equal(registration_request_read(buffer_bytes(&sent), &request, NULL), RESULT_OK);
    assert_string_equal(buffer_text(&request.signature), "signature");
    assert_non_null(strstr(buffer_text(&request.report), "\"terminalId\":\"T-01\""));
    registration_request_wipe(&request);
}

/* One is no good: the other one is asked all the same, and nothing of the first is kept. */
static void a_receipt_of_the_wrong_partner_registers_nothing(void **state) {
    static const struct answer wrong[] = {
        {.opened = OUTCOME_CARD},
        {.code = RESULT_BAD_SIGNATURE},
        {.code = RESULT_TIMEOUT},
        {.status = 202},
        {.status = 204},
        {.status = 403},
        {.status = 409},
        {.status = 503},
        {.service = "another"},
        {.terminal = "T-02"},
        {.institution = "1399999999"},
        {.serial = "0000000000000002"},
        {.body = ""},
        {.body = "{}"},
        {.body = "{\"state\":\"registered\"}"},
    };
    bool registered[2];
    (void)state;
    keep_report(SERIAL);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        for (int which = 0; which < 2; which++) {
            end(state);
            assert_int_equal(begin(state), 0);
            keep_report(SERIAL);
            answers[which == 0 ? SERVICE_PLATFORM : SERVICE_HISTORY] = wrong[i];
            if (enroll(registered) != OUTCOME_SERVICE || registered[which] || !registered[1 - which])
                fail_msg("row %zu, service %d", i, which);
        }
}

/* A service that knows the terminal already. */
static void the_same_receipt_again_is_good(void **state) {
    bool registered[2];
    (void)state;
    keep_report(SERIAL);
    answers[SERVICE_PLATFORM].status = answers[SERVICE_HISTORY].status = 200;
    assert_int_equal(enroll(registered), OUTCOME_OK);
    assert_true(registered[0] && registered[1]);
}

/* A receipt of before stays when a later call fails. */
static void a_failure_takes_no_receipt_away(void **state) {
    bool registered[2];
    (void)state;
    keep_report(SERIAL);
    assert_int_equal(enroll(registered), OUTCOME_OK);
    answers[SERVICE_PLATFORM].status = 503;
    assert_int_equal(enroll(registered), OUTCOME_SERVICE);
    assert_true(registered[0] && registered[1]);
}

/* No self-test was passed, or another SE has passed it. */
static void without_a_report_of_this_se_nobody_is_asked(void **state) {
    bool registered[2];
    (void)state;
    assert_int_equal(enroll(registered), OUTCOME_REFUSED);
    keep_report("0000000000000002");
    assert_int_equal(enroll(registered), OUTCOME_REFUSED);
    assert_int_equal(record_set(&t.store, "enrolment-report", bytes_of("{}", 2)), RESULT_OK);
    assert_int_equal(enroll(registered), OUTCOME_REFUSED);
    assert_true(asked[SERVICE_PLATFORM] == 0 && asked[SERVICE_HISTORY] == 0 && !registered[0] && !registered[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
        TEST(both_get_the_signed_report),
        TEST(a_receipt_of_the_wrong_partner_registers_nothing),
        TEST(the_same_receipt_again_is_good),
        TEST(a_failure_takes_no_receipt_away),
        TEST(without_a_report_of_this_se_nobody_is_asked),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buffer_wipe(&sent);
    return failed;
}
