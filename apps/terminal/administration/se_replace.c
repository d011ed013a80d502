/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `se replace`: this terminal accepts another Secure Element instead of a broken one, or its own after a new pairing.
 * Dual control, each administrator with card and PIN. Only the old SE can unseal the old local store: it is set aside,
 * and a new one begins. */
#include "administration/administration.h"
#include "administration/dual_control.h"
#include "core/audit.h"
#include "core/local_store_file.h"
#include "core/pin_entry.h"
#include "core/trust_anchors.h"
#include "delivery/sealed_record.h"
#include "se/se_identity.h"
#include "se/local_store.h"
#include "se/se_pin_file.h"
#include "se/secure_element.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ABANDON "abandon"
#define CERTIFICATE_MAX 8192
#define STORE_NAME "terminal.sqlite"

/* In clear, signed by the card: the SE that would seal it is not there any more. */
static const dual_control replace_decision = {
    .kind = DECISION_SE,
    .in_clear = true,
    .lasts_s = DUAL_CONTROL_MINUTES * 60,
    .none_reason = "nothing-proposed",
    .none = N_("No administrator has accepted this Secure Element yet. Run first, without --paper: uketsuke se "
               "replace"),
    .same = "",
};

static outcome unfit(report *r, const char *why) {
    return report_failure(r, OUTCOME_REFUSED, "se-unfit", _("This Secure Element cannot be accepted: %s."), why);
}

/* An SE of this institution, with the PIN of the PIN file. */
static outcome check_fitness(card_access *cards, command_context *ctx, token *se) {
    char code_there[64] = "";
    CLEANED_BY(buffer_wipe) buffer der = BUFFER_INIT(CERTIFICATE_MAX);
    CLEANED_BY(buffer_wipe) buffer pin = BUFFER_SECRET(PIN_TYPED_MAX);
    CLEANED_BY(certificate_free) certificate *c = NULL;
    CLEANED_BY(trust_free) trust *authorities = NULL;
    outcome done = anchors_trust(ctx, "institution-ca", &authorities);
    if (done != OUTCOME_OK)
        return done;
    if (token_certificate(se, "institution", &der) != RESULT_OK || certificate_new(buffer_bytes(&der), &c) != RESULT_OK)
        return unfit(&ctx->report, _("it has no institution certificate"));
    const trust_verdict verdict = trust_check(authorities, c, TRUST_COMMITMENT, clock_wall_s());
    if (verdict != TRUST_OK)
        return unfit(&ctx->report, trust_verdict_text(verdict));
    if (certificate_subject_attribute(c, CERTIFICATE_SERIAL_NUMBER, code_there, sizeof code_there) != RESULT_OK ||
        strcmp(code_there, ctx->configuration.institution_code) != 0)
        return unfit(&ctx->report, _("it is of another institution"));
    done = se_pin_file_read(ctx->configuration.se_pin_file, &pin, &ctx->report);
    if (done != OUTCOME_OK)
        return done;
    return secure_element_log_in(cards, &ctx->report, se, buffer_bytes(&pin), ctx->configuration.se_pin_file);
}

static int64_t count_of(store_access *store, const char *kind, const char *state) {
    int64_t count = 0;
    terminal_store_count(store->file, kind, state, &count);
    return count;
}

/* What has not been delivered is lost with the old SE. */
static outcome check_waiting(store_access *store, command_context *ctx) {
    const int64_t receptions = count_of(store, RECORD_RECEPTION, STATE_PENDING),
                  visits = count_of(store, RECORD_VISIT, STATE_QUEUED) + count_of(store, RECORD_VISIT, STATE_AWAITING);
    const bool abandon = ctx->options.argument_count == 1 && strcmp(ctx->options.arguments[0], ABANDON) == 0;
    report_value(&ctx->report, "receptionsPending", json_integer(receptions));
    report_value(&ctx->report, "visitsQueued", json_integer(visits));
    if (receptions + visits == 0 || abandon)
        return OUTCOME_OK;
    return report_failure(
        &ctx->report, OUTCOME_REFUSED, "records-waiting",
        _("%lld receptions and %lld visits have not been sent, and only the old Secure Element can open them. If it "
          "still works, insert it and send or export them. If it does not, they are lost: uketsuke se replace abandon"),
        (long long)receptions, (long long)visits);
}

/* The old store keeps its audit log and everything sealed, under another name; closed, so that it is one file. */
static result set_store_aside(store_access *store, command_context *ctx) {
    char at[CLOCK_TEXT_SIZE], name[64];
    clock_text(clock_wall_s(), at);
    snprintf(name, sizeof name, "terminal-before-%s.sqlite", at);
    char *from = file_join(ctx->configuration.state, STORE_NAME), *to = file_join(ctx->configuration.state, name);
    terminal_store_close(&store->file);
    const result code = from == NULL || to == NULL ? RESULT_NO_MEMORY : rename(from, to) == 0 ? RESULT_OK : RESULT_IO;
    if (code == RESULT_OK)
        report_text(&ctx->report, "oldStore", _("The former store"), to);
    free(from);
    free(to);
    return code;
}

/* Also in clear, to show who accepted the SE while it is away. No decision depends on it. */
static result keep_decision(store_access *store, bytes record) {
    char name[DECISION_SETTING_SIZE];
    decision_setting(DECISION_SE, "decision", name);
    dual_control_forget_clear(store, &replace_decision);
    return terminal_store_set(store->file, name, record);
}

static outcome exchange(store_access *store, command_context *ctx, token *se, identity_verdict verdict, bytes record) {
    audit_note(store, verdict == IDENTITY_OTHER ? "se-replaced" : "se-paired", "");
    result code = verdict == IDENTITY_OTHER ? set_store_aside(store, ctx) : RESULT_OK;
    outcome done = store_open_file(store, &ctx->report);
    if (done == OUTCOME_OK && code == RESULT_OK)
        code = identity_take(store, se);
    if (done == OUTCOME_OK && code == RESULT_OK)
        code = keep_decision(store, record);
    if (done == OUTCOME_OK && code == RESULT_OK && verdict == IDENTITY_OTHER)
        done = local_store_begin(store, &ctx->report, se);
    if (done == OUTCOME_OK && code == RESULT_OK && verdict == IDENTITY_OTHER)
        code = anchors_undecide(ctx);
    if (done == OUTCOME_OK && code != RESULT_OK)
        done = report_failure(&ctx->report, OUTCOME_INTERNAL, "store",
                              _("The Secure Element could not be accepted (%s)."), store_problem(code));
    return done;
}

static outcome accept_se(terminal *t, token *se, identity_verdict verdict, const administrator *who,
                         const decision *proposal) {
    CLEANED_BY(buffer_wipe) buffer record = BUFFER_INIT(DECISION_RECORD_MAX);
    report *r = &t->context.report;
    outcome done = dual_control_confirm(t, &replace_decision, who, proposal, &record);
    if (done == OUTCOME_OK)
        done = exchange(&t->store, &t->context, se, verdict, buffer_bytes(&record));
    if (done != OUTCOME_OK)
        return done;
    if (verdict == IDENTITY_OTHER) {
        audit_note(&t->store, "se-replaced", "");
        report_line(
            r, _("This terminal has another Secure Element, and an empty store. Register it: uketsuke enroll finish"));
        report_line(r,
                    _("Limits, affiliated institutions and trust anchors that two administrators had decided were in "
                      "the old store: until they decide again, the configuration's values apply."));
    } else {
        report_line(r, _("The new pairing is accepted. If the terminal is locked, run: uketsuke unlock"));
    }
    return OUTCOME_OK;
}

static outcome propose(terminal *t, const administrator *who, identity_verdict verdict, bytes identity) {
    report *r = &t->context.report;
    const outcome done = dual_control_propose(t, &replace_decision, who, identity);
    if (done != OUTCOME_OK)
        return done;
    if (verdict == IDENTITY_OTHER)
        report_line(
            r, _("WARNING: another Secure Element. What this terminal has stored so far can be read only with the old"
                 " one; it will be set aside."));
    report_line(r, _("Now a second administrator accepts it, within 15 minutes: uketsuke se replace"));
    return OUTCOME_OK;
}

/* Both administrators must have signed for the same SE. */
static outcome hear(terminal *t, token *se, identity_verdict verdict, const administrator *who) {
    CLEANED_BY(decision_wipe) decision first = DECISION_INIT;
    CLEANED_BY(buffer_wipe) buffer now = BUFFER_INIT(IDENTITY_MAX);
    report *r = &t->context.report;
    if (identity_text(se, &now) != RESULT_OK)
        return unfit(r, _("it has no institution certificate"));
    const result waiting = dual_control_waiting(t, &replace_decision, who, &first);
    const bool second = waiting == RESULT_OK && bytes_equal(buffer_bytes(&first.content), buffer_bytes(&now));
    if (!second && t->context.options.paper != NULL)
        return waiting == RESULT_OK ? unfit(r, _("another one was proposed"))
                                    : dual_control_require(t, &replace_decision, who, &first);
    if (waiting == RESULT_BAD_SIGNATURE) {
        report_value(r, "proposalAltered", json_true());
        report_line(r, _("WARNING: a proposal was found that no administrator of this institution has signed. It is "
                         "not used."));
    }
    report_value(r, "accepted", json_boolean(second));
    report_text(r, "seSerial", _("SE"), token_serial(se));
    return second ? accept_se(t, se, verdict, who, &first) : propose(t, who, verdict, buffer_bytes(&now));
}

static outcome replace_with(terminal *t, token *se, const administrator *who) {
    identity_verdict verdict;
    const result code = identity_validate(&t->store, se, &verdict);
    if (code != RESULT_OK)
        return cards_token_failure(&t->cards, &t->context.report, code, _("Secure Element"), se);
    if (verdict == IDENTITY_SAME || verdict == IDENTITY_FIRST)
        return report_failure(
            &t->context.report, OUTCOME_REFUSED, "se-same",
            _("The Secure Element in the reader is this terminal's already. There is nothing to accept."));
    outcome done = check_fitness(&t->cards, &t->context, se);
    if (done == OUTCOME_OK && verdict == IDENTITY_OTHER)
        done = check_waiting(&t->store, &t->context);
    return done == OUTCOME_OK ? hear(t, se, verdict, who) : done;
}

outcome se_replace_command(terminal *t) {
    CLEANED_BY(token_close) token *se = NULL;
    outcome done;
    if ((done = cards_open_se_module(&t->cards, &t->context)) != OUTCOME_OK ||
        (done = store_open_file(&t->store, &t->context.report)) != OUTCOME_OK)
        return done;
    if (t->context.options.argument_count == 1 && strcmp(t->context.options.arguments[0], ABANDON) != 0)
        return report_failure(&t->context.report, OUTCOME_USAGE, "usage",
                              _("The only word that may follow is: abandon"));
    if (t->cards.se != NULL)
        return report_failure(
            &t->context.report, OUTCOME_REFUSED, "se-same",
            _("The Secure Element in the reader is this terminal's already. There is nothing to accept."));
    administrator who = {0};
    done = dual_control_authenticate(t, &who);
    if (done == OUTCOME_OK)
        done = secure_element_find(&t->cards, &t->store, &t->context, &se);
    if (done == OUTCOME_OK)
        done = replace_with(t, se, &who);
    administrator_close(&who);
    return done;
}
