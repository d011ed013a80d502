/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The history service's checks of a visit record, against one wrong thing after the other: institution, evidence, the
 * platform's word, patient, doctor, times. In every row one thing is wrong, and that alone. */
#include "partners.h"

#include "base/hex.h"
#include "fhir/answer_proof.h"
#include "fhir/signed_answer.h"
#include "mocks/history/affiliation.h"
#include "mocks/history/history.h"
#include "mocks/history/visit_record.h"
#include "store/history_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define LINK_ID "0123456789ABCDEF0123456789ABCDEF"
#define QUEUE_DAYS 3

static char path[64];
static history service;

/* A visit before anything of it is signed, and who signs when. */
typedef struct visit {
    statement s;
    visit_encounter encounter;
    eligibility_response answer;
    partner se, patient, answerer, doctor, second_doctor; /* PARTNER_COUNT: none */
    int64_t answered_at, signed_at;
    http_peer peer;
    const char *signed_text; /* NULL: the Encounter */
    bool answered_in_full;   /* the platform's signature is over the whole answer */
} visit;

static int begin(void **state) {
    (void)state;
    strcpy(path, "/tmp/test-history-partners.XXXXXX");
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
    assert_int_equal(history_store_open(path, &service.store), RESULT_OK);
    service.patients = patients;
    service.institutions = institutions;
    service.operators = operators;
    service.platform = platform_cvc;
    service.queue_days = QUEUE_DAYS;
    service.registrar = (registrar){history_store_terminals(service.store), institutions, NULL, true};
    const terminal_entry known = partners_entry(SE);
    assert_int_equal(terminal_register_add(history_store_terminals(service.store), &known, bytes_of("r", 1),
                                           bytes_of("r", 1), bytes_of("s", 1)),
                     RESULT_OK);
    return 0;
}

static int end(void **state) {
    char command[128];
    (void)state;
    history_store_close(&service.store);
    snprintf(command, sizeof command, "rm -f %s*", path);
    return system(command);
}

static visit make_visit(void) {
    visit v = {.s = partners_statement(STATEMENT_OFFLINE),
               .se = SE,
               .patient = PATIENT,
               .answerer = PLATFORM,
               .doctor = THE_DOCTOR,
               .second_doctor = PARTNER_COUNT,
               .answered_at = now,
               .signed_at = now};
    visit_encounter *e = &v.encounter;
    eligibility_response *a = &v.answer;
    assert_int_equal(uuid_v7(e->visit_id), RESULT_OK);
    strcpy(e->evidence_id, v.s.evidence_id);
    strcpy(e->link_id, LINK_ID);
    strcpy(e->institution_code, INSTITUTION);
    strcpy(e->operator_id, DOCTOR);
    strcpy(e->operator_name, "Doctor");
    strcpy(e->department, "01");
    clock_text(now, e->start);
    clock_text(now, e->end);
    a->validity = ELIGIBILITY_NONE;
    strcpy(a->disposition, "none");
    strcpy(a->evidence_id, v.s.evidence_id);
    strcpy(a->service_date, v.s.service_date);
    strcpy(a->created, v.s.terminal_time);
    strcpy(a->as_of, v.s.terminal_time);
    strcpy(a->link_id, LINK_ID);
    snprintf(a->patient_serial, sizeof a->patient_serial, "%s#%s", v.s.patient_issuer, v.s.patient_serial);
    strcpy(v.peer.institution_code, INSTITUTION);
    strcpy(v.peer.terminal_id, TERMINAL);
    strcpy(v.peer.key, TLS_KEY);
    return v;
}

static void prove(const visit *v, buffer *proof) {
    buffer full = BUFFER_INIT(16384), text = BUFFER_INIT(16384), der = BUFFER_INIT(ANSWER_PROOF_SIGNATURE_MAX);
    eligibility_response answer = v->answer;
    assert_int_equal(answer_salt(&answer), RESULT_OK);
    assert_int_equal(eligibility_response_write(&answer, &full), RESULT_OK);
    assert_int_equal(v->answered_in_full ? buffer_append(&text, buffer_bytes(&full))
                                         : signed_answer_of(buffer_bytes(&full), &text, NULL),
                     RESULT_OK);
    assert_int_equal(cms_sign(buffer_bytes(&text), true, &partners[v->answerer].signer, 1, v->answered_at, &der),
                     RESULT_OK);
    assert_int_equal(answer_proof_write_alone(buffer_bytes(&text), buffer_bytes(&der), proof), RESULT_OK);
    buffer_wipe(&full);
    buffer_wipe(&text);
    buffer_wipe(&der);
}

static int verify(visit *v, int64_t at) {
    record r = {.peer = &v->peer, .visit = VISIT_RECORD_INIT, .encounter_text = BUFFER_INIT(FHIR_ENCOUNTER_MAX)};
    buffer other = BUFFER_INIT(FHIR_ENCOUNTER_MAX);
    cms_signer signers[2] = {partners[v->doctor].signer};
    const size_t count = v->second_doctor == PARTNER_COUNT ? 1 : 2;
    if (count == 2)
        signers[1] = partners[v->second_doctor].signer;
    r.visit.encounter = v->encounter;
    partners_sign(&v->s, v->patient, v->se, &r.visit.evidence);
    assert_int_equal(visit_encounter_write(&v->encounter, &r.encounter_text), RESULT_OK);
    buffer_append(&other, buffer_bytes(&r.encounter_text));
    if (v->signed_text != NULL)
        buffer_append_text(&other, v->signed_text);
    assert_int_equal(cms_sign(buffer_bytes(&other), false, signers, count, v->signed_at, &r.visit.signature),
                     RESULT_OK);
    prove(v, &r.visit.proof);
    const bool good = record_verify(&service, at, &r);
    assert_int_equal(good, r.refused.status == 0);
    const int status = r.refused.status;
    record_wipe(&r);
    buffer_wipe(&other);
    return status;
}

/* --- one wrong thing each ----------------------------------------------------------------------------------------- */

static void nothing(visit *v) {
    (void)v;
}

static void other_evidence_named(visit *v) {
    assert_int_equal(uuid_v7(v->encounter.evidence_id), RESULT_OK);
}

static void evidence_of_another_institution(visit *v) {
    strcpy(v->s.institution_code, OTHER_INSTITUTION);
    v->se = OTHER_INSTITUTIONS_SE;
}

static void evidence_of_another_terminal(visit *v) {
    strcpy(v->s.terminal_id, "T-02");
}

static void evidence_of_another_se(visit *v) {
    strcpy(v->s.se_serial, "SE-0002");
}

static void evidence_of_an_unknown_se(visit *v) {
    v->se = SECOND_SE;
}

static void sent_with_another_key(visit *v) {
    strcpy(v->peer.key, "BBBB");
}

static void made_at(visit *v, int64_t at) {
    clock_text(at, v->s.terminal_time);
    clock_date_in_japan(at, v->s.service_date);
    strcpy(v->answer.service_date, v->s.service_date);
    clock_text(at, v->encounter.start);
    clock_text(at > now ? at : now, v->encounter.end);
    v->signed_at = at > now ? at : now;
}

static void made_ahead(visit *v) {
    made_at(v, now + 900);
    v->signed_at = now;
}

/* The doctor's clock is ahead as well, by less than is tolerated. */
static void made_and_signed_ahead(visit *v) {
    made_at(v, now + 500);
    v->signed_at = now + 250;
}

/* The visit's own times are within what is tolerated. */
static void over_and_signed_before(visit *v) {
    clock_text(now - 250, v->encounter.start);
    clock_text(now - 250, v->encounter.end);
    v->signed_at = now - 500;
}

static void answered_by_an_impostor(visit *v) {
    v->answerer = IMPOSTOR;
}

static void answered_by_the_institution(visit *v) {
    v->answerer = SE;
}

static void answered_ahead(visit *v) {
    v->answered_at = now + 900;
}

static void answer_about_other_evidence(visit *v) {
    assert_int_equal(uuid_v7(v->answer.evidence_id), RESULT_OK);
}

static void answer_in_full(visit *v) {
    v->answered_in_full = true;
}

static void answer_about_another_patient(visit *v) {
    strcpy(v->answer.patient_serial, "CN=User CA,C=JP#0101");
}

static void answer_for_another_day(visit *v) {
    strcpy(v->answer.service_date, "2020-02-29");
}

static void another_patients_link(visit *v) {
    v->encounter.link_id[0] = 'F';
}

static void no_link(visit *v) {
    v->answer.link_id[0] = 0;
}

static void signed_before_the_patient_came(visit *v) {
    v->signed_at = now - 900;
}

static void signed_a_little_before(visit *v) {
    v->signed_at = now - 200;
}

static void signed_ahead(visit *v) {
    v->signed_at = now + 900;
}

static void signed_with_the_login_key(visit *v) {
    v->doctor = DOCTORS_LOGIN;
}

static void signed_by_a_nurse(visit *v) {
    v->doctor = NURSE;
}

static void signed_by_a_second_doctor(visit *v) {
    v->doctor = SECOND_DOCTOR;
}

static void signed_by_another_institutions_doctor(visit *v) {
    v->doctor = OTHER_INSTITUTIONS_DOCTOR;
}

static void signed_by_the_se(visit *v) {
    v->doctor = SE;
}

static void signed_by_two(visit *v) {
    v->second_doctor = SECOND_DOCTOR;
}

static void another_text_signed(visit *v) {
    v->signed_text = " ";
}

static void begins_before_the_evidence(visit *v) {
    clock_text(now - 900, v->encounter.start);
}

static void begins_after_the_evidence(visit *v) {
    clock_text(now + 900, v->encounter.start);
    clock_text(now + 900, v->encounter.end);
}

static void ends_after_the_signature(visit *v) {
    clock_text(now + 900, v->encounter.end);
}

static void each_wrong_thing_is_refused(void **state) {
    static const struct {
        const char *name;
        void (*change)(visit *v);
        int due;
    } rows[] = {
#define ROW(change, due) {#change, change, due}
        ROW(nothing, 0),
        ROW(other_evidence_named, 422),
        ROW(evidence_of_another_institution, 422),
        ROW(evidence_of_another_terminal, 422),
        ROW(evidence_of_another_se, 422),
        ROW(evidence_of_an_unknown_se, 403),
        ROW(sent_with_another_key, 403),
        ROW(made_ahead, 422),
        ROW(made_and_signed_ahead, 422),
        ROW(over_and_signed_before, 422),
        ROW(answered_by_an_impostor, 422),
        ROW(answered_by_the_institution, 422),
        ROW(answered_ahead, 422),
        ROW(answer_in_full, 422),
        ROW(answer_about_other_evidence, 422),
        ROW(answer_about_another_patient, 422),
        ROW(answer_for_another_day, 422),
        ROW(another_patients_link, 422),
        ROW(no_link, 422),
        ROW(signed_before_the_patient_came, 422),
        ROW(signed_a_little_before, 0),
        ROW(signed_ahead, 422),
        ROW(signed_with_the_login_key, 422),
        ROW(signed_by_a_nurse, 422),
        ROW(signed_by_a_second_doctor, 422),
        ROW(signed_by_another_institutions_doctor, 422),
        ROW(signed_by_the_se, 422),
        ROW(signed_by_two, 422),
        ROW(another_text_signed, 422),
        ROW(begins_before_the_evidence, 422),
        ROW(begins_after_the_evidence, 422),
        ROW(ends_after_the_signature, 422),
    };
    unsigned wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        visit v = make_visit();
        rows[i].change(&v);
        const int status = verify(&v, now);
        if (status != rows[i].due)
            print_error("%s: %d\n", rows[i].name, status);
        wrong += status != rows[i].due;
    }
    assert_int_equal(wrong, 0);
}

/* By the service's clock, second by second around what docs/interfaces/http.md says. */
static void times_have_two_sides(void **state) {
    static const struct {
        int64_t later; /* than the visit */
        int due;
    } rows[] = {{-301, 422}, {-300, 0}, {0, 0}, {QUEUE_DAYS * PARTNERS_DAY, 0}, {QUEUE_DAYS * PARTNERS_DAY + 1, 422}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        visit v = make_visit();
        const int status = verify(&v, now + rows[i].later);
        if (status != rows[i].due)
            fail_msg("%lld s later: %d", (long long)rows[i].later, status);
    }
}

static int status_of(void (*change)(visit *v)) {
    visit v = make_visit();
    change(&v);
    return verify(&v, now);
}

/* Only that institution's doctors, at that institution's visits, and only as the service's administrator says. */
static void affiliated_doctors_are_named(void **state) {
    static const char *const others[] = {"", OTHER_INSTITUTION ":" INSTITUTION, INSTITUTION ":9999999998",
                                         "1312345679:" OTHER_INSTITUTION, INSTITUTION " " OTHER_INSTITUTION};
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        strcpy(service.affiliated, others[i]);
        assert_int_equal(status_of(signed_by_another_institutions_doctor), 422);
    }
    strcpy(service.affiliated, "1300000001:1300000002 " INSTITUTION ":" OTHER_INSTITUTION);
    assert_int_equal(status_of(signed_by_another_institutions_doctor), 0);
    assert_int_equal(status_of(signed_by_a_nurse), 422);
    service.affiliated[0] = 0;
    assert_true(affiliation_is_list(""));
    assert_true(affiliation_is_list(" 1300000001:1300000002  1312345678:9999999999 "));
    assert_false(affiliation_is_list("1300000001"));
    assert_false(affiliation_is_list("1300000001:130000000"));
    assert_false(affiliation_is_list("1300000001:13000000021"));
    assert_false(affiliation_is_list("1300000001:1300000002,1300000001:1300000003"));
}

static void a_record_belongs_to_its_sender(void **state) {
    visit v = make_visit();
    visit_record whole = VISIT_RECORD_INIT;
    buffer body = BUFFER_INIT(262144);
    (void)state;
    whole.encounter = v.encounter;
    buffer_append_text(&whole.signature, "signature");
    buffer_append_text(&whole.evidence, "evidence");
    buffer_append_text(&whole.proof, "proof");
    assert_int_equal(visit_record_write(&whole, &body), RESULT_OK);
    for (int other = 0; other < 2; other++) {
        record r;
        if (other)
            strcpy(v.peer.institution_code, OTHER_INSTITUTION);
        assert_int_equal(record_read(&v.peer, buffer_bytes(&body), &r), !other);
        assert_int_equal(r.refused.status, other ? 422 : 0);
        record_wipe(&r);
    }
    visit_record_wipe(&whole);
    buffer_wipe(&body);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(each_wrong_thing_is_refused),
        TEST(times_have_two_sides),
        TEST(affiliated_doctors_are_named),
        TEST(a_record_belongs_to_its_sender),
    };
    return cmocka_run_group_tests(tests, partners_make, partners_free);
}
