/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/operator_certificate.h"

#include "core/trust_anchors.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

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

/* One CA issues the cards of many hospitals: a genuine card may be another hospital's. Two administrators can accept
 * those of others, by role (core/affiliates.h). */
static outcome check_institution(command_context *ctx, const operator_card *card) {
    if (strcmp(card->institution, ctx->configuration.institution_code) == 0 ||
        affiliates_accept(&ctx->affiliates, card->institution, card->role))
        return OUTCOME_OK;
    if (card->institution[0] == 0)
        return report_failure(
            &ctx->report, OUTCOME_REFUSED, "operator-card-without-institution",
            _("This operator card does not name its institution, because it is an old one. Have the card's issuer "
              "make a new one."));
    return report_failure(&ctx->report, OUTCOME_REFUSED, "operator-card-other-institution",
                          _("This operator card is of another institution (%s) than this terminal (%s). Put in one of"
                            " this institution's."),
                          card->institution, ctx->configuration.institution_code);
}

/* The institution is left empty by an old card. */
result operator_certificate_read(const certificate *c, operator_card *out) {
    char word[FHIR_WORD_SIZE] = "";
    *out = (operator_card){0};
    certificate_subject_attribute(c, CERTIFICATE_TITLE, word, sizeof word);
    out->role = role_of(word);
    certificate_subject_attribute(c, CERTIFICATE_ORGANIZATIONAL_UNIT, out->department, sizeof out->department);
    certificate_subject_attribute(c, CERTIFICATE_ORGANIZATION_IDENTIFIER, out->institution, sizeof out->institution);
    result code = certificate_subject_attribute(c, CERTIFICATE_SERIAL_NUMBER, out->id, sizeof out->id);
    if (code == RESULT_OK)
        code = certificate_subject_attribute(c, CERTIFICATE_COMMON_NAME, out->name, sizeof out->name);
    certificate_fingerprint_text(c, out->fingerprint);
    return code != RESULT_OK ? code : out->role == ROLE_NONE ? RESULT_NOT_FOUND : RESULT_OK;
}

outcome operator_certificate_check(command_context *ctx, const certificate *c, operator_card *out) {
    const result code = operator_certificate_read(c, out);
    outcome done = check_trust(ctx, c);
    if (done == OUTCOME_OK)
        done = check_institution(ctx, out);
    if (done == OUTCOME_OK && code != RESULT_OK)
        done = report_failure(&ctx->report, OUTCOME_REFUSED, "operator-without-role",
                              _("This operator card names no role that the terminal knows. Ask the administrator."));
    return done;
}
