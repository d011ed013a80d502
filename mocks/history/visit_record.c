/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "visit_record.h"

#include "affiliation.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "evidence/evidence.h"
#include "fhir/signed_answer.h"
#include "service/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLOCK_TOLERANCE_S 300
#define PLATFORM_SIGNER "Platform answers"

bool record_read(const http_peer *peer, bytes text, record *r) {
    fhir_problem problem = {{0}}, form;
    memset(r, 0, sizeof *r);
    r->peer = peer;
    r->encounter_text = BUFFER_INIT(FHIR_ENCOUNTER_MAX);
    if (visit_record_read(text, &r->visit, &r->encounter_text, &problem) != RESULT_OK)
        return reply_is_no_json(text, &form)
                   ? refuse(&r->refused, 400, "structure", "%s", form.text)
                   : refuse(&r->refused, 422, "structure", "This is no visit record: %s. See docs/interfaces/http.md.",
                            problem.text);
    if (strcmp(r->visit.encounter.institution_code, peer->institution_code) != 0)
        return refuse(&r->refused, 422, "forbidden", "The record belongs to another institution than the sender.");
    return true;
}

/* The findings of the checks; each check relies on the ones before. */
typedef struct visit_check {
    const history *history;
    record *record;
    int64_t now;
    evidence_verdict evidence;
    int64_t made_at;   /* the evidence's time */
    int64_t signed_at; /* the doctor's signature's */
} visit_check;

/* --- evidence ----------------------------------------------------------------------------------------------------- */

/* The terminal, and offline its SE, are registered and not revoked. */
static bool check_sender(const visit_check *j, const evidence_verdict *v) {
    const statement *s = &v->statement;
    char holder[2 * CVC_REFERENCE_LENGTH + 1];
    hex_encode(BYTES(s->holder_reference), holder, sizeof holder);
    const registrar_sender sender = {s->institution_code, s->terminal_id, v->institution_certificate,
                                     s->se_serial,        holder,         j->record->peer->key};
    return registrar_permits(&j->history->registrar, &sender, &j->record->refused);
}

/* Before any of its signatures is verified. */
static bool is_wanted(void *context, const evidence_verdict *so_far) {
    visit_check *j = context;
    record *r = j->record;
    const statement *s = &so_far->statement;
    const visit_encounter *e = &r->visit.encounter;
    if (strcmp(s->evidence_id, e->evidence_id) != 0)
        return refuse(&r->refused, 422, "value", "The Encounter names another evidence than the one enclosed.");
    if (strcmp(s->institution_code, e->institution_code) != 0)
        return refuse(&r->refused, 422, "forbidden", "The evidence belongs to another institution.");
    if (clock_parse(s->terminal_time, &j->made_at) != RESULT_OK || j->made_at > j->now + CLOCK_TOLERANCE_S)
        return refuse(&r->refused, 422, "business-rule",
                      "The evidence comes from the future. Set the terminal's clock.");
    return check_sender(j, so_far);
}

static bool refuse_for_now(record *r, const char *why) {
    return refuse(&r->refused, 503, "transient", "The service cannot check certificates now: %s. Send again later.",
                  why);
}

static bool check_evidence(visit_check *j) {
    const history *h = j->history;
    record *r = j->record;
    const evidence_policy policy = {.patient_authorities = h->patients,
                                    .institution_authorities = h->institutions,
                                    .platform = &h->platform,
                                    .wanted = is_wanted,
                                    .context = j};
    const evidence_verdict *v = &j->evidence;
    const result code = evidence_verify(buffer_bytes(&r->visit.evidence), &policy, &j->evidence);
    if (code != RESULT_OK && v->reason == EVIDENCE_UNWANTED)
        return false;
    if (code != RESULT_OK && v->passing)
        return refuse_for_now(r, v->detail);
    if (code != RESULT_OK)
        return refuse(&r->refused, 422, "security", "%s%s%s", evidence_reason_text(v->reason), v->detail ? " " : "",
                      v->detail ? v->detail : "");
    if (evidence_clock_is_implausible(v->clock))
        log_warning("visit %s of institution %s: %s", r->visit.encounter.visit_id, r->visit.encounter.institution_code,
                    evidence_clock_name(v->clock));
    return true;
}

/* --- the platform's word ------------------------------------------------------------------------------------------ */

static bool refuse_answer(record *r) {
    return refuse(&r->refused, 422, "security",
                  "The answer enclosed is not signed by the platform. Enclose it as it came.");
}

/* Whose certificate it is, before its key is used. */
static result vet_platform(void *context, const cms_message *message) {
    const visit_check *j = context;
    char name[64];
    const bool named = message->count == 1 && message->signing_time[0] >= 0 &&
                       message->signing_time[0] <= j->now + CLOCK_TOLERANCE_S &&
                       certificate_subject_attribute(message->signers[0], CERTIFICATE_COMMON_NAME, name, sizeof name) ==
                           RESULT_OK &&
                       strcmp(name, PLATFORM_SIGNER) == 0;
    if (!named)
        return RESULT_REFUSED;
    const trust_verdict verdict = trust_check(j->history->institutions, message->signers[0], TRUST_SIGNATURE,
                                              message->signing_time[0]);
    if (trust_verdict_is_passing(verdict))
        refuse_for_now(j->record, trust_verdict_text(verdict));
    return verdict == TRUST_OK ? RESULT_OK : RESULT_REFUSED;
}

static bool check_platform(visit_check *j, const answer_proof *proof) {
    cms_message message = {0};
    const result outcome = cms_verify_vetted(buffer_bytes(&proof->signature), buffer_bytes(&proof->content),
                                             vet_platform, j, &message);
    cms_message_free(&message);
    return outcome == RESULT_OK || (j->record->refused.status == 0 && refuse_answer(j->record));
}

/* The link id must be that of the patient in the evidence, as the platform has signed it. */
static bool check_answer(const visit_check *j, const signed_answer *answer) {
    const statement *s = &j->evidence.statement;
    char patient[CRYPT_NAME_MAX + CRYPT_SERIAL_MAX + 1];
    snprintf(patient, sizeof patient, "%s#%s", s->patient_issuer, s->patient_serial);
    if (strcmp(answer->evidence_id, s->evidence_id) != 0 || strcmp(answer->patient_serial, patient) != 0 ||
        strcmp(answer->service_date, s->service_date) != 0)
        return refuse(&j->record->refused, 422, "value",
                      "The platform's answer enclosed is about other evidence, another patient or another day.");
    /* A doctor who signed before the platform had answered has named the evidence, and no link id. */
    char *signed_link = j->record->visit.encounter.link_id;
    if (signed_link[0] == 0)
        snprintf(signed_link, FHIR_WORD_SIZE, "%s", answer->link_id);
    if (answer->link_id[0] == 0 || strcmp(answer->link_id, signed_link) != 0)
        return refuse(&j->record->refused, 422, "value",
                      "The Encounter's link id is not the one that the platform gave for this evidence.");
    return true;
}

/* Accepts only the form that names neither patient nor coverage: this service has no right to more. */
static bool check_link(visit_check *j) {
    answer_proof proof;
    fhir_problem problem = {{0}};
    signed_answer answer;
    bool good = true;
    if (answer_proof_read(buffer_bytes(&j->record->visit.proof), &proof, &problem) != RESULT_OK ||
        signed_answer_read(buffer_bytes(&proof.answer), &answer, &problem) != RESULT_OK)
        good = refuse(&j->record->refused, 422, "structure",
                      "The platform's answer enclosed cannot be read: %s. Nothing of it was kept. Update the terminal.",
                      problem.text);
    good = good && check_platform(j, &proof) && check_answer(j, &answer);
    answer_proof_wipe(&proof);
    return good;
}

/* --- the doctor --------------------------------------------------------------------------------------------------- */

/* Neither before the patient was there nor longer ago than a record may wait to be sent: so a certificate that has
 * expired cannot be used with an earlier signing time. */
static bool check_signing_time(visit_check *j, const cms_message *message) {
    record *r = j->record;
    j->signed_at = message->signing_time[0];
    if (j->signed_at < 0 || j->signed_at > j->now + CLOCK_TOLERANCE_S)
        return refuse(&r->refused, 422, "security",
                      "The doctor's signature has no time or one in the future. Set the clock.");
    if (j->signed_at < j->made_at - CLOCK_TOLERANCE_S)
        return refuse(&r->refused, 422, "security",
                      "The doctor's signature is older than the evidence. Sign after the reception.");
    if (j->now - j->signed_at > (int64_t)j->history->queue_days * 86400)
        return refuse(&r->refused, 422, "business-rule",
                      "The doctor signed more than %ld days ago, longer than a record may wait. Sign again.",
                      j->history->queue_days);
    return true;
}

/* The doctor's certificate for signatures, not the one for logging in; the card is in the hands of the doctor named. */
static bool check_doctor(visit_check *j, const cms_message *message) {
    record *r = j->record;
    char operator_id[FHIR_WORD_SIZE] = "", title[32] = "", institution[FHIR_WORD_SIZE] = "";
    const certificate *doctor = message->count == 1 ? message->signers[0] : NULL;
    if (!doctor)
        return refuse(&r->refused, 422, "security", "The record needs exactly one signature, the doctor's.");
    if (!check_signing_time(j, message))
        return false;
    trust_verdict verdict = trust_check(j->history->operators, doctor, TRUST_SIGNATURE, j->signed_at);
    if (trust_verdict_is_passing(verdict))
        return refuse_for_now(r, trust_verdict_text(verdict));
    if (verdict != TRUST_OK)
        return refuse(&r->refused, 422, "security", "The doctor's certificate is not accepted: %s.",
                      trust_verdict_text(verdict));
    if (trust_check(j->history->operators, doctor, TRUST_CLIENT_AUTHENTICATION, j->signed_at) == TRUST_OK)
        return refuse(&r->refused, 422, "security",
                      "The record is signed with the key for logging in. Sign with the signature key.");
    certificate_subject_attribute(doctor, CERTIFICATE_TITLE, title, sizeof title);
    certificate_subject_attribute(doctor, CERTIFICATE_SERIAL_NUMBER, operator_id, sizeof operator_id);
    if (strcmp(title, "doctor") != 0)
        return refuse(&r->refused, 422, "forbidden", "The signer's role is not doctor. A doctor must sign.");
    certificate_subject_attribute(doctor, CERTIFICATE_ORGANIZATION_IDENTIFIER, institution, sizeof institution);
    if (strcmp(institution, r->visit.encounter.institution_code) != 0 &&
        !affiliation_accepts(j->history->affiliated, r->visit.encounter.institution_code, institution))
        return refuse(&r->refused, 422, "forbidden", "The doctor's card is %s, not of the institution of this visit.",
                      institution[0] != 0 ? "of another institution" : "of before cards named their institution");
    if (strcmp(operator_id, r->visit.encounter.operator_id) != 0)
        return refuse(&r->refused, 422, "security", "The Encounter names another doctor than the signer.");
    return true;
}

static result vet_signature(void *context, const cms_message *message) {
    visit_check *j = context;
    record *r = j->record;
    if (!bytes_equal(buffer_bytes(&message->content), buffer_bytes(&r->encounter_text))) {
        refuse(&r->refused, 422, "security", "What the doctor signed is not this Encounter. Sign again.");
        return RESULT_REFUSED;
    }
    return check_doctor(j, message) ? RESULT_OK : RESULT_REFUSED;
}

static bool check_signature(visit_check *j) {
    cms_message message = {0};
    record *r = j->record;
    result outcome = cms_verify_vetted(buffer_bytes(&r->visit.signature), bytes_of(NULL, 0), vet_signature, j,
                                       &message);
    cms_message_free(&message);
    return outcome == RESULT_OK || r->refused.status != 0
               ? outcome == RESULT_OK
               : refuse(&r->refused, 422, "security", "The doctor's signature does not verify (%s). Sign again.",
                        result_text(outcome));
}

/* The visit began when the patient was there, and was over when the doctor signed. */
static bool check_period(const visit_check *j) {
    const visit_encounter *e = &j->record->visit.encounter;
    int64_t start = 0, end = 0;
    if (clock_parse(e->start, &start) != RESULT_OK || clock_parse(e->end, &end) != RESULT_OK || end < start)
        return refuse(&j->record->refused, 422, "value", "The Encounter's period ends before it begins.");
    if (llabs(start - j->made_at) > CLOCK_TOLERANCE_S)
        return refuse(&j->record->refused, 422, "value",
                      "The Encounter begins at another time than the evidence says.");
    if (end > j->signed_at + CLOCK_TOLERANCE_S)
        return refuse(&j->record->refused, 422, "value", "The Encounter ends after the doctor signed.");
    return true;
}

/* The sender and its evidence are checked first, so that a refused sender costs no verification of the doctor's
 * signature. */
bool record_verify(const history *h, int64_t now, record *r) {
    visit_check *j = calloc(1, sizeof *j);
    if (!j)
        return refuse(&r->refused, 503, "transient", "The service has no memory now. Send again later.");
    *j = (visit_check){.history = h, .record = r, .now = now};
    const bool good = check_evidence(j) && check_link(j) && check_signature(j) && check_period(j);
    free(j);
    return good;
}

void record_wipe(record *r) {
    visit_record_wipe(&r->visit);
    buffer_wipe(&r->encounter_text);
}
