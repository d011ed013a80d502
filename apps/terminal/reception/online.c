/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The online way: the platform's own key authenticates to the card; the patient's key signs the platform's nonce. The
 * institution key is not used. */
#include "core/grade.h"
#include "core/guarded_state.h"
#include "reception/reception.h"
#include "se/secure_element.h"

#include "base/file.h"
#include "base/hex.h"
#include "evidence/evidence.h"
#include "fhir/institution_exchange.h"

#include <stdio.h>
#include <string.h>

#define CHAIN_MAX (4 * CVC_LENGTH)

/* The connection is not trusted; or the SE, which signs for TLS, was removed or failed. */
static outcome untrusted(card_access *cards, command_context *ctx, result code, const char *message) {
    const outcome done = secure_element_still_there(cards, ctx);
    if (done != OUTCOME_OK)
        return done;
    if (code == RESULT_REMOVED)
        return cards_token_failure(cards, &ctx->report, RESULT_IO, _("Secure Element"), cards->se);
    return report_failure(&ctx->report, OUTCOME_SERVICE, "platform-untrusted", _("The platform cannot be trusted: %s"),
                          message);
}

/* Checks within REMOTE_SILENCE_MS whether the platform answers; the operator cannot decide that. */
reception_event reception_ask_platform(reception *r) {
    char message[HTTP_CLIENT_MESSAGE_MAX];
    remote_state state;
    r->spared = !service_platform_lets_ask(r->services);
    if (r->spared)
        return EVENT_SILENCE;
    outcome done = service_open(r->services, SERVICE_PLATFORM, &r->platform);
    if (done != OUTCOME_OK)
        return reception_event_of(done);
    result code = remote_ask_state(&r->platform, &state, message, sizeof message);
    service_note_state(r->services, &state);
    if (code == RESULT_TIMEOUT || code == RESULT_UNAVAILABLE)
        return EVENT_SILENCE;
    if (code != RESULT_OK)
        done = untrusted(r->cards, r->context, code, message);
    http_client_set_timeouts(r->platform.client, REMOTE_SILENCE_MS, SERVICE_COUNTER_MS);
    return reception_event_of(done);
}

static outcome import_chain(reception *r) {
    buffer chain = BUFFER_INIT(CHAIN_MAX);
    outcome done = guarded_check(r->context->configuration.platform_cvc, &r->context->report);
    if (done != OUTCOME_OK)
        return done;
    done = file_read(r->context->configuration.platform_cvc, &chain) == RESULT_OK
               ? reception_challenge(r, buffer_bytes(&chain))
               : report_failure(&r->context->report, OUTCOME_USAGE, "cvc-chain",
                                _("The platform's certificates %s cannot be read."),
                                r->context->configuration.platform_cvc);
    buffer_wipe(&chain);
    return done;
}

static outcome refused(report *r, const char *reason, const char *message) {
    return report_failure(r, OUTCOME_SERVICE, reason, _("The platform refuses: %s"), message);
}

/* Silence sends the reception offline; a refusal or a false answer ends it. */
static reception_event validate(reception *r, result code, int status, const char *message) {
    if (code == RESULT_TIMEOUT)
        service_platform_note(r->services, false);
    if (code == RESULT_TIMEOUT || code == RESULT_UNAVAILABLE || (code == RESULT_OK && (status == 429 || status >= 500)))
        return EVENT_SILENCE;
    return reception_event_of(code == RESULT_OK ? refused(&r->context->report, "platform-refused", message)
                                                : untrusted(r->cards, r->context, code, message));
}

static outcome take_exchange(reception *r, const institution_answer *a) {
    statement *s = &r->statement;
    buffer raw = BUFFER_INIT(STATEMENT_NONCE_LENGTH);
    char holder[2 * CVC_REFERENCE_LENGTH + 1];
    snprintf(s->session, sizeof s->session, "%s", a->session);
    if (hex_decode(a->nonce, &raw) == RESULT_OK && raw.length == sizeof s->nonce)
        memcpy(s->nonce, raw.data, raw.length);
    buffer_wipe(&raw);
    hex_encode(BYTES(s->holder_reference), holder, sizeof holder);
    if (strcmp(holder, a->holder_reference) != 0)
        return report_failure(
            &r->context->report, OUTCOME_SERVICE, "platform-key",
            _("The platform signs with another key than its certificates here say. Tell the administrator."));
    return reception_open_card(r, BYTES(a->signature));
}

reception_event reception_online_exchange(reception *r) {
    institution_request request = {0};
    institution_answer answer;
    buffer body = BUFFER_INIT(4096);
    remote_answer reply = {0};
    fhir_problem problem = {""};
    memcpy(request.card_id, r->statement.card_id, sizeof request.card_id);
    hex_encode(BYTES(r->statement.challenge), request.challenge, sizeof request.challenge);
    snprintf(request.institution_code, sizeof request.institution_code, "%s", r->statement.institution_code);
    snprintf(request.terminal_id, sizeof request.terminal_id, "%s", r->statement.terminal_id);
    result code = institution_request_write(&request, &body);
    if (code == RESULT_OK)
        code = remote_post(&r->platform, "/institution-authentication", "application/json", buffer_bytes(&body), NULL,
                           &reply);
    reception_event event;
    if (code != RESULT_OK || reply.status != 201)
        event = validate(r, code, reply.status, reply.message);
    else if (institution_answer_read(buffer_bytes(&reply.body), &answer, &problem) != RESULT_OK)
        event = validate(r, RESULT_INVALID, 0, problem.text);
    else
        event = reception_event_of(take_exchange(r, &answer));
    buffer_wipe(&body);
    remote_answer_wipe(&reply);
    return event;
}

reception_event reception_online_challenge(reception *r) {
    return reception_event_of(import_chain(r));
}

reception_event reception_online_evidence(reception *r) {
    const cms_signer patient = reception_patient_signer(r);
    r->statement.mode = STATEMENT_ONLINE;
    r->statement.grade = STATEMENT_PENDING;
    result code = evidence_create(&r->statement, &patient, NULL, &r->record.evidence);
    if (code == RESULT_OK)
        return EVENT_DONE;
    return reception_event_of(cards_token_failure(r->cards, &r->context->report, code, _("Patient card"), r->patient));
}

/* The answer must be about this evidence and this patient. */
static bool fits(const reception *r, const eligibility_request *request) {
    return strcmp(r->answer.evidence_id, request->evidence_id) == 0 &&
           strcmp(r->answer.patient_serial, request->patient_serial) == 0;
}

/* An answer alone is no confirmation: a visit may follow only if it names a coverage in force. */
static void take_answer(reception *r) {
    const bool covered = eligibility_coverage_on(&r->answer, r->statement.service_date) != NULL,
               several = r->answer.validity == ELIGIBILITY_SEVERAL;
    service_platform_note(r->services, true);
    r->answer_known = true;
    r->answered_at = r->now;
    r->record.mode = STATEMENT_ONLINE;
    r->record.person = r->answer.person;
    snprintf(r->record.grade, sizeof r->record.grade, "%s", covered ? "confirmed" : several ? "undecided" : "refused");
    snprintf(r->record.state, sizeof r->record.state, "%s",
             covered   ? STATE_CONFIRMED
             : several ? STATE_SEVERAL
                       : STATE_NOT_COVERED);
}

/* Saves the coverage of the last answer before the new one replaces it. */
static void remember_before(reception *r) {
    const eligibility_coverage *before = eligibility_coverage_on(r->answer_known ? &r->answer : NULL,
                                                                 r->answer.service_date);
    if (before != NULL)
        r->before = *before;
}

reception_event reception_online_submit(reception *r) {
    eligibility_request request = {.evidence = r->record.evidence}; /* borrowed: never wiped here */
    buffer body = BUFFER_INIT(RECORD_MAX);
    remote_answer reply = {0};
    fhir_problem problem = {""};
    memcpy(request.evidence_id, r->statement.evidence_id, sizeof request.evidence_id);
    snprintf(request.patient_serial, sizeof request.patient_serial, "%s#%s", r->statement.patient_issuer,
             r->statement.patient_serial);
    memcpy(request.service_date, r->statement.service_date, sizeof request.service_date);
    memcpy(request.created, r->statement.terminal_time, sizeof request.created);
    snprintf(request.institution_code, sizeof request.institution_code, "%s", r->statement.institution_code);
    result code = eligibility_request_write(&request, &body);
    if (code == RESULT_OK)
        code = remote_post_inquiry(&r->platform, buffer_bytes(&body), &reply);
    if (code == RESULT_OK)
        code = buffer_append(&r->record.answer, buffer_bytes(&reply.body));
    if (code == RESULT_OK)
        code = buffer_append(&r->record.signature, buffer_bytes(&reply.signature));
    reception_event event = EVENT_DONE;
    remember_before(r);
    if (code != RESULT_OK || (reply.status != 200 && reply.status != 201))
        event = validate(r, code, reply.status, reply.message);
    else if (eligibility_response_read(buffer_bytes(&r->record.answer), &r->answer, &problem) != RESULT_OK ||
             !fits(r, &request))
        event = validate(r, RESULT_INVALID, 0,
                         problem.text[0] != 0 ? problem.text : _("the answer is about something else"));
    else
        take_answer(r);
    buffer_wipe(&body);
    remote_answer_wipe(&reply);
    return event;
}
