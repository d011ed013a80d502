/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "operator/operator_card.h"

#include "core/pin_entry.h"

#include "base/clock.h"
#include "crypt/digest.h"

#include <string.h>

#define OPERATOR_LABEL "Operator (user authentication)"
#define CERTIFICATE_MAX 8192
#define CHALLENGE_LENGTH 32
#define PIN_LENGTH 4

static outcome open_card(card_access *cards, command_context *ctx, token **card) {
    outcome done = cards_open(cards, ctx);
    if (done != OUTCOME_OK)
        return done;
    result code = token_open(cards->module, ctx->configuration.reader_operator, OPERATOR_LABEL, card);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    done = cards_check_readers(&ctx->report, ctx->configuration.reader_operator);
    if (done != OUTCOME_OK)
        return done;
    if (code == RESULT_REMOVED)
        return report_failure(&ctx->report, OUTCOME_CARD, "no-operator-card",
                              _("No operator card in the reader %s. Insert your card and log in."),
                              ctx->configuration.reader_operator);
    if (cards_reader_holds(cards->module, ctx->configuration.reader_operator, CARDS_PATIENT_TOKENS))
        return report_failure(
            &ctx->report, OUTCOME_CARD, "patient-card-in-operator-reader",
            _("The card in the reader %s is a patient's My Number card. Give it back, insert your operator card and"
              " log in."),
            ctx->configuration.reader_operator);
    return report_failure(&ctx->report, OUTCOME_CARD, "not-an-operator-card",
                          _("The card in the reader %s is not an operator card."), ctx->configuration.reader_operator);
}

static outcome read_certificate(card_access *cards, report *r, token *card, certificate **out) {
    buffer der = BUFFER_INIT(CERTIFICATE_MAX);
    result code = token_certificate(card, OPERATOR_CERTIFICATE, &der);
    if (code == RESULT_OK)
        code = certificate_new(buffer_bytes(&der), out);
    buffer_wipe(&der);
    if (code == RESULT_NOT_FOUND)
        return report_failure(r, OUTCOME_CARD, "operator-card-without-certificate",
                              _("This operator card holds no certificate. Ask the administrator."));
    return code == RESULT_OK ? OUTCOME_OK : cards_token_failure(cards, r, code, _("Operator card"), card);
}

outcome operator_card_read(card_access *cards, command_context *ctx, operator_card *out, token **card) {
    certificate *c = NULL;
    *out = (operator_card){0};
    *card = NULL;
    outcome done = open_card(cards, ctx, card);
    if (done == OUTCOME_OK)
        done = read_certificate(cards, &ctx->report, *card, &c);
    if (done == OUTCOME_OK)
        done = operator_certificate_check(ctx, c, out);
    certificate_free(&c);
    if (done != OUTCOME_OK)
        token_close(card);
    return done;
}

static outcome pin_failure(card_access *cards, report *r, token *card, result code) {
    token_tries tries = TOKEN_TRIES_FULL;
    if (code == RESULT_DENIED)
        token_pin_tries(card, &tries);
    if (code == RESULT_BLOCKED || tries == TOKEN_TRIES_NONE)
        return report_failure(r, OUTCOME_CARD, "pin-blocked",
                              _("The PIN of this card is blocked. Work with another operator card, and ask the"
                                " administrator: only the card's issuer can unblock it."));
    if (code == RESULT_INVALID)
        return report_failure(r, OUTCOME_CARD, "pin-form", _("The PIN has 4 digits. No try was lost."));
    if (code != RESULT_DENIED)
        return cards_token_failure(cards, r, code, _("Operator card"), card);
    /* The user-authentication PIN has three tries (facts of the card, 1.2): low without being the last means two. */
    int left = tries == TOKEN_TRIES_LAST ? 1 : tries == TOKEN_TRIES_LOW ? 2 : 3;
    report_value(r, "triesLeft", json_integer(left));
    return report_failure(r, OUTCOME_CARD, "pin-wrong",
                          language_plural("The PIN is wrong. %d try is left.", "The PIN is wrong. %d tries are left.",
                                          (unsigned long)left),
                          left);
}

/* The card is asked for its certificate once more, and a false one may answer with another than before. */
static bool is_of(const certificate *c, const operator_card *holder) {
    char there[CERTIFICATE_FINGERPRINT_SIZE];
    certificate_fingerprint_text(c, there);
    return strcmp(there, holder->fingerprint) == 0;
}

outcome operator_card_authenticate(card_access *cards, report *r, token *card, const operator_card *holder, bytes pin) {
    uint8_t challenge[CHALLENGE_LENGTH];
    buffer signature = BUFFER_INIT(1024);
    certificate *c = NULL;
    result code = pin_is_digits(pin, PIN_LENGTH) ? token_login(card, pin) : RESULT_INVALID;
    if (code != RESULT_OK)
        return pin_failure(cards, r, card, code);
    outcome done = read_certificate(cards, r, card, &c);
    if (done != OUTCOME_OK)
        return done;
    code = crypt_random(challenge, sizeof challenge);
    if (code == RESULT_OK)
        code = token_sign(card, OPERATOR_CERTIFICATE, BYTES(challenge), &signature);
    if (code == RESULT_OK &&
        (!is_of(c, holder) || certificate_verify(c, BYTES(challenge), buffer_bytes(&signature)) != RESULT_OK))
        done = report_failure(
            r, OUTCOME_REFUSED, "operator-card-false",
            _("The card's key does not fit its certificate. Keep the card and tell the administrator."));
    else if (code != RESULT_OK)
        done = cards_token_failure(cards, r, code, _("Operator card"), card);
    certificate_free(&c);
    buffer_wipe(&signature);
    return done;
}
