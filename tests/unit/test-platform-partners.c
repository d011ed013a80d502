/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The platform's checks, against one wrong partner after the other: institution, terminal, SE, patient, session, day,
 * clock. In every row one thing is wrong, and that alone. */
#include "partners.h"

#include "base/hex.h"
#include "fhir/institution_exchange.h"
#include "mocks/pf/inquiry.h"
#include "mocks/pf/online_check.h"
#include "mocks/pf/platform.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define KNOWN 1 /* taken, and answered before */

static char path[64];
static platform service;
static service_signer signer;

/* What a terminal sends, before it is signed. */
typedef struct offer {
    statement s;
    partner patient, se;
    http_peer peer;
    eligibility_request request;
    statement_mode call;
    struct { /* what the session was given for */
        char id[UUID_TEXT_SIZE], institution_code[65], terminal_id[65], card_id[17], challenge[33], nonce[65];
        int64_t expires;
    } session;
} offer;

static void open_register(void) {
    const terminal_entry known = partners_entry(SE);
    assert_int_equal(terminal_register_add(platform_store_terminals(service.store), &known, bytes_of("r", 1),
                                           bytes_of("r", 1), bytes_of("s", 1)),
                     RESULT_OK);
}

static int begin(void **state) {
    (void)state;
    strcpy(path, "/tmp/test-platform-partners.XXXXXX");
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
    assert_int_equal(platform_store_open(path, &service.store), RESULT_OK);
    signer = (service_signer){.certificate = partners[PLATFORM].certificate, .key = partners[PLATFORM].key};
    service.patients = patients;
    service.institutions = institutions;
    service.institution_cvc = platform_cvc;
    service.institution_key = partners[PLATFORM].key;
    service.answers = signer;
    service.registrar = (registrar){platform_store_terminals(service.store), institutions, &signer, true};
    open_register();
    return 0;
}

static int end(void **state) {
    char command[128];
    (void)state;
    platform_store_close(&service.store);
    snprintf(command, sizeof command, "rm -f %s*", path);
    return system(command);
}

static void describe(offer *o) {
    eligibility_request *r = &o->request;
    *r = (eligibility_request){.evidence = BUFFER_INIT(FHIR_EVIDENCE_MAX)};
    strcpy(r->evidence_id, o->s.evidence_id);
    snprintf(r->patient_serial, sizeof r->patient_serial, "%s#%s", o->s.patient_issuer, o->s.patient_serial);
    strcpy(r->service_date, o->s.service_date);
    strcpy(r->created, o->s.terminal_time);
    strcpy(r->institution_code, o->s.institution_code);
}

static offer make_offer(statement_mode mode) {
    offer o = {.s = partners_statement(mode), .patient = PATIENT, .se = SE, .call = mode};
    strcpy(o.peer.institution_code, INSTITUTION);
    strcpy(o.peer.terminal_id, TERMINAL);
    strcpy(o.peer.key, TLS_KEY);
    if (mode == STATEMENT_ONLINE) {
        o.session.expires = now + 3600;
        strcpy(o.session.institution_code, INSTITUTION);
        strcpy(o.session.terminal_id, TERMINAL);
        strcpy(o.session.card_id, o.s.card_id);
        hex_encode(BYTES(o.s.challenge), o.session.challenge, sizeof o.session.challenge);
        hex_encode(BYTES(o.s.nonce), o.session.nonce, sizeof o.session.nonce);
    }
    describe(&o);
    return o;
}

static void sign(offer *o) {
    partners_sign(&o->s, o->patient, o->se, &o->request.evidence);
}

/* The platform's own session, named by the evidence. */
static void open_session(offer *o) {
    const check_session given = {o->session.institution_code, o->session.terminal_id, o->session.card_id,
                                 o->session.challenge, o->session.nonce};
    assert_int_equal(check_session_make(service.session_key, &given, o->session.expires, o->s.session), RESULT_OK);
    if (o->session.id[0])
        strcpy(o->s.session, o->session.id);
}

static int rule(const offer *o, char *resource, size_t size) {
    static inquiry_item item;
    static inquiry_ruling ruling;
    item = (inquiry_item){.request = o->request};
    inquiry_rule(&service, &o->peer, &item, 1, o->call, &ruling);
    const int status = ruling.refused.status != 0 ? ruling.refused.status : ruling.known ? KNOWN : 0;
    if (resource != NULL)
        snprintf(resource, size, "%s", buffer_text(&ruling.resource));
    inquiry_ruling_wipe(&ruling);
    return status;
}

/* --- offline ------------------------------------------------------------------------------------------------------ */

static void nothing(offer *o) {
    (void)o;
}

static void sent_by_another_institution(offer *o) {
    strcpy(o->peer.institution_code, OTHER_INSTITUTION);
}

static void sent_with_another_key(offer *o) {
    strcpy(o->peer.key, "BBBB");
}

static void request_of_another_institution(offer *o) {
    strcpy(o->request.institution_code, OTHER_INSTITUTION);
}

static void request_about_another_patient(offer *o) {
    strcpy(o->request.patient_serial, "CN=User CA,C=JP#0101");
}

static void request_for_another_day(offer *o) {
    strcpy(o->request.service_date, "2020-02-29");
}

static void request_about_other_evidence(offer *o) {
    assert_int_equal(uuid_v7(o->request.evidence_id), RESULT_OK);
}

static void in_the_call_of_the_other_mode(offer *o) {
    o->call = o->call == STATEMENT_ONLINE ? STATEMENT_OFFLINE : STATEMENT_ONLINE;
}

static void made_seconds_ahead(offer *o, int64_t seconds) {
    clock_text(now + seconds, o->s.terminal_time);
    clock_date_in_japan(now + seconds, o->s.service_date);
    describe(o);
}

static void made_a_little_ahead(offer *o) {
    made_seconds_ahead(o, 240);
}

static void made_ahead(offer *o) {
    made_seconds_ahead(o, 900);
}

static void of_another_terminal(offer *o) {
    strcpy(o->s.terminal_id, "T-02");
}

static void of_another_se_by_its_serial(offer *o) {
    strcpy(o->s.se_serial, "SE-0002");
}

static void of_another_holder(offer *o) {
    o->s.holder_reference[15] = 'X';
}

static void signed_by_a_second_se(offer *o) {
    o->se = SECOND_SE;
}

static void signed_by_another_institutions_se(offer *o) {
    o->se = OTHER_INSTITUTIONS_SE;
}

static void signed_by_another_patient(offer *o) {
    o->patient = OTHER_PATIENT;
}

static void signed_by_no_patient(offer *o) {
    o->patient = SECOND_SE;
}

typedef struct row {
    const char *name;
    void (*change)(offer *o);
    int due;
} row;
#define ROW(change, due) {#change, change, due}

static void play(statement_mode mode, const row *rows, size_t count) {
    unsigned wrong = 0;
    for (size_t i = 0; i < count; i++) {
        offer o = make_offer(mode);
        rows[i].change(&o);
        if (mode == STATEMENT_ONLINE)
            open_session(&o);
        sign(&o);
        const int status = rule(&o, NULL, 0);
        if (status != rows[i].due)
            print_error("%s: %d\n", rows[i].name, status);
        wrong += status != rows[i].due;
        eligibility_request_wipe(&o.request);
    }
    assert_int_equal(wrong, 0);
}

static void offline_each_wrong_partner_is_refused(void **state) {
    static const row rows[] = {
        ROW(nothing, 0),
        ROW(made_a_little_ahead, 0),
        ROW(nothing, 0), /* later by its counter, earlier by its time: clocks that are not synchronised prove nothing */
        ROW(sent_by_another_institution, 422),
        ROW(sent_with_another_key, 403),
        ROW(request_of_another_institution, 422),
        ROW(request_about_another_patient, 422),
        ROW(request_for_another_day, 422),
        ROW(request_about_other_evidence, 422),
        ROW(in_the_call_of_the_other_mode, 422),
        ROW(made_ahead, 425),
        ROW(of_another_terminal, 422),
        ROW(of_another_se_by_its_serial, 422),
        ROW(of_another_holder, 422),
        ROW(signed_by_a_second_se, 403),
        ROW(signed_by_another_institutions_se, 422),
        ROW(signed_by_another_patient, 422),
        ROW(signed_by_no_patient, 422),
    };
    (void)state;
    play(STATEMENT_OFFLINE, rows, sizeof rows / sizeof *rows);
}

static void what_is_in_other_evidence_is_refused(void **state) {
    (void)state;
    offer first = make_offer(STATEMENT_OFFLINE), again;
    first.s.clock_synchronised = true;
    sign(&first);
    assert_int_equal(rule(&first, NULL, 0), 0);
    assert_int_equal(rule(&first, NULL, 0), KNOWN);
    again = first;
    strcpy(again.peer.institution_code, OTHER_INSTITUTION); /* the same bytes */
    assert_int_equal(rule(&again, NULL, 0), 409);
    again = make_offer(STATEMENT_OFFLINE);
    strcpy(again.s.evidence_id, first.s.evidence_id); /* another content */
    describe(&again);
    sign(&again);
    assert_int_equal(rule(&again, NULL, 0), 409);
    eligibility_request_wipe(&again.request);
    again = make_offer(STATEMENT_OFFLINE);
    again.s.se_counter = first.s.se_counter;
    sign(&again);
    assert_int_equal(rule(&again, NULL, 0), 422);
    eligibility_request_wipe(&again.request);
    again = make_offer(STATEMENT_OFFLINE);
    memcpy(again.s.challenge, first.s.challenge, sizeof first.s.challenge);
    sign(&again);
    assert_int_equal(rule(&again, NULL, 0), 422);
    eligibility_request_wipe(&again.request);
    again = make_offer(STATEMENT_OFFLINE); /* later by the counter, earlier by two clocks that are synchronised */
    again.s.clock_synchronised = true;
    made_seconds_ahead(&again, -60);
    sign(&again);
    assert_int_equal(rule(&again, NULL, 0), 422);
    eligibility_request_wipe(&again.request);
    eligibility_request_wipe(&first.request);
}

/* A shared SE counts for all its terminals, whose clocks are not one. */
static void the_order_is_that_of_one_terminal(void **state) {
    terminal_entry second = partners_entry(SE);
    (void)state;
    strcpy(second.terminal_id, "T-02");
    second.shared = true;
    assert_int_equal(terminal_register_add(platform_store_terminals(service.store), &second, bytes_of("r", 1),
                                           bytes_of("r", 1), bytes_of("s", 1)),
                     RESULT_OK);
    offer ahead = make_offer(STATEMENT_OFFLINE), behind = make_offer(STATEMENT_OFFLINE);
    ahead.s.clock_synchronised = behind.s.clock_synchronised = true;
    of_another_terminal(&ahead);
    made_a_little_ahead(&ahead);
    sign(&ahead);
    sign(&behind);
    assert_int_equal(rule(&ahead, NULL, 0), 0);
    assert_int_equal(rule(&behind, NULL, 0), 0);
    eligibility_request_wipe(&ahead.request);
    eligibility_request_wipe(&behind.request);
}

/* One call, many senders: each is asked for by itself. */
static void a_batch_comes_from_whom_each_entry_says(void **state) {
    static inquiry_item items[2];
    static inquiry_ruling rulings[2];
    (void)state;
    offer right = make_offer(STATEMENT_OFFLINE), wrong = make_offer(STATEMENT_OFFLINE);
    of_another_terminal(&wrong);
    sign(&right);
    sign(&wrong);
    items[0].request = right.request;
    items[1].request = wrong.request;
    inquiry_rule(&service, &right.peer, items, 2, STATEMENT_OFFLINE, rulings);
    assert_int_equal(rulings[0].refused.status, 0);
    assert_int_equal(rulings[1].refused.status, 422);
    for (size_t i = 0; i < 2; i++) {
        inquiry_ruling_wipe(&rulings[i]);
        eligibility_request_wipe(&items[i].request);
    }
}

/* --- online ------------------------------------------------------------------------------------------------------- */

static void session_over(offer *o) {
    o->session.expires = now - 1;
}

static void session_of_another_institution(offer *o) {
    strcpy(o->session.institution_code, OTHER_INSTITUTION);
}

static void session_of_another_terminal(offer *o) {
    strcpy(o->session.terminal_id, "T-02");
}

static void session_for_another_card(offer *o) {
    strcpy(o->session.card_id, "CARD-ID-00000002");
}

static void session_for_another_challenge(offer *o) {
    o->session.challenge[0] = o->session.challenge[0] == '0' ? '1' : '0';
}

static void session_with_another_nonce(offer *o) {
    o->session.nonce[0] = o->session.nonce[0] == '0' ? '1' : '0';
}

static void another_session(offer *o) {
    assert_int_equal(uuid_v7(o->session.id), RESULT_OK);
}

static void online_each_wrong_session_is_refused(void **state) {
    static const row rows[] = {
        ROW(nothing, 0),
        ROW(session_over, 422),
        ROW(session_of_another_institution, 422),
        ROW(session_of_another_terminal, 422),
        ROW(session_for_another_card, 422),
        ROW(session_for_another_challenge, 422),
        ROW(session_with_another_nonce, 422),
        ROW(another_session, 422),
        ROW(sent_by_another_institution, 422),
        ROW(sent_with_another_key, 403),
        ROW(of_another_terminal, 403),
        ROW(of_another_holder, 422),
        ROW(in_the_call_of_the_other_mode, 422),
        ROW(signed_by_another_patient, 422),
    };
    (void)state;
    play(STATEMENT_ONLINE, rows, sizeof rows / sizeof *rows);
}

static void a_session_serves_once(void **state) {
    (void)state;
    offer first = make_offer(STATEMENT_ONLINE), second = make_offer(STATEMENT_ONLINE);
    open_session(&first);
    sign(&first);
    strcpy(second.s.session, first.s.session);
    memcpy(second.s.nonce, first.s.nonce, sizeof first.s.nonce);
    memcpy(second.s.challenge, first.s.challenge, sizeof first.s.challenge);
    sign(&second);
    assert_int_equal(rule(&first, NULL, 0), 0);
    assert_int_equal(rule(&second, NULL, 0), 422);
    eligibility_request_wipe(&first.request);
    eligibility_request_wipe(&second.request);
}

static void a_clock_far_off_is_told_of(void **state) {
    static const struct {
        int64_t seconds;
        bool told;
    } rows[] = {{0, false}, {-200, false}, {-900, true}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char answer[8192];
        offer o = make_offer(STATEMENT_ONLINE);
        made_seconds_ahead(&o, rows[i].seconds);
        open_session(&o);
        sign(&o);
        assert_int_equal(rule(&o, answer, sizeof answer), 0);
        assert_int_equal(strstr(answer, "clock-off") != NULL, rows[i].told);
        eligibility_request_wipe(&o.request);
    }
}

/* The call that gives a session. */
static int ask_for_session(const char *institution, const char *terminal, const char *key) {
    institution_request r = {.card_id = "CARD-ID-00000001", .challenge = "00112233445566778899AABBCCDDEEFF"};
    http_peer peer = {.institution_code = INSTITUTION, .terminal_id = TERMINAL};
    buffer body = BUFFER_INIT(4096);
    http_reply reply = {.body = BUFFER_INIT(65536), .signature = BUFFER_INIT(65536)};
    strcpy(r.institution_code, institution);
    strcpy(r.terminal_id, terminal);
    strcpy(peer.key, key);
    assert_int_equal(institution_request_write(&r, &body), RESULT_OK);
    const http_request request = {"POST", "/institution-authentication", "application/json", buffer_bytes(&body),
                                  &peer};
    authentication_reply(&service, &request, &reply);
    buffer_wipe(&body);
    buffer_wipe(&reply.body);
    buffer_wipe(&reply.signature);
    return reply.status;
}

static void a_session_is_for_ones_own_terminal(void **state) {
    (void)state;
    assert_int_equal(ask_for_session(INSTITUTION, TERMINAL, TLS_KEY), 201);
    assert_int_equal(ask_for_session(OTHER_INSTITUTION, TERMINAL, TLS_KEY), 422);
    assert_int_equal(ask_for_session(INSTITUTION, "T-02", TLS_KEY), 403);
    assert_int_equal(ask_for_session(INSTITUTION, TERMINAL, "BBBB"), 403);
}

/* --- pre-checks --------------------------------------------------------------------------------------------------- */

static int pre_check(const offer *o, int64_t days) {
    static inquiry_item item;
    static inquiry_ruling ruling;
    item = (inquiry_item){.request = o->request};
    clock_date_in_japan(clock_wall_s() + days * PARTNERS_DAY, item.request.service_date);
    inquiry_pre_check(&service, &o->peer, &item, 1, &ruling);
    inquiry_ruling_wipe(&ruling);
    return ruling.refused.status;
}

static void a_pre_check_is_for_ones_own_patients(void **state) {
    (void)state;
    offer known = make_offer(STATEMENT_OFFLINE), other;
    sign(&known);
    assert_int_equal(rule(&known, NULL, 0), 0);
    assert_int_equal(pre_check(&known, 1), 0);
    assert_int_equal(pre_check(&known, 31), 0);
    assert_int_equal(pre_check(&known, -1), 422);
    assert_int_equal(pre_check(&known, 33), 422); /* the day changes while the test runs, perhaps */
    other = known;
    sent_by_another_institution(&other);
    assert_int_equal(pre_check(&other, 1), 404);
    other = known;
    request_about_another_patient(&other);
    assert_int_equal(pre_check(&other, 1), 404);
    other = known;
    request_about_other_evidence(&other);
    assert_int_equal(pre_check(&other, 1), 404);
    eligibility_request_wipe(&known.request);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(offline_each_wrong_partner_is_refused),
        TEST(what_is_in_other_evidence_is_refused),
        TEST(the_order_is_that_of_one_terminal),
        TEST(a_batch_comes_from_whom_each_entry_says),
        TEST(online_each_wrong_session_is_refused),
        TEST(a_session_is_for_ones_own_terminal),
        TEST(a_session_serves_once),
        TEST(a_clock_far_off_is_told_of),
        TEST(a_pre_check_is_for_ones_own_patients),
    };
    return cmocka_run_group_tests(tests, partners_make, partners_free);
}
