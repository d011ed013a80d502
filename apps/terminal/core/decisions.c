/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/decisions.h"

#include "core/anchors_set.h"
#include "core/trust_anchors.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "delivery/sealed_record.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SETTING_LIMITS_UNSIGNED "limits" /* of programs before decisions were signed */

static const char *const names[DECISION_KINDS] = {"limits", "anchors", "institutions", "clock", "se"};

const char *decision_name(decision_kind kind) {
    return names[kind];
}

void decision_setting(decision_kind kind, const char *what, char name[DECISION_SETTING_SIZE]) {
    snprintf(name, DECISION_SETTING_SIZE, "%s-%s", names[kind], what);
}

result decisions_place(command_context *ctx, decision_place *place, trust **operators) {
    const report own = report_begin_silent(&ctx->report);
    *operators = NULL;
    const outcome done = anchors_trust(ctx, "operator-ca", operators);
    report_end_silent(&ctx->report, own);
    *place = (decision_place){*operators, ctx->configuration.institution_code, ctx->configuration.terminal_id};
    return done == OUTCOME_OK ? RESULT_OK : RESULT_NOT_FOUND;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

result decisions_read(store_access *store, command_context *ctx, decision_kind kind, decision *out) {
    char name[DECISION_SETTING_SIZE];
    CLEANED_BY(buffer_wipe) buffer record = BUFFER_INIT(DECISION_RECORD_MAX);
    CLEANED_BY(trust_free) trust *operators = NULL;
    decision_place place;
    decision_setting(kind, "decision", name);
    result code = record_setting(store, name, &record);
    if (code != RESULT_OK)
        return code;
    if (decisions_place(ctx, &place, &operators) != RESULT_OK)
        return RESULT_UNAVAILABLE;
    code = decision_read(&place, names[kind], buffer_bytes(&record), true, out);
    return code == RESULT_OK || code == RESULT_UNAVAILABLE ? code : RESULT_BAD_SIGNATURE;
}

/* A limit decided before decisions were signed is not valid any more, but does not count as "never decided" either. */
static result without_decision(store_access *store, const char *unsigned_setting) {
    CLEANED_BY(buffer_wipe) buffer old = BUFFER_INIT(RECORD_MAX);
    const result code = record_setting(store, unsigned_setting, &old);
    return code == RESULT_NOT_FOUND ? RESULT_OK : code == RESULT_OK ? RESULT_BAD_SIGNATURE : code;
}

result decisions_limits(store_access *store, command_context *ctx, limits *l) {
    CLEANED_BY(decision_wipe) decision d = DECISION_INIT;
    *l = limits_default();
    const result code = decisions_read(store, ctx, DECISION_LIMITS, &d);
    if (code == RESULT_NOT_FOUND)
        return without_decision(store, SETTING_LIMITS_UNSIGNED);
    return code == RESULT_OK ? limits_read(buffer_text(&d.content), l) : code;
}

result decisions_affiliates(store_access *store, command_context *ctx, affiliates *a) {
    CLEANED_BY(decision_wipe) decision d = DECISION_INIT;
    *a = (affiliates){0};
    const result code = decisions_read(store, ctx, DECISION_INSTITUTIONS, &d);
    if (code == RESULT_NOT_FOUND)
        return RESULT_OK;
    return code == RESULT_OK ? affiliates_read(buffer_text(&d.content), a) : code;
}

/* The certificates of the set in force are those that were decided. Revocation lists carry their CA's signature, and
 * newer ones may come in. If the folder in force is a link to the configured one, no decision is needed. */
static result check_anchors(store_access *store, command_context *ctx) {
    char folder[PATH_MAX];
    CLEANED_BY(decision_wipe) decision d = DECISION_INIT;
    CLEANED_BY(buffer_wipe) buffer there = BUFFER_INIT(DECISION_CONTENT_MAX);
    if (!anchors_were_decided(ctx, folder))
        return RESULT_OK;
    result code = decisions_read(store, ctx, DECISION_ANCHORS, &d);
    if (code != RESULT_OK)
        return code == RESULT_NOT_FOUND ? RESULT_BAD_SIGNATURE : code;
    code = anchors_set_describe(folder, &there);
    if (code != RESULT_OK)
        return code;
    return anchors_set_same_authorities(buffer_text(&there), buffer_text(&d.content)) ? RESULT_OK
                                                                                      : RESULT_BAD_SIGNATURE;
}

/* --- putting in force --------------------------------------------------------------------------------------------- */

static void note_fault(command_context *ctx, decision_kind kind, result code) {
    if (code == RESULT_OK || ctx->decision_fault != NULL)
        return;
    ctx->decision_fault = names[kind];
    ctx->decision_unverified = code == RESULT_UNAVAILABLE;
}

static bool is_fault_of_store(result code) {
    return code != RESULT_OK && code != RESULT_BAD_SIGNATURE && code != RESULT_UNAVAILABLE && code != RESULT_INVALID;
}

result decisions_apply(store_access *store, command_context *ctx) {
    limits decided;
    affiliates accepted;
    ctx->limits = (limits){{0}};
    ctx->affiliates = (affiliates){0};
    ctx->decision_fault = NULL;
    const result of_limits = decisions_limits(store, ctx, &decided),
                 of_affiliates = decisions_affiliates(store, ctx, &accepted), of_anchors = check_anchors(store, ctx);
    note_fault(ctx, DECISION_LIMITS, of_limits);
    note_fault(ctx, DECISION_INSTITUTIONS, of_affiliates);
    note_fault(ctx, DECISION_ANCHORS, of_anchors);
    if (ctx->decision_fault == NULL) {
        ctx->limits = limits_strictest(&decided, &ctx->configuration.limits);
        ctx->affiliates = accepted;
    }
    return is_fault_of_store(of_limits) ? of_limits : is_fault_of_store(of_affiliates) ? of_affiliates : RESULT_OK;
}

static const struct {
    const char *kind, *message;
} remedies[] = {
    {"limits", N_("The limits that the local store holds are not signed by two administrators of this institution for "
                  "this terminal. They are not used. Two administrators must decide again: uketsuke limits "
                  "propose")},
    {"institutions", N_("The affiliated institutions that the local store holds are not signed by two administrators "
                        "of this institution for this terminal. They are not used. Two administrators must decide "
                        "again: uketsuke institutions propose")},
    {"anchors", N_("The trust anchors in force are not those that two administrators of this institution have signed "
                   "for this terminal. They are not used. Two administrators must decide again: uketsuke "
                   "anchors stage")},
};

outcome decisions_require(store_access *store, command_context *ctx) {
    report *r = &ctx->report;
    if (ctx->decision_fault != NULL && decisions_apply(store, ctx) != RESULT_OK)
        return report_failure(r, OUTCOME_INTERNAL, "store", _("The limits that were decided cannot be read."));
    if (ctx->decision_fault == NULL)
        return OUTCOME_OK;
    report_text(r, "decision", NULL, ctx->decision_fault);
    if (ctx->decision_unverified)
        return report_failure(r, OUTCOME_REFUSED, "decision-unverified",
                              _("What two administrators have decided (%s) cannot be verified now: the CA of operator "
                                "cards or its revocation list is missing or too old. Get the present ones from the "
                                "CA."),
                              ctx->decision_fault);
    for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++)
        if (strcmp(remedies[i].kind, ctx->decision_fault) == 0)
            return report_failure(r, OUTCOME_REFUSED, "decision-altered", "%s", language_text(remedies[i].message));
    return report_failure(r, OUTCOME_INTERNAL, "internal", "%s", ctx->decision_fault);
}

result decisions_keep(store_access *store, decision_kind kind, bytes record) {
    char kept[DECISION_SETTING_SIZE], proposal[DECISION_SETTING_SIZE];
    decision_setting(kind, "decision", kept);
    decision_setting(kind, "proposal", proposal);
    result code = record_set(store, kept, record);
    if (code == RESULT_OK && kind == DECISION_LIMITS)
        code = record_unset(store, SETTING_LIMITS_UNSIGNED);
    if (code == RESULT_OK || code == RESULT_NOT_FOUND)
        code = record_unset(store, proposal);
    return code == RESULT_NOT_FOUND ? RESULT_OK : code;
}

/* --- showing ------------------------------------------------------------------------------------------------------ */

void decisions_show(store_access *store, command_context *ctx, decision_kind kind) {
    CLEANED_BY(decision_wipe) decision d = DECISION_INIT;
    char proposed[CLOCK_TEXT_SIZE], confirmed[CLOCK_TEXT_SIZE], shown[CLOCK_PEOPLE_SIZE];
    if (decisions_read(store, ctx, kind, &d) != RESULT_OK)
        return;
    clock_text(d.proposed.at, proposed);
    clock_text(d.confirmed.at, confirmed);
    clock_text_in_japan(d.confirmed.at, shown);
    report_value(&ctx->report, "decidedBy",
                 json_pack("{s:s,s:s,s:s,s:s,s:s}", "proposedBy", d.proposed.id, "proposedAt", proposed, "confirmedBy",
                           d.confirmed.id, "confirmedAt", confirmed, "digest", d.digest));
    report_line(&ctx->report, _("Decided by %s and %s on %s, signatures verified"), d.proposed.id,
                strcmp(d.confirmed.id, DECISION_OFFICE) == 0 ? _("the CA's office") : d.confirmed.id, shown);
}
