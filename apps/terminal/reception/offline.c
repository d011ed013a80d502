/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The offline way: the institution key in the SE authenticates to the card, both keys sign the evidence. */
#include "core/chain_head.h"
#include "core/grade.h"
#include "core/local_store_file.h"
#include "delivery/ledger.h"
#include "reception/reception.h"
#include "se/se_supervision.h"

#include "evidence/evidence.h"

#include <stdio.h>
#include <string.h>

#define SE_INSTITUTION "institution"
#define SE_CHAIN "institution CVC chain"
#define CHAIN_MAX (4 * CVC_LENGTH)

static outcome check_limits(reception *r) {
    const int64_t waiting = ledger_count(r->store, RECORD_RECEPTION, STATE_PENDING);
    const long hours = r->context->limits.value[LIMIT_OFFLINE_HOURS],
               count = r->context->limits.value[LIMIT_OFFLINE_COUNT];
    report *rep = &r->context->report;
    switch (grade_check_limits(record_last_contact(r->store), r->now, hours, waiting, count)) {
    case GRADE_WITHIN_LIMITS: return OUTCOME_OK;
    case GRADE_NEVER_ONLINE:
        return report_failure(rep, OUTCOME_REFUSED, "never-online",
                              _("This terminal has never reached the platform, so it may not work offline yet."
                                " Ask the patient for the insurance information sheet (資格情報のお知らせ)."));
    case GRADE_OFFLINE_TOO_LONG:
        report_value(rep, "limit", json_integer(hours));
        return report_failure(rep, OUTCOME_REFUSED, "maximum-offline-period",
                              _("Maximum offline period exceeded: no contact with the platform for more than %ld hours."
                                " Ask the patient for the insurance information sheet (資格情報のお知らせ) or a written"
                                " statement (被保険者資格申立書)."),
                              hours);
    case GRADE_TOO_MANY:
        report_value(rep, "limit", json_integer(count));
        return report_failure(
            rep, OUTCOME_REFUSED, "maximum-offline-count",
            _("%ld receptions already wait for the platform; no more are allowed offline. Ask the patient for"
              " the insurance information sheet (資格情報のお知らせ)."),
            count);
    case GRADE_CLOCK_BACK: break;
    }
    return report_failure(
        rep, OUTCOME_REFUSED, "clock",
        _("The terminal's clock is earlier than the last contact with the platform. Have it set right."));
}

/* The SE signs the institution message over the card's challenge. */
static outcome authenticate(reception *r) {
    buffer chain = BUFFER_INIT(CHAIN_MAX), signature = BUFFER_INIT(512);
    uint8_t message[INSTITUTION_MESSAGE_LENGTH];
    result code = token_data(r->cards->se, SE_CHAIN, &chain);
    outcome done = code == RESULT_OK
                       ? reception_challenge(r, buffer_bytes(&chain))
                       : cards_token_failure(r->cards, &r->context->report, code, _("Secure Element"), r->cards->se);
    if (done == OUTCOME_OK) {
        institution_message((const uint8_t *)r->statement.card_id, r->statement.holder_reference,
                            r->statement.challenge, message);
        code = token_sign(r->cards->se, SE_INSTITUTION, BYTES(message), &signature);
        done = code == RESULT_OK
                   ? reception_open_card(r, buffer_bytes(&signature))
                   : cards_token_failure(r->cards, &r->context->report, code, _("Secure Element"), r->cards->se);
    }
    buffer_wipe(&chain);
    buffer_wipe(&signature);
    return done;
}

static void copy_serial(const token *se, char text[STATEMENT_TEXT_MAX]) {
    snprintf(text, STATEMENT_TEXT_MAX, "%s", token_serial(se));
    for (size_t i = strlen(text); i > 0 && text[i - 1] == ' '; i--)
        text[i - 1] = 0;
}

static result fill_statement(reception *r) {
    statement *s = &r->statement;
    const grade_knowledge known = {r->answer_known ? &r->answer : NULL, r->answered_at};
    s->mode = STATEMENT_OFFLINE;
    s->grade = grade_offline(&known, s->service_date, r->now);
    copy_serial(r->cards->se, s->se_serial);
    return se_signature_counter(r->cards->se, &s->se_counter);
}

typedef struct se_key {
    token *se;
    bool asked;
} se_key;

static result sign_with_se(void *context, bytes message, buffer *signature) {
    se_key *key = context;
    key->asked = true;
    return token_sign(key->se, SE_INSTITUTION, message, signature);
}

static outcome make_evidence(reception *r) {
    buffer der = BUFFER_INIT(8192);
    certificate *institution = NULL;
    se_key key = {r->cards->se, false};
    result code = token_certificate(r->cards->se, SE_INSTITUTION, &der);
    const bool from_se = code != RESULT_OK;
    if (code == RESULT_OK)
        code = certificate_new(buffer_bytes(&der), &institution);
    if (code == RESULT_OK) {
        const cms_signer patient = reception_patient_signer(r), se = {institution, sign_with_se, &key};
        code = evidence_create(&r->statement, &patient, &se, &r->record.evidence);
    }
    certificate_free(&institution);
    buffer_wipe(&der);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return from_se || key.asked
               ? cards_token_failure(r->cards, &r->context->report, code, _("Secure Element"), r->cards->se)
               : cards_token_failure(r->cards, &r->context->report, code, _("Patient card"), r->patient);
}

reception_event reception_offline_limits(reception *r) {
    return reception_event_of(check_limits(r));
}

reception_event reception_offline_exchange(reception *r) {
    return reception_event_of(authenticate(r));
}

reception_event reception_offline_predecessor(reception *r) {
    const result code = chain_head_read(r->store, &r->context->report, r->statement.previous_evidence);
    if (code == RESULT_OK)
        return EVENT_DONE;
    return reception_event_of(report_failure(&r->context->report, OUTCOME_INTERNAL, "store",
                                             _("The reception could not be recorded (%s). Begin again."),
                                             store_problem(code)));
}

/* Fills in the record's other members. */
static void fill_record(reception *r) {
    const eligibility_coverage *assumed = eligibility_coverage_on(r->answer_known ? &r->answer : NULL,
                                                                  r->statement.service_date);
    if (assumed != NULL) {
        snprintf(r->record.assumed_insurer, sizeof r->record.assumed_insurer, "%s", assumed->insurer_name);
        snprintf(r->record.assumed_number, sizeof r->record.assumed_number, "%s", assumed->number);
    }
    if (r->answer_known)
        r->record.person = r->answer.person;
    snprintf(r->record.grade, sizeof r->record.grade, "%s", statement_grade_text(r->statement.grade));
    snprintf(r->record.state, sizeof r->record.state, "%s", STATE_PENDING);
    r->record.mode = STATEMENT_OFFLINE;
}

reception_event reception_offline_evidence(reception *r) {
    const result code = fill_statement(r);
    if (code != RESULT_OK)
        return reception_event_of(
            cards_token_failure(r->cards, &r->context->report, code, _("Secure Element"), r->cards->se));
    const outcome done = make_evidence(r);
    if (done != OUTCOME_OK)
        return reception_event_of(done);
    fill_record(r);
    return EVENT_DONE;
}
