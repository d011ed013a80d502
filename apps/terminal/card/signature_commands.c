/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `signature make` and `signature verify`: signs documents with a person's card (CAdES-BES), and verifies such
 * signatures. */
#include "card/card_commands.h"
#include "card/card_signature.h"
#include "core/trust_anchors.h"
#include "operator/operator_session.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "crypt/cms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DOCUMENT_MAX (8 * 1024 * 1024)
#define SIGNATURE_MAX (DOCUMENT_MAX + 65536)
#define CLOCK_TOLERANCE_S 300 /* how far a signer's clock may be ahead of ours */

static outcome read_document(report *r, const char *path, buffer *out) {
    result code = file_read(path, out);
    if (code == RESULT_OK && out->length > 0)
        return OUTCOME_OK;
    return report_failure(r, OUTCOME_USAGE, "file", _("%s cannot be read (%s)."), path,
                          code == RESULT_OK ? _("it is empty") : report_cause(code));
}

/* --- making ------------------------------------------------------------------------------------------------------- */

/* A user who may not read the document must not read its copy inside the signature, or who signed it. */
static mode_t mode_like(const char *document) {
    struct stat seen;
    return stat(document, &seen) == 0 ? (seen.st_mode & 0666) | 0600 : 0600;
}

static outcome write_signature(command_context *ctx, const char *document, bytes der) {
    char *path = NULL;
    if (ctx->options.output != NULL)
        path = strdup(ctx->options.output);
    else if (asprintf(&path, "%s.p7s", document) < 0)
        path = NULL;
    result code = path != NULL ? file_replace(path, der, mode_like(document)) : RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        report_text(&ctx->report, "file", _("Signature"), path);
    else
        report_failure(&ctx->report, OUTCOME_USAGE, "file", _("%s cannot be made (%s)."),
                       path != NULL ? path : document, report_file_cause(code));
    free(path);
    return code == RESULT_OK ? OUTCOME_OK : OUTCOME_USAGE;
}

/* Who may sign, and what. */
static outcome begin(terminal *t, buffer *document) {
    operator_card actor;
    const options *o = &t->context.options;
    const outcome done = session_require(t->session, ROLE_RECEPTION | ROLE_DOCTOR | ROLE_ADMINISTRATOR, &actor);
    if (done != OUTCOME_OK)
        return done;
    if (o->argument_count != 1)
        return report_failure(&t->context.report, OUTCOME_USAGE, "usage", _("Name one file to sign."));
    return read_document(&t->context.report, o->arguments[0], document);
}

outcome signature_before_pin(terminal *t) {
    CLEANED_BY(buffer_wipe) buffer document = BUFFER_INIT(DOCUMENT_MAX);
    return begin(t, &document);
}

outcome signature_make_command(terminal *t) {
    CLEANED_BY(buffer_wipe) buffer document = BUFFER_INIT(DOCUMENT_MAX);
    CLEANED_BY(buffer_wipe) buffer der = BUFFER_INIT(SIGNATURE_MAX);
    const options *o = &t->context.options;
    const card_signature_order order = {
        .reader = o->patient_card ? t->context.configuration.reader_patient : t->context.configuration.reader_operator,
        .label = o->patient_card ? CARD_SIGNATURE_PATIENT : CARD_SIGNATURE_OPERATOR,
        .name = o->patient_card ? _("Patient card") : _("Operator card"),
        .detached = !o->attached,
    };
    outcome done;
    if ((done = begin(t, &document)) != OUTCOME_OK ||
        (done = card_signature_make(&t->cards, &t->context, &order, buffer_bytes(&document), &der)) != OUTCOME_OK)
        return done;
    return write_signature(&t->context, o->arguments[0], buffer_bytes(&der));
}

/* --- verifying ---------------------------------------------------------------------------------------------------- */

static const struct {
    trust_verdict verdict;
    const char *reason, *message;
} verdicts[] = {
    {TRUST_UNKNOWN_ISSUER, "signer-unknown",
     N_("The signer's certificate comes from no authority that is trusted here.")},
    {TRUST_NOT_YET_VALID, "signer-not-yet-valid", N_("The signer's certificate was not valid yet when it was signed.")},
    {TRUST_EXPIRED, "signer-expired", N_("The signer's certificate had expired when it was signed.")},
    {TRUST_REVOKED, "signer-revoked", N_("The signer's certificate has been revoked.")},
    {TRUST_WRONG_PURPOSE, "signer-wrong-purpose", N_("The signer's certificate is not for signing documents.")},
    {TRUST_ISSUER_NOT_YET_VALID, "signer-authority",
     N_("The CA of the signer's certificate was not valid yet when it was signed.")},
    {TRUST_ISSUER_EXPIRED, "signer-authority",
     N_("The CA of the signer's certificate had expired when it was signed.")},
    {TRUST_LIST_MISSING, "signer-revocation-list",
     N_("There is no revocation list of the CA of the signer's certificate. Get it from the CA.")},
    {TRUST_LIST_STALE, "signer-revocation-list",
     N_("The revocation list of the CA of the signer's certificate ended before it was signed. Get the present one.")},
    {TRUST_LIST_NOT_YET_VALID, "signer-revocation-list",
     N_("The revocation list of the CA of the signer's certificate is from the future. Check the clock.")},
    {TRUST_LIST_OF_ANOTHER, "signer-revocation-list",
     N_("The revocation list was not issued by the CA of the signer's certificate. Get both from one place.")},
    {TRUST_LIST_NOT_UNDERSTOOD, "signer-revocation-list",
     N_("The revocation list of the CA of the signer's certificate cannot be used. Get a whole one from the CA.")},
};

static outcome validate_signer(report *r, trust_verdict verdict) {
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
        if (verdicts[i].verdict == verdict)
            return report_failure(r, OUTCOME_REFUSED, verdicts[i].reason, "%s", language_text(verdicts[i].message));
    return verdict == TRUST_OK ? OUTCOME_OK
                               : report_failure(r, OUTCOME_INTERNAL, "signer", "%s", trust_verdict_text(verdict));
}

/* The certificate's authority is one of those who certify people: patients or operators. The CA of patients' login
 * certificates is included only to distinguish a signature with such a key from an unknown one: its certificates are
 * never for documents. A revocation counts whatever the signing time: the signer states that time, and a thief would
 * state one before the loss. */
static outcome check_signer(command_context *ctx, const certificate *signer, int64_t at) {
    static const char *const anchors[] = {"jpki-sign-ca", "operator-ca", "jpki-auth-ca"};
    trust_verdict verdict = TRUST_UNKNOWN_ISSUER;
    for (size_t i = 0; i < sizeof anchors / sizeof *anchors && verdict == TRUST_UNKNOWN_ISSUER; i++) {
        trust *authorities = NULL;
        outcome done = anchors_trust(ctx, anchors[i], &authorities);
        if (done != OUTCOME_OK)
            return done;
        verdict = trust_check(authorities, signer, TRUST_COMMITMENT, at);
        if (verdict == TRUST_OK && trust_check(authorities, signer, TRUST_ANY_PURPOSE, clock_wall_s()) == TRUST_REVOKED)
            verdict = TRUST_REVOKED;
        trust_free(&authorities);
    }
    return validate_signer(&ctx->report, verdict);
}

static outcome check_one(command_context *ctx, const cms_message *message, size_t index) {
    char text[CLOCK_TEXT_SIZE];
    report *r = &ctx->report;
    const int64_t at = message->signing_time[index];
    if (at < 0)
        return report_failure(r, OUTCOME_REFUSED, "signature-without-time",
                              _("The signature does not say when it was made."));
    clock_text(at, text);
    report_text(r, "signer", _("Signer"), certificate_subject(message->signers[index]));
    report_time(r, "signedAt", _("Signed at (by the signer's own clock)"), text);
    if (at > clock_wall_s() + CLOCK_TOLERANCE_S)
        return report_failure(r, OUTCOME_REFUSED, "signature-in-the-future",
                              _("The signature claims a time that is still to come. Check the clocks."));
    return check_signer(ctx, message->signers[index], at);
}

static const struct {
    cms_problem problem;
    const char *reason, *message;
} problems[] = {
    {CMS_CONTENT_MISSING, "signature-content-missing",
     N_("The document that was signed is not inside the signature. Name it with --content.")},
    {CMS_CONTENT_INSIDE, "signature-content-inside",
     N_("The document that was signed is inside the signature. Leave --content away.")},
    {CMS_CERTIFICATE_MISSING, "signature-no-certificate",
     N_("The signature has no certificate of the signer, so the signer is unknown. Ask the signer for a complete "
        "signature.")},
    {CMS_ALGORITHM, "signature-algorithm",
     N_("The signature was made in another way than RSA with SHA-256, which alone is accepted here.")},
    {CMS_NO_ATTRIBUTES, "signature-without-time", N_("The signature does not say when it was made.")},
    {CMS_NOT_DER, "signature-ber",
     N_("The signature is in BER, and DER alone is accepted here. Convert it: openssl cms -cmsout -inform DER -outform "
        "DER -in "
        "FILE -out CONVERTED")},
    {CMS_KIND, "signature-kind",
     N_("The signature is CMS of another kind: accepted are plain data and signers named by issuer and serial "
        "number, without revocation lists and unsigned attributes.")},
    {CMS_KEY, "signature-key",
     N_("The signer's key has a size or kind that is not accepted. Nothing was checked with it.")},
};

static outcome unverified(report *r, result code, cms_problem problem) {
    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++)
        if (problems[i].problem == problem)
            return report_failure(r, OUTCOME_REFUSED, problems[i].reason, "%s", language_text(problems[i].message));
    if (code == RESULT_BAD_SIGNATURE)
        return report_failure(r, OUTCOME_REFUSED, "signature-altered",
                              _("The signature does not fit: the document or the signature was altered."));
    return report_failure(r, OUTCOME_REFUSED, "signature-malformed",
                          _("This is no signature of this kind (CMS, CAdES)."));
}

static outcome verify(command_context *ctx, bytes der, bytes content) {
    cms_message message;
    const result code = cms_verify_foreign_forms(der, content, &message);
    outcome done = code == RESULT_OK ? OUTCOME_OK : unverified(&ctx->report, code, message.problem);
    for (size_t i = 0; i < message.count && done == OUTCOME_OK; i++)
        done = check_one(ctx, &message, i);
    cms_message_free(&message);
    return done;
}

outcome signature_verify_command(terminal *t) {
    CLEANED_BY(buffer_wipe) buffer der = BUFFER_INIT(SIGNATURE_MAX);
    CLEANED_BY(buffer_wipe) buffer content = BUFFER_INIT(DOCUMENT_MAX);
    const options *o = &t->context.options;
    if (o->argument_count != 1)
        return report_failure(&t->context.report, OUTCOME_USAGE, "usage", _("Name one file with a signature."));
    if (o->anchors == NULL && t->context.configuration.anchors[0] == 0)
        return report_failure(&t->context.report, OUTCOME_USAGE, "usage",
                              _("Name the folder of trust anchors with --anchors."));
    outcome done = read_document(&t->context.report, o->arguments[0], &der);
    if (done == OUTCOME_OK && o->content != NULL)
        done = read_document(&t->context.report, o->content, &content);
    if (done == OUTCOME_OK)
        done = verify(&t->context, buffer_bytes(&der), buffer_bytes(&content));
    if (done != OUTCOME_OK)
        return done;
    report_line(&t->context.report,
                _("The signature is good: document, signer, purpose, time and revocation were checked."));
    return OUTCOME_OK;
}
