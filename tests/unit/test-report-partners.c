/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* POST /terminals: whose report it is, whose signature, over whose connection. In every row one thing is wrong, and
 * that alone. */
#include "partners.h"

#include "fhir/registration.h"
#include "service/registrar.h"
#include "store/history_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[64];
static history_store *store;
static service_signer signer;
static registrar service;

typedef struct application {
    char institution_code[16], terminal_id[16];
    int64_t at;
    bool passed, altered;
    partner se, second; /* PARTNER_COUNT: nobody signs beside it */
    http_peer peer;
} application;

static int begin(void **state) {
    (void)state;
    strcpy(path, "/tmp/test-report-partners.XXXXXX");
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
    assert_int_equal(history_store_open(path, &store), RESULT_OK);
    signer = (service_signer){.certificate = partners[PLATFORM].certificate, .key = partners[PLATFORM].key};
    service = (registrar){history_store_terminals(store), institutions, &signer, true};
    return 0;
}

static int end(void **state) {
    char command[128];
    (void)state;
    history_store_close(&store);
    snprintf(command, sizeof command, "rm -f %s*", path);
    return system(command);
}

static application make_application(void) {
    application a = {.institution_code = INSTITUTION,
                     .terminal_id = TERMINAL,
                     .at = now,
                     .passed = true,
                     .se = SE,
                     .second = PARTNER_COUNT};
    strcpy(a.peer.institution_code, INSTITUTION);
    strcpy(a.peer.terminal_id, TERMINAL);
    strcpy(a.peer.key, TLS_KEY);
    return a;
}

static int apply(const application *a) {
    char at[CLOCK_TEXT_SIZE], report[512];
    buffer der = BUFFER_INIT(REGISTRATION_SIGNATURE_MAX), body = BUFFER_INIT(65536);
    const cms_signer signers[] = {partners[a->se].signer,
                                  partners[a->second == PARTNER_COUNT ? a->se : a->second].signer};
    http_reply reply = {.body = BUFFER_INIT(65536), .signature = BUFFER_INIT(65536)};
    clock_text(a->at, at);
    snprintf(report, sizeof report,
             "{\"at\":\"%s\",\"certificateHolderReference\":\"48484848484848484848484848484848\",\"institutionCode\":"
             "\"%s\",\"passed\":%s,\"seSerial\":\"" SE_SERIAL "\",\"terminalId\":\"%s\"}",
             at, a->institution_code, a->passed ? "true" : "false", a->terminal_id);
    const bytes text = bytes_of(report, strlen(report));
    assert_int_equal(cms_sign(text, true, signers, a->second == PARTNER_COUNT ? 1 : 2, now, &der), RESULT_OK);
    if (a->altered)
        *strstr(report, "SE-0001") = 'X';
    assert_int_equal(registration_request_write(text, buffer_bytes(&der), &body), RESULT_OK);
    const http_request request = {"POST", "/terminals", "application/json", buffer_bytes(&body), &a->peer};
    registrar_reply(&service, &request, &reply);
    buffer_wipe(&reply.body);
    buffer_wipe(&reply.signature);
    buffer_wipe(&der);
    buffer_wipe(&body);
    return reply.status;
}

static void nothing(application *a) {
    (void)a;
}

static void report_of_another_institution(application *a) {
    strcpy(a->institution_code, OTHER_INSTITUTION);
}

static void sent_by_another_institution(application *a) {
    strcpy(a->peer.institution_code, OTHER_INSTITUTION);
}

static void signed_by_another_institutions_se(application *a) {
    a->se = OTHER_INSTITUTIONS_SE;
}

static void all_but_the_signature_of_another_institution(application *a) {
    report_of_another_institution(a);
    sent_by_another_institution(a);
}

static void sent_by_another_terminal(application *a) {
    strcpy(a->peer.terminal_id, "T-02");
}

static void signed_with_a_login_key(application *a) {
    a->se = SE_LOGIN;
}

static void signed_by_a_patient(application *a) {
    a->se = PATIENT;
}

static void signed_by_two(application *a) {
    a->second = SECOND_SE;
}

static void made_a_little_ahead(application *a) {
    a->at = now + 200;
}

static void made_ahead(application *a) {
    a->at = now + 900;
}

static void self_test_failed(application *a) {
    a->passed = false;
}

static void altered_after_signing(application *a) {
    a->altered = true;
}

static void each_wrong_report_is_refused(void **state) {
    static const struct {
        const char *name;
        void (*change)(application *a);
        int due;
    } rows[] = {
#define ROW(change, due) {#change, change, due}
        ROW(report_of_another_institution, 422),
        ROW(sent_by_another_institution, 422),
        ROW(signed_by_another_institutions_se, 422),
        ROW(all_but_the_signature_of_another_institution, 422),
        ROW(sent_by_another_terminal, 422),
        ROW(signed_with_a_login_key, 422),
        ROW(signed_by_a_patient, 422),
        ROW(signed_by_two, 422),
        ROW(made_ahead, 422),
        ROW(self_test_failed, 422),
        ROW(altered_after_signing, 422),
        ROW(made_a_little_ahead, 201), /* nothing of those before it was registered */
        ROW(nothing, 200),
    };
    unsigned wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        application a = make_application();
        rows[i].change(&a);
        const int status = apply(&a);
        if (status != rows[i].due)
            print_error("%s: %d\n", rows[i].name, status);
        wrong += status != rows[i].due;
    }
    assert_int_equal(wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_wrong_report_is_refused, begin, end),
    };
    return cmocka_run_group_tests(tests, partners_make, partners_free);
}
