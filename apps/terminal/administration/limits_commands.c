/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `limits show|propose|confirm`: one administrator proposes other limits, another one puts them in force. */
#include "administration/administration.h"
#include "administration/dual_control.h"
#include "core/decisions.h"
#include "core/local_store_file.h"
#include "operator/operator_session.h"

#include "base/cleanup.h"

#include <stdio.h>

#define TEXT_MAX 512

static const dual_control limits_decision = {
    .kind = DECISION_LIMITS,
    .lasts_s = 24 * 3600,
    .none_reason = "nothing-proposed",
    .none = N_("No limits were proposed within the last 24 hours. Run first: uketsuke limits propose NAME=VALUE"),
    .same = N_("Another administrator than the one who proposed the limits must confirm them."),
};

static void show(report *r, const char *member, const char *label, const limits *l) {
    json_t *object = json_object();
    for (size_t i = 0; i < LIMIT_COUNT; i++)
        if (l->value[i] != 0) {
            json_object_set_new(object, limit_names[i], json_integer(l->value[i]));
            report_line(r, "%s: %s=%ld", label, limit_names[i], l->value[i]);
        }
    report_value(r, member, object);
}

outcome limits_show_command(terminal *t) {
    operator_card actor;
    limits decided;
    outcome done = session_require(t->session, ROLE_RECEPTION | ROLE_DOCTOR | ROLE_ADMINISTRATOR, &actor);
    if (done == OUTCOME_OK && decisions_limits(&t->store, &t->context, &decided) != RESULT_OK)
        done = report_failure(&t->context.report, OUTCOME_INTERNAL, "store",
                              _("The limits that were decided cannot be read."));
    if (done != OUTCOME_OK)
        return done;
    show(&t->context.report, "inForce", _("In force"), &t->context.limits);
    show(&t->context.report, "decided", _("Decided by two administrators, or default"), &decided);
    show(&t->context.report, "configured", _("In the configuration file (counts where it is stricter)"),
         &t->context.configuration.limits);
    decisions_show(&t->store, &t->context, DECISION_LIMITS);
    return OUTCOME_OK;
}

/* Based on the limits in force, or on the defaults when an earlier decision is not valid any more. */
static outcome propose(terminal *t, const administrator *who) {
    limits proposed;
    CLEANED_BY(buffer_wipe) buffer text = BUFFER_INIT(TEXT_MAX);
    report *r = &t->context.report;
    if (t->context.options.argument_count != 1)
        return report_failure(r, OUTCOME_USAGE, "usage", _("Say which limit, for example: offline-hours=48"));
    if (decisions_limits(&t->store, &t->context, &proposed) != RESULT_OK)
        proposed = limits_default();
    const char *problem = limits_take(&proposed, t->context.options.arguments[0]);
    if (problem != NULL)
        return report_failure(r, OUTCOME_USAGE, "limit-wrong", "%s: %s", t->context.options.arguments[0],
                              language_text(problem));
    if (limits_write(&proposed, &text) != RESULT_OK)
        return report_failure(r, OUTCOME_INTERNAL, "internal", "%s", report_cause(text.failed));
    const outcome done = dual_control_propose(t, &limits_decision, who, buffer_bytes(&text));
    if (done != OUTCOME_OK)
        return done;
    show(r, "proposed", _("Proposed"), &proposed);
    report_line(r, _("Nothing has changed yet. Another administrator activates this: uketsuke limits confirm"));
    return OUTCOME_OK;
}

static outcome confirm(terminal *t, const administrator *who) {
    CLEANED_BY(decision_wipe) decision proposal = DECISION_INIT;
    outcome done;
    if ((done = dual_control_require(t, &limits_decision, who, &proposal)) != OUTCOME_OK ||
        (done = dual_control_confirm_and_keep(t, &limits_decision, who, &proposal)) != OUTCOME_OK)
        return done;
    if (decisions_apply(&t->store, &t->context) != RESULT_OK)
        return report_failure(&t->context.report, OUTCOME_INTERNAL, "store",
                              _("The limits that were decided cannot be read."));
    show(&t->context.report, "inForce", _("In force"), &t->context.limits);
    decisions_show(&t->store, &t->context, DECISION_LIMITS);
    return OUTCOME_OK;
}

outcome limits_propose_command(terminal *t) {
    return dual_control_run(t, propose);
}

outcome limits_confirm_command(terminal *t) {
    return dual_control_run(t, confirm);
}
