/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `institutions show|propose|confirm`: the other institutions whose operator cards this terminal accepts. One
 * administrator of this institution proposes, another one confirms. */
#include "administration/administration.h"
#include "administration/dual_control.h"
#include "core/decisions.h"
#include "operator/operator_session.h"

#include "base/cleanup.h"

#define TEXT_MAX 1024

static const dual_control institutions_decision = {
    .kind = DECISION_INSTITUTIONS,
    .lasts_s = 24 * 3600,
    .none_reason = "nothing-proposed",
    .none = N_("No institution was proposed within the last 24 hours. Run first: uketsuke institutions propose "
               "CODE=ROLE,ROLE"),
    .same = N_("Another administrator than the one who proposed the institution must confirm it."),
};

static void show(report *r, const char *member, const char *label, const affiliates *a) {
    CLEANED_BY(buffer_wipe) buffer text = BUFFER_INIT(TEXT_MAX);
    if (affiliates_write(a, &text) == RESULT_OK)
        report_value(r, member, json_string(buffer_text(&text)));
    report_line(r, "%s: %s", label, text.length > 0 ? buffer_text(&text) : _("none"));
}

outcome institutions_show_command(terminal *t) {
    operator_card actor;
    const outcome done = session_require(t->session, ROLE_RECEPTION | ROLE_DOCTOR | ROLE_ADMINISTRATOR, &actor);
    if (done != OUTCOME_OK)
        return done;
    show(&t->context.report, "inForce", _("Institutions whose operator cards are accepted besides this one's"),
         &t->context.affiliates);
    decisions_show(&t->store, &t->context, DECISION_INSTITUTIONS);
    return OUTCOME_OK;
}

static outcome propose(terminal *t, const administrator *who) {
    affiliates proposed;
    CLEANED_BY(buffer_wipe) buffer text = BUFFER_INIT(TEXT_MAX);
    report *r = &t->context.report;
    if (t->context.options.argument_count != 1)
        return report_failure(r, OUTCOME_USAGE, "usage",
                              _("Say which institution, for example: 1399999999=reception,doctor"));
    if (decisions_affiliates(&t->store, &t->context, &proposed) != RESULT_OK)
        proposed = (affiliates){0};
    const char *problem = affiliates_take(&proposed, t->context.options.arguments[0]);
    if (problem != NULL)
        return report_failure(r, OUTCOME_USAGE, "institution-wrong", "%s: %s", t->context.options.arguments[0],
                              language_text(problem));
    if (affiliates_write(&proposed, &text) != RESULT_OK)
        return report_failure(r, OUTCOME_INTERNAL, "internal", "%s", report_cause(text.failed));
    const outcome done = dual_control_propose(t, &institutions_decision, who, buffer_bytes(&text));
    if (done != OUTCOME_OK)
        return done;
    show(r, "proposed", _("Proposed"), &proposed);
    report_line(r, _("Nothing has changed yet. Another administrator activates this: uketsuke institutions confirm"));
    return OUTCOME_OK;
}

static outcome confirm(terminal *t, const administrator *who) {
    CLEANED_BY(decision_wipe) decision proposal = DECISION_INIT;
    outcome done;
    if ((done = dual_control_require(t, &institutions_decision, who, &proposal)) != OUTCOME_OK ||
        (done = dual_control_confirm_and_keep(t, &institutions_decision, who, &proposal)) != OUTCOME_OK)
        return done;
    decisions_apply(&t->store, &t->context);
    show(&t->context.report, "inForce", _("Institutions whose operator cards are accepted besides this one's"),
         &t->context.affiliates);
    decisions_show(&t->store, &t->context, DECISION_INSTITUTIONS);
    return OUTCOME_OK;
}

outcome institutions_propose_command(terminal *t) {
    return dual_control_run(t, propose);
}

outcome institutions_confirm_command(terminal *t) {
    return dual_control_run(t, confirm);
}
