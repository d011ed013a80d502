/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The patient's card, and what is known of the patient. */
#include "reception/reception.h"
#include "core/trust_anchors.h"
#include "delivery/beacon.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <sys/timex.h>

#define PATIENT_LABEL "JPKI (institution)"
#define PATIENT_CERTIFICATE "Institution Authenticated"
#define CERTIFICATE_MAX 8192
#define DAY_S 86400

outcome reception_find_card(reception *r) {
    const result code = token_open(r->cards->module, r->context->configuration.reader_patient, PATIENT_LABEL,
                                   &r->patient);
    return code == RESULT_OK ? OUTCOME_OK : cards_no_patient_card(r->cards, r->context, code);
}

static outcome patient_refused(report *r, trust_verdict verdict) {
    switch (verdict) {
    case TRUST_EXPIRED:
        return report_failure(
            r, OUTCOME_REFUSED, "patient-certificate-expired",
            _("The card's certificate has expired. The patient renews it at the municipal office; today ask for"
              " the insurance information sheet (資格情報のお知らせ) or a 資格確認書."));
    case TRUST_NOT_YET_VALID:
        return report_failure(
            r, OUTCOME_REFUSED, "patient-certificate-not-yet-valid",
            _("The card's certificate is not valid yet. Check the terminal's clock; if it is right, ask"
              " for another proof of insurance (資格確認書)."));
    case TRUST_REVOKED:
        return report_failure(
            r, OUTCOME_REFUSED, "patient-certificate-revoked",
            _("The card's certificate has been revoked: the card was reported lost or replaced. Ask for another"
              " proof of insurance (資格確認書)."));
    case TRUST_UNKNOWN_ISSUER:
        return report_failure(
            r, OUTCOME_REFUSED, "patient-certificate-foreign",
            _("The card's certificate was not issued by the JPKI authority: this card is not genuine. Ask for "
              "another proof of insurance (資格確認書) and tell your supervisor."));
    default:
        return report_failure(r, OUTCOME_REFUSED, "patient-certificate",
                              _("The card's certificate is not accepted (%s). Ask for another proof of insurance"
                                " (資格確認書)."),
                              trust_verdict_text(verdict));
    }
}

/* A My Number card shows its certificate to everybody; a phone shows it after its holder's PIN, or to an institution. */
static outcome without_certificate(report *r) {
    return report_failure(r, OUTCOME_REFUSED, "patient-phone",
                          _("This is a smartphone, or a card that shows no certificate without its holder's PIN; this"
                            " terminal cannot receive it. Ask for the My Number card itself, or for another proof of"
                            " insurance (資格確認書)."));
}

/* An expired certificate is accepted for the coverage for some days more, if the configuration says so. */
static trust_verdict check_patient(reception *r, const trust *authorities) {
    int64_t begin, end;
    const int64_t grace_s = r->context->configuration.expired_card_days * DAY_S;
    const trust_verdict verdict = trust_check_lately(authorities, r->certificate, TRUST_CLIENT_AUTHENTICATION, r->now,
                                                     grace_s);
    certificate_validity(r->certificate, &begin, &end);
    r->expired = verdict == TRUST_OK && r->now > end ? end : 0;
    return verdict;
}

outcome reception_read_card(reception *r) {
    buffer der = BUFFER_INIT(CERTIFICATE_MAX);
    trust *authorities = NULL;
    result code = token_certificate(r->patient, PATIENT_CERTIFICATE, &der);
    if (code == RESULT_OK)
        code = certificate_new(buffer_bytes(&der), &r->certificate);
    buffer_wipe(&der);
    if (code == RESULT_NOT_FOUND)
        return without_certificate(&r->context->report);
    if (code != RESULT_OK)
        return cards_token_failure(r->cards, &r->context->report, code, _("Patient card"), r->patient);
    outcome done = anchors_trust(r->context, "jpki-auth-ca", &authorities);
    if (done != OUTCOME_OK)
        return done;
    const trust_verdict verdict = check_patient(r, authorities);
    trust_free(&authorities);
    if ((done = anchors_fault(r->context, "jpki-auth-ca", verdict)) != OUTCOME_OK)
        return done;
    return verdict == TRUST_OK ? OUTCOME_OK : patient_refused(&r->context->report, verdict);
}

/* The newest platform answer about this patient, from the local store. */
void reception_recall(reception *r) {
    static terminal_record rows[512]; /* more than one patient's receptions between two contacts with the platform */
    size_t count = 0;
    const terminal_filter about = {.kind = RECORD_RECEPTION, .subject = r->subject, .newest_first = true};
    if (terminal_store_list(r->store->file, &about, rows, sizeof rows / sizeof *rows, &count) != RESULT_OK)
        return;
    for (size_t i = 0; i < count && !r->answer_known; i++) {
        reception_record old;
        if (strcmp(rows[i].state, STATE_PENDING) == 0)
            continue; /* a reception that waits for an answer has none to recall */
        result code = record_get_reception(r->store, rows[i].id, &old);
        if (code == RESULT_OK && old.answer.length > 0 &&
            eligibility_response_read(buffer_bytes(&old.answer), &r->answer, NULL) == RESULT_OK &&
            clock_parse(r->answer.as_of, &r->answered_at) == RESULT_OK)
            r->answer_known = true;
        reception_record_wipe(&old);
    }
}

static bool clock_is_synchronised(void) {
    struct timex state = {0};
    return adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0;
}

/* The part of the statement that both ways share. */
result reception_begin_statement(reception *r) {
    statement *s = &r->statement;
    const configuration *c = &r->context->configuration;
    *s = (statement){0};
    int64_t contact = record_last_contact(r->store);
    snprintf(s->institution_code, sizeof s->institution_code, "%.10s", c->institution_code);
    snprintf(s->terminal_id, sizeof s->terminal_id, "%.64s", c->terminal_id);
    snprintf(s->operator_id, sizeof s->operator_id, "%s", r->actor.id);
    clock_date_in_japan(r->now, s->service_date);
    clock_text(r->now, s->terminal_time);
    s->clock_synchronised = clock_is_synchronised();
    clock_beacon_state(r->store, &s->clock);
    if (contact != 0)
        clock_text(contact, s->last_platform_contact);
    snprintf(s->patient_issuer, sizeof s->patient_issuer, "%s", certificate_issuer(r->certificate));
    snprintf(s->patient_serial, sizeof s->patient_serial, "%s", certificate_serial(r->certificate));
    s->identified = r->identified;
    return uuid_v7(s->evidence_id);
}
