/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "administration/dual_control.h"

#include "core/local_store_file.h"
#include "core/pin_entry.h"
#include "delivery/sealed_record.h"
#include "operator/operator_session.h"
#include "se/local_store.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

#include <stdio.h>
#include <string.h>

#define CERTIFICATE_MAX 4096
#define SIGNATURE_MAX 512
#define DAY_S 86400

/* --- the signer --------------------------------------------------------------------------------------------------- */

static outcome refuse_affiliate(command_context *ctx, const operator_card *actor) {
    return report_failure(&ctx->report, OUTCOME_REFUSED, "operator-card-other-institution",
                          _("Decisions are made by this institution's own administrators. This card is of the "
                            "institution %s."),
                          actor->institution);
}

outcome dual_control_authenticate(terminal *t, administrator *who) {
    CLEANED_BY(buffer_wipe) buffer pin = BUFFER_SECRET(PIN_TYPED_MAX);
    command_context *ctx = &t->context;
    *who = (administrator){0};
    outcome done = pin_read(ctx->options.pin, ctx->options.pin_fd, _(PROMPT_PIN), &pin, &ctx->report);
    if (done == OUTCOME_OK)
        done = operator_card_read(&t->cards, ctx, &who->actor, &who->card);
    if (done == OUTCOME_OK && who->actor.role != ROLE_ADMINISTRATOR)
        done = role_refuse(&ctx->report, who->actor.role, ROLE_ADMINISTRATOR);
    if (done == OUTCOME_OK && strcmp(who->actor.institution, ctx->configuration.institution_code) != 0)
        done = refuse_affiliate(ctx, &who->actor);
    if (done == OUTCOME_OK)
        done = operator_card_authenticate(&t->cards, &ctx->report, who->card, &who->actor, buffer_bytes(&pin));
    snprintf(t->store.operator_id, sizeof t->store.operator_id, "%.64s", done == OUTCOME_OK ? who->actor.id : "");
    if (done != OUTCOME_OK)
        administrator_close(who);
    return done;
}

void administrator_close(administrator *who) {
    token_close(&who->card);
}

outcome dual_control_run(terminal *t, outcome (*act)(terminal *t, const administrator *who)) {
    CLEANED_BY(administrator_close) administrator who = {0};
    outcome done;
    if ((done = local_store_open(&t->cards, &t->store, &t->context)) != OUTCOME_OK ||
        (done = session_check_clock(t->session)) != OUTCOME_OK ||
        (done = dual_control_authenticate(t, &who)) != OUTCOME_OK)
        return done;
    return act(t, &who);
}

static decision_signer signer_of(const administrator *who) {
    decision_signer signer = {.at = clock_wall_s()};
    snprintf(signer.id, sizeof signer.id, "%.64s", who->actor.id);
    snprintf(signer.fingerprint, sizeof signer.fingerprint, "%s", who->actor.fingerprint);
    return signer;
}

static result sign(const administrator *who, bytes text, buffer *der, buffer *signature) {
    const result code = token_certificate(who->card, OPERATOR_CERTIFICATE, der);
    return code == RESULT_OK ? token_sign(who->card, OPERATOR_CERTIFICATE, text, signature) : code;
}

static outcome not_stored(report *r, result code) {
    return report_failure(r, OUTCOME_INTERNAL, "store", _("The decision could not be stored (%s)."),
                          store_problem(code));
}

static outcome no_anchors(report *r) {
    return report_failure(r, OUTCOME_USAGE, "anchors", _("There is no usable trust anchor of operator cards."));
}

/* --- the proposal ------------------------------------------------------------------------------------------------- */

static result write_proposal(store_access *store, const dual_control *v, bytes record) {
    char name[DECISION_SETTING_SIZE];
    decision_setting(v->kind, "proposal", name);
    return v->in_clear ? terminal_store_set(store->file, name, record) : record_set(store, name, record);
}

static result read_proposal(store_access *store, const dual_control *v, buffer *record) {
    char name[DECISION_SETTING_SIZE];
    decision_setting(v->kind, "proposal", name);
    return v->in_clear ? terminal_store_setting(store->file, name, NULL, record) : record_setting(store, name, record);
}

/* Reads the proposal as the confirming administrator will, so that one that cannot be confirmed fails now. */
static outcome show_number(terminal *t, const dual_control *v, const decision_place *place, bytes record) {
    CLEANED_BY(decision_wipe) decision d = DECISION_INIT;
    report *r = &t->context.report;
    const result code = decision_read(place, decision_name(v->kind), record, false, &d);
    if (code != RESULT_OK)
        return report_failure(r, OUTCOME_CARD, "decision-unsigned",
                              _("The card's signature under the proposal does not verify. Begin again."));
    report_text(r, "decision", NULL, decision_name(v->kind));
    report_text(r, "decisionNumber", _("Number of the proposal, for a paper of the CA's office"), d.digest);
    return OUTCOME_OK;
}

outcome dual_control_propose(terminal *t, const dual_control *v, const administrator *who, bytes content) {
    CLEANED_BY(buffer_wipe) buffer text = BUFFER_INIT(DECISION_RECORD_MAX);
    CLEANED_BY(buffer_wipe) buffer der = BUFFER_INIT(CERTIFICATE_MAX);
    CLEANED_BY(buffer_wipe) buffer signature = BUFFER_INIT(SIGNATURE_MAX);
    CLEANED_BY(buffer_wipe) buffer record = BUFFER_INIT(DECISION_RECORD_MAX);
    CLEANED_BY(trust_free) trust *operators = NULL;
    decision_place place;
    report *r = &t->context.report;
    const decision_signer signer = signer_of(who);
    if (decisions_place(&t->context, &place, &operators) != RESULT_OK)
        return no_anchors(r);
    result code = decision_proposal_text(&place, decision_name(v->kind), &signer, content, &text);
    if (code == RESULT_OK && (code = sign(who, buffer_bytes(&text), &der, &signature)) != RESULT_OK)
        return cards_token_failure(&t->cards, r, code, _("Operator card"), who->card);
    if (code == RESULT_OK)
        code = decision_proposal_record(buffer_bytes(&text), buffer_bytes(&der), buffer_bytes(&signature), &record);
    const outcome done = code == RESULT_OK ? show_number(t, v, &place, buffer_bytes(&record)) : OUTCOME_OK;
    if (done == OUTCOME_OK && code == RESULT_OK)
        code = write_proposal(&t->store, v, buffer_bytes(&record));
    return done != OUTCOME_OK ? done : code == RESULT_OK ? OUTCOME_OK : not_stored(r, code);
}

/* --- the second signature ----------------------------------------------------------------------------------------- */

static bool is_too_old(const dual_control *v, const decision *d, bool for_paper) {
    const int64_t now = clock_wall_s();
    int64_t lasts = v->lasts_s;
    if (lasts != 0 && for_paper && lasts < DUAL_CONTROL_PAPER_DAYS * DAY_S)
        lasts = DUAL_CONTROL_PAPER_DAYS * DAY_S;
    return lasts != 0 && (now < d->proposed.at || now - d->proposed.at > lasts);
}

result dual_control_waiting(terminal *t, const dual_control *v, const administrator *who, decision *out) {
    CLEANED_BY(buffer_wipe) buffer record = BUFFER_INIT(DECISION_RECORD_MAX);
    CLEANED_BY(trust_free) trust *operators = NULL;
    decision_place place;
    const bool paper = t->context.options.paper != NULL;
    result code = read_proposal(&t->store, v, &record);
    if (code != RESULT_OK)
        return code;
    if (decisions_place(&t->context, &place, &operators) != RESULT_OK)
        return RESULT_UNAVAILABLE;
    code = decision_read(&place, decision_name(v->kind), buffer_bytes(&record), false, out);
    if (code == RESULT_INVALID)
        code = RESULT_BAD_SIGNATURE;
    if (code == RESULT_OK && is_too_old(v, out, paper))
        code = RESULT_NOT_FOUND;
    if (code == RESULT_OK && !paper &&
        (strcmp(out->proposed.id, who->actor.id) == 0 ||
         strcmp(out->proposed.fingerprint, who->actor.fingerprint) == 0))
        code = RESULT_DENIED;
    return code;
}

outcome dual_control_require(terminal *t, const dual_control *v, const administrator *who, decision *out) {
    report *r = &t->context.report;
    const result code = dual_control_waiting(t, v, who, out);
    if (code == RESULT_NOT_FOUND)
        return report_failure(r, OUTCOME_REFUSED, v->none_reason, "%s", language_text(v->none));
    if (code == RESULT_DENIED)
        return report_failure(r, OUTCOME_REFUSED, "two-persons", "%s", language_text(v->same));
    if (code == RESULT_BAD_SIGNATURE)
        return report_failure(r, OUTCOME_REFUSED, "proposal-altered",
                              _("The proposal is not the one that an administrator of this institution has signed. It "
                                "is not used. Propose again."));
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(r, OUTCOME_INTERNAL, "store", _("The proposal cannot be read (%s)."), store_problem(code));
}

static outcome refuse_paper(report *r, const char *path, result code) {
    if (code == RESULT_NOT_FOUND)
        return report_failure(r, OUTCOME_REFUSED, "paper-other-decision",
                              _("%s: the office has signed this paper for another proposal, another terminal or "
                                "another institution. Have one made with the number of this proposal."),
                              path);
    return report_failure(r, OUTCOME_REFUSED, "paper-unsigned",
                          _("%s: this is no paper that the CA's office has signed."), path);
}

/* Reads the office's paper, which replaces a second card. */
static outcome hear_office(command_context *ctx, const dual_control *v, const decision_place *place,
                           const decision *proposal, buffer *cms) {
    const char *path = ctx->options.paper;
    decision_signer office;
    if (file_read(path, cms) != RESULT_OK)
        return report_failure(&ctx->report, OUTCOME_USAGE, "paper", _("The paper %s cannot be read."), path);
    const result code = decision_check_paper(place, decision_name(v->kind), proposal->digest, buffer_bytes(cms),
                                             &office);
    return code == RESULT_OK ? OUTCOME_OK : refuse_paper(&ctx->report, path, code);
}

static outcome consent(terminal *t, const char *kind, const administrator *who, const decision *proposal, buffer *text,
                       buffer *der, buffer *signature) {
    const decision_signer signer = signer_of(who);
    result code = decision_consent_text(kind, proposal->digest, &signer, text);
    if (code == RESULT_OK)
        code = sign(who, buffer_bytes(text), der, signature);
    return code == RESULT_OK ? OUTCOME_OK
                             : cards_token_failure(&t->cards, &t->context.report, code, _("Operator card"), who->card);
}

outcome dual_control_confirm(terminal *t, const dual_control *v, const administrator *who, const decision *proposal,
                             buffer *record) {
    CLEANED_BY(buffer_wipe) buffer first = BUFFER_INIT(DECISION_RECORD_MAX);
    CLEANED_BY(buffer_wipe) buffer text = BUFFER_INIT(DECISION_RECORD_MAX);
    CLEANED_BY(buffer_wipe) buffer der = BUFFER_INIT(CERTIFICATE_MAX);
    CLEANED_BY(buffer_wipe) buffer signature = BUFFER_INIT(DECISION_RECORD_MAX / 2);
    CLEANED_BY(trust_free) trust *operators = NULL;
    CLEANED_BY(decision_wipe) decision whole = DECISION_INIT;
    decision_place place;
    report *r = &t->context.report;
    const char *kind = decision_name(v->kind);
    if (decisions_place(&t->context, &place, &operators) != RESULT_OK)
        return no_anchors(r);
    const outcome said = t->context.options.paper != NULL ? hear_office(&t->context, v, &place, proposal, &signature)
                                                          : consent(t, kind, who, proposal, &text, &der, &signature);
    if (said != OUTCOME_OK)
        return said;
    result code = read_proposal(&t->store, v, &first);
    if (code == RESULT_OK)
        code = decision_record(buffer_bytes(&first), buffer_bytes(&text), buffer_bytes(&der), buffer_bytes(&signature),
                               record);
    if (code == RESULT_OK)
        code = decision_read(&place, kind, buffer_bytes(record), true, &whole);
    return code == RESULT_OK ? OUTCOME_OK : not_stored(r, code);
}

outcome dual_control_keep(terminal *t, const dual_control *v, bytes record) {
    const result code = decisions_keep(&t->store, v->kind, record);
    return code == RESULT_OK ? OUTCOME_OK : not_stored(&t->context.report, code);
}

outcome dual_control_confirm_and_keep(terminal *t, const dual_control *v, const administrator *who,
                                      const decision *proposal) {
    CLEANED_BY(buffer_wipe) buffer record = BUFFER_INIT(DECISION_RECORD_MAX);
    const outcome done = dual_control_confirm(t, v, who, proposal, &record);
    return done == OUTCOME_OK ? dual_control_keep(t, v, buffer_bytes(&record)) : done;
}

void dual_control_forget_clear(store_access *store, const dual_control *v) {
    char name[DECISION_SETTING_SIZE];
    decision_setting(v->kind, "proposal", name);
    if (terminal_store_unset(store->file, name) != RESULT_OK)
        log_warning("a confirmed proposal could not be removed");
}
