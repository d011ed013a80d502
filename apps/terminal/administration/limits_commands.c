/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `limits show|propose|confirm`: one administrator proposes other limits, another one puts them in force. */
#include "administration/administration.h"
#include "administration/dual_control.h"
#include "delivery/sealed_record.h"
#include "operator/operator_session.h"

#include <stdio.h>

#define TEXT_MAX 512
#define SETTING_DECISION "limits-decision" /* who proposed and who confirmed what is in force */

static const dual_control limits_decision = {
    .setting = "limits-proposal",
    .lasts_s = 24 * 3600,
    .none_reason = "nothing-proposed",
    .none = N_(
        "Nobody has proposed other limits within the last 24 hours. Run first: uketsuke limits propose NAME=VALUE"),
    .same = N_("Another administrator than the one who proposed the limits must confirm them."),
};

static void show(terminal *t, const char *member, const char *label, const limits *l) {
    json_t *object = json_object();
    for (size_t i = 0; i < LIMIT_COUNT; i++)
        if (l->value[i] != 0) {
            json_object_set_new(object, limit_names[i], json_integer(l->value[i]));
            report_line(&t->report, "%s: %s=%ld", label, limit_names[i], l->value[i]);
        }
    report_value(&t->report, member, object);
}

static outcome unreadable(terminal *t) {
    return report_failure(&t->report, OUTCOME_INTERNAL, "store", _("The limits that were decided cannot be read."));
}

outcome limits_show_command(terminal *t) {
    operator_card actor;
    outcome done = session_require(t, ROLE_RECEPTION | ROLE_DOCTOR | ROLE_ADMINISTRATOR, &actor);
    if (done != OUTCOME_OK)
        return done;
    limits decided;
    if (limits_decided(t, &decided) != RESULT_OK)
        return unreadable(t);
    show(t, "inForce", _("In force"), &t->limits);
    show(t, "decided", _("Decided by two administrators, or default"), &decided);
    show(t, "configured", _("In the configuration file (counts where it is stricter)"), &t->configuration.limits);
    return OUTCOME_OK;
}

outcome limits_propose_command(terminal *t) {
    operator_card actor;
    buffer text = BUFFER_INIT(TEXT_MAX);
    outcome done = session_require(t, ROLE_ADMINISTRATOR, &actor);
    if (done != OUTCOME_OK)
        return done;
    if (t->options.argument_count != 1)
        return report_failure(&t->report, OUTCOME_USAGE, "usage", _("Say which limit, for example: offline-hours=48"));
    limits proposed;
    if (limits_decided(t, &proposed) != RESULT_OK)
        return unreadable(t);
    const char *problem = limits_take(&proposed, t->options.arguments[0]);
    if (problem != NULL)
        return report_failure(&t->report, OUTCOME_USAGE, "limit-wrong", "%s: %s", t->options.arguments[0],
                              language_text(problem));
    result code = limits_write(&proposed, &text);
    if (code == RESULT_OK)
        code = dual_control_propose(t, &limits_decision, &actor, NULL, buffer_bytes(&text));
    buffer_wipe(&text);
    if (code != RESULT_OK)
        return report_failure(&t->report, OUTCOME_INTERNAL, "store", _("The limits could not be stored (%s)."),
                              terminal_store_problem(code));
    show(t, "proposed", _("Proposed"), &proposed);
    report_line(&t->report,
                _("Nothing has changed yet. Another administrator puts this in force: uketsuke limits confirm"));
    return OUTCOME_OK;
}

outcome limits_confirm_command(terminal *t) {
    operator_card actor;
    buffer text = BUFFER_INIT(TEXT_MAX);
    outcome done = session_require(t, ROLE_ADMINISTRATOR, &actor);
    if (done == OUTCOME_OK)
        done = dual_control_require(t, &limits_decision, &actor, &text);
    result code = done == OUTCOME_OK ? dual_control_keep(t, &limits_decision, &actor, SETTING_DECISION) : RESULT_OK;
    if (done == OUTCOME_OK && code == RESULT_OK)
        code = record_set(&t->store, SETTING_LIMITS, buffer_bytes(&text));
    buffer_wipe(&text);
    if (done == OUTCOME_OK && code != RESULT_OK)
        done = report_failure(&t->report, OUTCOME_INTERNAL, "store", _("The limits could not be stored (%s)."),
                              terminal_store_problem(code));
    if (done != OUTCOME_OK)
        return done;
    dual_control_forget(t, &limits_decision);
    if (limits_apply(t) != RESULT_OK)
        return unreadable(t);
    show(t, "inForce", _("In force"), &t->limits);
    return OUTCOME_OK;
}
