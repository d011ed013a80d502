#include "inquiry.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define RESOURCE_MOST 65536
#define CLOCK_TOLERANCE_S 300

typedef struct inquiry {
    platform *platform;
    const http_peer *peer;
    statement_mode mode;
    const eligibility_request *request;
    evidence_verdict verdict;
    int64_t now;
} inquiry;

static void __attribute__((format(printf, 4, 5)))
refuse(inquiry_ruling *out, int status, const char *code, const char *format, ...) {
    va_list arguments;
    out->status = status;
    out->code = code;
    va_start(arguments, format);
    vsnprintf(out->reason, sizeof out->reason, format, arguments);
    va_end(arguments);
}

/* Same evidence, same answer; other content under the same id is a conflict. True when there is a ruling. */
static bool rule_known(const inquiry *q, inquiry_ruling *out) {
    platform_answer known;
    char hash[STATEMENT_HASH_SIZE];
    platform_store *store = q->platform->store;
    result outcome = evidence_hash(buffer_bytes(&q->request->evidence), hash);
    if (outcome == RESULT_OK)
        outcome = store->find_answer(store, q->request->evidence_id, &known, &out->resource);
    if (outcome == RESULT_NOT_FOUND)
        return false;
    if (outcome != RESULT_OK)
        refuse(out, 503, "transient", "The platform cannot read its store now. Send again later.");
    else if (strcmp(known.content_hash, hash) != 0 || strcmp(known.institution_code, q->peer->institution_code) != 0)
        refuse(out, 409, "conflict", "This evidence id is known with other content. Keep both and call the platform.");
    else
        out->status = 200;
    if (out->status != 200)
        buffer_clear(&out->resource);
    return true;
}

static bool check_evidence(inquiry *q, inquiry_ruling *out) {
    const evidence_policy policy = {.patient_authorities = q->platform->patients,
                                    .institution_authorities = q->platform->institutions,
                                    .platform = &q->platform->institution_cvc};
    if (evidence_verify(buffer_bytes(&q->request->evidence), &policy, &q->verdict) == RESULT_OK)
        return true;
    refuse(out, 422, "security", "%s%s%s", evidence_reason_text(q->verdict.reason), q->verdict.detail ? " " : "",
           q->verdict.detail ? q->verdict.detail : "");
    return false;
}

/* What the request says around the evidence must be what is signed inside it. */
static bool check_agreement(const inquiry *q, inquiry_ruling *out) {
    const statement *s = &q->verdict.statement;
    char patient[CRYPT_NAME_MOST + CRYPT_SERIAL_MOST + 1], today[CLOCK_DATE_SIZE];
    int64_t stated = 0;
    snprintf(patient, sizeof patient, "%s#%s", s->patient_issuer, s->patient_serial);
    clock_date_in_japan(q->now + CLOCK_TOLERANCE_S, today);
    if (s->mode != q->mode)
        refuse(out, 422, "business-rule", "Evidence of mode %s does not belong into this call.",
               statement_mode_text(s->mode));
    else if (strcmp(s->institution_code, q->peer->institution_code) != 0 ||
             strcmp(s->institution_code, q->request->institution_code) != 0)
        refuse(out, 422, "forbidden", "The evidence belongs to another institution than the sender.");
    else if (strcmp(s->evidence_id, q->request->evidence_id) != 0 ||
             strcmp(patient, q->request->patient_serial) != 0 ||
             strcmp(s->service_date, q->request->service_date) != 0)
        refuse(out, 422, "value", "Identifier, patient or servicedDate differ from the signed statement.");
    else if (clock_parse(s->terminal_time, &stated) != RESULT_OK || stated > q->now + CLOCK_TOLERANCE_S ||
             strcmp(s->service_date, today) > 0)
        refuse(out, 422, "business-rule", "The evidence comes from the future. Set the terminal's clock.");
    return out->status == 0;
}

/* The session was given for this card, this terminal and this challenge, less than a minute ago, and serves once. */
static bool check_session(const inquiry *q, inquiry_ruling *out) {
    const statement *s = &q->verdict.statement;
    platform_store *store = q->platform->store;
    platform_session session;
    char challenge[33], nonce[65];
    hex_encode(BYTES(s->challenge), challenge, sizeof challenge);
    hex_encode(BYTES(s->nonce), nonce, sizeof nonce);
    result outcome = store->take_session(store, s->session, &session);
    if (outcome == RESULT_NOT_FOUND)
        refuse(out, 422, "expired", "The session is unknown or was used. Begin again with the card.");
    else if (outcome != RESULT_OK)
        refuse(out, 503, "transient", "The platform cannot read its store now. Send again later.");
    else if (session.expires < q->now)
        refuse(out, 422, "expired", "The session lasted 60 seconds and is over. Begin again with the card.");
    else if (strcmp(session.institution_code, s->institution_code) != 0 ||
             strcmp(session.terminal_id, s->terminal_id) != 0 || strcmp(session.card_id, s->card_id) != 0 ||
             strcmp(session.challenge, challenge) != 0 || strcmp(session.nonce, nonce) != 0)
        refuse(out, 422, "security", "The session was given for another card, terminal or challenge. Begin again.");
    return out->status == 0;
}

static void answer(const inquiry *q, inquiry_ruling *out) {
    const statement *s = &q->verdict.statement;
    platform_store *store = q->platform->store;
    platform_person person;
    coverage_ruling ruling;
    result outcome = store->find_person(store, s->patient_issuer, s->patient_serial, &person);
    bool known = outcome == RESULT_OK;
    if (outcome == RESULT_OK || outcome == RESULT_NOT_FOUND) {
        coverage_rule(known ? &person : NULL, s->service_date, &ruling);
        outcome = answer_append(q->platform, s, known ? &person : NULL, &ruling, q->now, &out->resource);
    }
    if (outcome == RESULT_OK) {
        platform_answer kept = {.validity = {(char)('0' + ruling.validity), '\0'}, .at = q->now};
        snprintf(kept.evidence_id, sizeof kept.evidence_id, "%s", s->evidence_id);
        snprintf(kept.institution_code, sizeof kept.institution_code, "%s", s->institution_code);
        snprintf(kept.terminal_id, sizeof kept.terminal_id, "%s", s->terminal_id);
        snprintf(kept.mode, sizeof kept.mode, "%s", statement_mode_text(s->mode));
        outcome = evidence_hash(buffer_bytes(&q->request->evidence), kept.content_hash);
        if (outcome == RESULT_OK)
            outcome = store->put_answer(store, &kept, buffer_bytes(&q->request->evidence), buffer_bytes(&out->resource));
    }
    if (outcome == RESULT_OK) {
        out->status = 201;
        return;
    }
    buffer_clear(&out->resource);
    /* Somebody sent the same evidence at the same moment and was first. */
    if (outcome != RESULT_EXISTS || !rule_known(q, out))
        refuse(out, 503, "transient", "The platform cannot keep the answer now (%s). Send again later.",
               result_text(outcome));
}

static void keep_refusal(platform *p, const http_peer *peer, const char *evidence_id, const inquiry_ruling *out) {
    p->store->put_refusal(p->store, peer->institution_code, evidence_id, out->reason, clock_wall_s());
    log_notice("evidence %s of institution %s refused: %s", evidence_id, peer->institution_code, out->reason);
}

void inquiry_rule(platform *p, const http_peer *peer, const eligibility_request *request, statement_mode mode,
                  inquiry_ruling *out) {
    inquiry q = {.platform = p, .peer = peer, .request = request, .mode = mode, .now = clock_wall_s()};
    *out = (inquiry_ruling){.resource = BUFFER_INIT(RESOURCE_MOST)};
    if (!rule_known(&q, out) && check_evidence(&q, out) && check_agreement(&q, out) &&
        (mode == STATEMENT_OFFLINE || check_session(&q, out)))
        answer(&q, out);
    if (out->status == 422 || out->status == 409)
        keep_refusal(p, peer, request->evidence_id, out);
}

void inquiry_misread(platform *p, const http_peer *peer, const fhir_problem *problem, inquiry_ruling *out) {
    *out = (inquiry_ruling){.resource = BUFFER_INIT(0)};
    refuse(out, 422, "value", "This is no complete CoverageEligibilityRequest: %s. See docs/interfaces/http.md.",
           problem->text);
    keep_refusal(p, peer, "", out);
}
