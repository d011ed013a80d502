/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How the holder of the card was identified. It goes into the evidence, so it states what was done at this reception
 * and not what the configuration assumes: staff state that they compared the face, a PIN was accepted by the card just
 * now. */
#include "core/pin_entry.h"
#include "reception/reception.h"

#include "base/cleanup.h"

#include <string.h>

#define HOLDER_LABEL "JPKI (user authentication)"
#define PIN_LENGTH 4

bool reception_asks_for_pin(const options *o) {
    return o->identified != NULL && strcmp(o->identified, statement_identified_text(STATEMENT_BY_PIN)) == 0;
}

static outcome pin_failure(reception *r, token *card, result code) {
    report *rep = &r->context->report;
    token_tries tries = TOKEN_TRIES_FULL;
    if (code == RESULT_DENIED)
        token_pin_tries(card, &tries);
    if (code == RESULT_BLOCKED || tries == TOKEN_TRIES_NONE)
        return report_failure(
            rep, OUTCOME_CARD, "pin-blocked",
            _("The patient's PIN is blocked on the card; the municipal office unblocks it. Compare the"
              " face with the card's photograph instead."));
    if (code == RESULT_INVALID)
        return report_failure(rep, OUTCOME_CARD, "pin-form", _("The PIN has 4 digits. No try was lost."));
    if (code != RESULT_DENIED)
        return cards_token_failure(r->cards, rep, code, _("Patient card"), card);
    const int left = tries == TOKEN_TRIES_LAST ? 1 : tries == TOKEN_TRIES_LOW ? 2 : 3; /* of three */
    report_value(rep, "triesLeft", json_integer(left));
    return report_failure(rep, OUTCOME_CARD, "pin-wrong",
                          language_plural("The PIN is wrong. %d try is left.", "The PIN is wrong. %d tries are left.",
                                          (unsigned long)left),
                          left);
}

/* The right that the PIN opens is closed before the next command to the card. */
static outcome check_pin(reception *r) {
    CLEANED_BY(buffer_wipe) buffer pin = BUFFER_SECRET(PIN_TYPED_MAX);
    CLEANED_BY(token_close) token *card = NULL;
    const options *o = &r->context->options;
    outcome done = pin_read(o->pin, o->pin_fd, _(PROMPT_PATIENT_PIN), &pin, &r->context->report);
    if (done != OUTCOME_OK)
        return done;
    result code = token_open(r->cards->module, r->context->configuration.reader_patient, HOLDER_LABEL, &card);
    if (code != RESULT_OK)
        return cards_no_patient_card(r->cards, r->context, code);
    code = pin_is_digits(buffer_bytes(&pin), PIN_LENGTH) ? token_login(card, buffer_bytes(&pin)) : RESULT_INVALID;
    if (code != RESULT_OK)
        return pin_failure(r, card, code);
    token_logout(card);
    return OUTCOME_OK;
}

outcome reception_identify(reception *r) {
    const char *how = r->context->options.identified;
    report *rep = &r->context->report;
    if (how == NULL && r->context->configuration.identification_required)
        return report_failure(rep, OUTCOME_USAGE, "not-identified",
                              _("Say how the holder was identified: compare the face with the card's photograph (face),"
                                " let the patient type the PIN (pin), or say that nobody did (nobody)."));
    r->identified = STATEMENT_NOT_ASKED;
    if (how != NULL && (!statement_identified_of(how, &r->identified) || r->identified == STATEMENT_NOT_ASKED))
        return report_failure(rep, OUTCOME_USAGE, "usage", _("--identified takes face, pin or nobody."));
    return r->identified == STATEMENT_BY_PIN ? check_pin(r) : OUTCOME_OK;
}
