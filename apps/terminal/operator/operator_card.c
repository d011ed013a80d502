/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "operator/operator_card.h"

#include "core/trust_anchors.h"
#include "core/pin_entry.h"

#include "base/clock.h"
#include "base/hex.h"
#include "crypt/digest.h"

#include <string.h>

#define OPERATOR_LABEL "Operator (user authentication)"
#define CERTIFICATE_MAX 8192
#define CHALLENGE_LENGTH 32
#define PIN_LENGTH 4

static const struct {
    role role;
    const char *word, *name;
} roles[] = {
    {ROLE_RECEPTION, "reception", "reception"},
    {ROLE_DOCTOR, "doctor", "doctor"},
    {ROLE_ADMINISTRATOR, "administrator", "administrator"},
};
#define ROLE_COUNT (sizeof roles / sizeof *roles)

const char *role_word(role r) {
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if (roles[i].role == r)
            return roles[i].word;
    return "none";
}

const char *role_name(role r) {
    switch (r) {
    case ROLE_RECEPTION: return _("reception");
    case ROLE_DOCTOR: return _("doctor");
    case ROLE_ADMINISTRATOR: return _("administrator");
    case ROLE_NONE: break;
    }
    return _("nobody");
}

outcome role_refuse(report *r, role own, unsigned allowed) {
    char names[ROLE_COUNT * FHIR_WORD_SIZE] = "";
    size_t used = 0;
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if ((roles[i].role & allowed) != 0 && used < sizeof names)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? ", " : "",
                                     role_name(roles[i].role));
    report_value(r, "roleNeeded", json_string(names));
    return report_failure(
        r, OUTCOME_REFUSED, "role",
        _("This is not for the role %s, but for: %s. Somebody with that role logs in first: uketsuke login"),
        role_name(own), names);
}

static role role_of(const char *word) {
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if (strcmp(roles[i].word, word) == 0)
            return roles[i].role;
    return ROLE_NONE;
}

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
    if (cards_reader_holds(cards, ctx->configuration.reader_operator, CARDS_PATIENT_TOKENS))
        return report_failure(
            &ctx->report, OUTCOME_CARD, "patient-card-in-operator-reader",
            _("The card in the reader %s is a patient's My Number card. Give it back, insert your operator card and"
              " log in."),
            ctx->configuration.reader_operator);
    return report_failure(&ctx->report, OUTCOME_CARD, "not-an-operator-card",
                          _("The card in the reader %s is not an operator card."), ctx->configuration.reader_operator);
}

static outcome check_trust(command_context *ctx, const certificate *c) {
    trust *operators;
    outcome done = anchors_trust(ctx, "operator-ca", &operators);
    if (done != OUTCOME_OK)
        return done;
    trust_verdict verdict = trust_check(operators, c, TRUST_CLIENT_AUTHENTICATION, clock_wall_s());
    trust_free(&operators);
    report *r = &ctx->report;
    if ((done = anchors_fault(ctx, "operator-ca", verdict)) != OUTCOME_OK)
        return done;
    switch (verdict) {
    case TRUST_OK: return OUTCOME_OK;
    case TRUST_EXPIRED:
        return report_failure(r, OUTCOME_REFUSED, "operator-certificate-expired",
                              _("This operator card has expired. Ask the administrator for a new one."));
    case TRUST_NOT_YET_VALID:
        return report_failure(
            r, OUTCOME_REFUSED, "operator-certificate-not-yet-valid",
            _("This operator card is not valid yet. Check the terminal's clock, then ask the administrator."));
    case TRUST_REVOKED:
        return report_failure(r, OUTCOME_REFUSED, "operator-certificate-revoked",
                              _("This operator card has been revoked. Ask the administrator."));
    case TRUST_UNKNOWN_ISSUER:
        return report_failure(r, OUTCOME_REFUSED, "operator-certificate-foreign",
                              _("This operator card was not issued for this hospital. Put in one of this hospital's."));
    default: break;
    }
    return report_failure(r, OUTCOME_REFUSED, "operator-certificate",
                          _("The operator card's certificate is not accepted (%s)."), trust_verdict_text(verdict));
}

/* One CA issues the cards of many hospitals: being genuine is not being ours. */
static outcome check_institution(command_context *ctx, const certificate *c) {
    char code[FHIR_WORD_SIZE] = "";
    const result found = certificate_subject_attribute(c, CERTIFICATE_ORGANIZATION_IDENTIFIER, code, sizeof code);
    if (found == RESULT_OK && strcmp(code, ctx->configuration.institution_code) == 0)
        return OUTCOME_OK;
    if (found == RESULT_NOT_FOUND)
        return report_failure(
            &ctx->report, OUTCOME_REFUSED, "operator-card-without-institution",
            _("This operator card does not name its institution, because it is an old one. Have the card's issuer "
              "make a new one."));
    return report_failure(&ctx->report, OUTCOME_REFUSED, "operator-card-other-institution",
                          _("This operator card is of another institution (%s) than this terminal (%s). Put in one of"
                            " this institution's."),
                          code, ctx->configuration.institution_code);
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

static outcome read_subject(report *r, const certificate *c, operator_card *out) {
    char word[FHIR_WORD_SIZE] = "";
    uint8_t digest[CRYPT_SHA256_LENGTH];
    certificate_subject_attribute(c, CERTIFICATE_TITLE, word, sizeof word);
    out->role = role_of(word);
    certificate_subject_attribute(c, CERTIFICATE_ORGANIZATIONAL_UNIT, out->department, sizeof out->department);
    result code = certificate_subject_attribute(c, CERTIFICATE_SERIAL_NUMBER, out->id, sizeof out->id);
    if (code == RESULT_OK)
        code = certificate_subject_attribute(c, CERTIFICATE_COMMON_NAME, out->name, sizeof out->name);
    if (code == RESULT_OK)
        code = crypt_sha256(certificate_der(c), digest);
    hex_encode(BYTES(digest), out->fingerprint, sizeof out->fingerprint);
    if (code != RESULT_OK || out->role == ROLE_NONE)
        return report_failure(r, OUTCOME_REFUSED, "operator-without-role",
                              _("This operator card names no role that the terminal knows. Ask the administrator."));
    return OUTCOME_OK;
}

outcome operator_card_check(command_context *ctx, const certificate *c, operator_card *out) {
    *out = (operator_card){0};
    outcome done = check_trust(ctx, c);
    if (done == OUTCOME_OK)
        done = check_institution(ctx, c);
    return done == OUTCOME_OK ? read_subject(&ctx->report, c, out) : done;
}

outcome operator_card_read(card_access *cards, command_context *ctx, operator_card *out, token **card) {
    certificate *c = NULL;
    *out = (operator_card){0};
    *card = NULL;
    outcome done = open_card(cards, ctx, card);
    if (done == OUTCOME_OK)
        done = read_certificate(cards, &ctx->report, *card, &c);
    if (done == OUTCOME_OK)
        done = operator_card_check(ctx, c, out);
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

outcome operator_card_authenticate(card_access *cards, report *r, token *card, bytes pin) {
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
    if (code == RESULT_OK && certificate_verify(c, BYTES(challenge), buffer_bytes(&signature)) != RESULT_OK)
        done = report_failure(
            r, OUTCOME_REFUSED, "operator-card-false",
            _("The card's key does not fit its certificate. Keep the card and tell the administrator."));
    else if (code != RESULT_OK)
        done = cards_token_failure(cards, r, code, _("Operator card"), card);
    certificate_free(&c);
    buffer_wipe(&signature);
    return done;
}
