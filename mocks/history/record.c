#include "record.h"

#include "base/clock.h"
#include "base/log.h"
#include "evidence/evidence.h"
#include "service/reply.h"

#include <stdio.h>
#include <string.h>

#define CLOCK_TOLERANCE_S 300

bool record_read(const http_request *request, record *r) {
    fhir_problem problem = {{0}}, form;
    memset(r, 0, sizeof *r);
    r->encounter_text = BUFFER_INIT(FHIR_ENCOUNTER_MOST);
    if (visit_record_read(request->body, &r->visit, &r->encounter_text, &problem) != RESULT_OK)
        return reply_is_no_json(request->body, &form)
                   ? refuse(&r->refused, 400, "structure", "%s", form.text)
                   : refuse(&r->refused, 422, "structure", "This is no visit record: %s. See docs/interfaces/http.md.",
                            problem.text);
    if (strcmp(r->visit.encounter.institution_code, request->peer->institution_code) != 0)
        return refuse(&r->refused, 422, "forbidden", "The record belongs to another institution than the sender.");
    return true;
}

/* The doctor's certificate for signatures, not the one for logging in; the card is in the hands of the doctor named. */
static bool check_doctor(const history *h, const cms_message *message, int64_t now, record *r) {
    char operator_id[FHIR_WORD_SIZE] = "", title[32] = "", institution[FHIR_WORD_SIZE] = "";
    const certificate *doctor = message->count == 1 ? message->signers[0] : NULL;
    if (!doctor)
        return refuse(&r->refused, 422, "security", "The record needs exactly one signature, the doctor's.");
    int64_t at = message->signing_time[0];
    if (at < 0 || at > now + CLOCK_TOLERANCE_S)
        return refuse(&r->refused, 422, "security",
                      "The doctor's signature has no time or one in the future. Set the clock.");
    trust_verdict verdict = trust_check(h->operators, doctor, TRUST_SIGNATURE, at);
    if (trust_verdict_is_passing(verdict))
        return refuse(&r->refused, 503, "transient", "The service cannot judge certificates now: %s. Send again later.",
                      trust_verdict_text(verdict));
    if (verdict != TRUST_OK)
        return refuse(&r->refused, 422, "security", "The doctor's certificate is not accepted: %s.",
                      trust_verdict_text(verdict));
    if (trust_check(h->operators, doctor, TRUST_CLIENT_AUTHENTICATION, at) == TRUST_OK)
        return refuse(&r->refused, 422, "security",
                      "The record is signed with the key for logging in. Sign with the signature key.");
    certificate_subject_attribute(doctor, CERTIFICATE_TITLE, title, sizeof title);
    certificate_subject_attribute(doctor, CERTIFICATE_SERIAL_NUMBER, operator_id, sizeof operator_id);
    if (strcmp(title, "doctor") != 0)
        return refuse(&r->refused, 422, "forbidden", "The signer's role is not doctor. A doctor must sign.");
    certificate_subject_attribute(doctor, CERTIFICATE_ORGANIZATION_IDENTIFIER, institution, sizeof institution);
    if (strcmp(institution, r->visit.encounter.institution_code) != 0)
        return refuse(&r->refused, 422, "forbidden", "The doctor's card is %s, not of the institution of this visit.",
                      institution[0] != 0 ? "of another institution" : "of before cards named their institution");
    if (strcmp(operator_id, r->visit.encounter.operator_id) != 0)
        return refuse(&r->refused, 422, "security", "The Encounter names another doctor than the signer.");
    return true;
}

/* Checks of a record, as they stand when signatures are about to be verified. */
typedef struct judgement {
    const history *service;
    int64_t now;
    record *record;
} judgement;

static result vet_signature(void *context, const cms_message *message) {
    const judgement *j = context;
    record *r = j->record;
    if (!bytes_equal(buffer_bytes(&message->content), buffer_bytes(&r->encounter_text))) {
        refuse(&r->refused, 422, "security", "What the doctor signed is not this Encounter. Sign again.");
        return RESULT_REFUSED;
    }
    return check_doctor(j->service, message, j->now, r) ? RESULT_OK : RESULT_REFUSED;
}

static bool check_signature(judgement *j) {
    cms_message message = {0};
    record *r = j->record;
    result outcome =
        cms_verify_vetted(buffer_bytes(&r->visit.signature), bytes_of(NULL, 0), vet_signature, j, &message);
    cms_message_free(&message);
    return outcome == RESULT_OK || r->refused.status != 0
               ? outcome == RESULT_OK
               : refuse(&r->refused, 422, "security", "The doctor's signature does not verify (%s). Sign again.",
                        result_text(outcome));
}

/* The terminal, and offline its SE, are registered and not revoked. */
static bool check_sender(const history *h, const evidence_verdict *v, record *r) {
    const statement *s = &v->statement;
    const registrar_sender sender = {s->institution_code, s->terminal_id, v->institution_certificate, s->se_serial};
    return registrar_permits(&h->registrar, &sender, &r->refused);
}

/* Before any of its signatures is verified. */
static bool is_wanted(void *context, const evidence_verdict *so_far) {
    const judgement *j = context;
    record *r = j->record;
    const statement *s = &so_far->statement;
    const visit_encounter *e = &r->visit.encounter;
    int64_t stated = 0;
    if (strcmp(s->evidence_id, e->evidence_id) != 0)
        return refuse(&r->refused, 422, "value", "The Encounter names another evidence than the one enclosed.");
    if (strcmp(s->institution_code, e->institution_code) != 0)
        return refuse(&r->refused, 422, "forbidden", "The evidence belongs to another institution.");
    if (clock_parse(s->terminal_time, &stated) != RESULT_OK || stated > j->now + CLOCK_TOLERANCE_S)
        return refuse(&r->refused, 422, "business-rule",
                      "The evidence comes from the future. Set the terminal's clock.");
    return check_sender(j->service, so_far, r);
}

static bool check_evidence(judgement *j) {
    const history *h = j->service;
    record *r = j->record;
    const evidence_policy policy = {.patient_authorities = h->patients, .institution_authorities = h->institutions,
                                    .platform = &h->platform, .wanted = is_wanted, .context = j};
    evidence_verdict verdict;
    const result code = evidence_verify(buffer_bytes(&r->visit.evidence), &policy, &verdict);
    if (code != RESULT_OK && verdict.reason == EVIDENCE_UNWANTED)
        return false;
    if (code != RESULT_OK && verdict.passing)
        return refuse(&r->refused, 503, "transient", "The service cannot judge certificates now: %s. Send again later.",
                      verdict.detail);
    if (code != RESULT_OK)
        return refuse(&r->refused, 422, "security", "%s%s%s", evidence_reason_text(verdict.reason),
                      verdict.detail ? " " : "", verdict.detail ? verdict.detail : "");
    if (evidence_clock_is_implausible(verdict.clock))
        log_warning("visit %s of institution %s: %s", r->visit.encounter.visit_id,
                    r->visit.encounter.institution_code, evidence_clock_name(verdict.clock));
    return true;
}

/* The sender and his evidence come first: whoever may not send costs no doctor's signature. */
bool record_verify(const history *h, int64_t now, record *r) {
    judgement j = {h, now, r};
    return check_evidence(&j) && check_signature(&j);
}

void record_wipe(record *r) {
    visit_record_wipe(&r->visit);
    buffer_wipe(&r->encounter_text);
}
