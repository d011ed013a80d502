/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `limits show|propose|confirm`: one administrator proposes other limits, another one puts them in force. */
#include "administration/administration.h"
#include "core/local_store_file.h"
#include "core/offline_limits_decided.h"
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

static outcome unreadable(report *r) {
    return report_failure(r, OUTCOME_INTERNAL, "store", _("The limits that were decided cannot be read."));
}

outcome limits_show_command(terminal *t) {
    operator_card actor;
    outcome done = session_require(t->session, ROLE_RECEPTION | ROLE_DOCTOR | ROLE_ADMINISTRATOR, &actor);
    if (done != OUTCOME_OK)
        return done;
    limits decided;
    if (limits_decided(&t->store, &decided) != RESULT_OK)
        return unreadable(&t->context.report);
    show(&t->context.report, "inForce", _("In force"), &t->context.limits);
    show(&t->context.report, "decided", _("Decided by two administrators, or default"), &decided);
    show(&t->context.report, "configured", _("In the configuration file (counts where it is stricter)"),
         &t->context.configuration.limits);
    return OUTCOME_OK;
}

outcome limits_propose_command(terminal *t) {
    operator_card actor;
    buffer text = BUFFER_INIT(TEXT_MAX);
    outcome done = session_require(t->session, ROLE_ADMINISTRATOR, &actor);
    if (done != OUTCOME_OK)
        return done;
    if (t->context.options.argument_count != 1)
        return report_failure(&t->context.report, OUTCOME_USAGE, "usage",
                              _("Say which limit, for example: offline-hours=48"));
    limits proposed;
    if (limits_decided(&t->store, &proposed) != RESULT_OK)
        return unreadable(&t->context.report);
    const char *problem = limits_take(&proposed, t->context.options.arguments[0]);
    if (problem != NULL)
        return report_failure(&t->context.report, OUTCOME_USAGE, "limit-wrong", "%s: %s",
                              t->context.options.arguments[0], language_text(problem));
    result code = limits_write(&proposed, &text);
    if (code == RESULT_OK)
        code = dual_control_propose(&t->store, &limits_decision, &actor, NULL, buffer_bytes(&text));
    buffer_wipe(&text);
    if (code != RESULT_OK)
        return report_failure(&t->context.report, OUTCOME_INTERNAL, "store", _("The limits could not be stored (%s)."),
                              store_problem(code));
    show(&t->context.report, "proposed", _("Proposed"), &proposed);
    report_line(&t->context.report,
                _("Nothing has changed yet. Another administrator activates this: uketsuke limits confirm"));
    return OUTCOME_OK;
}

outcome limits_confirm_command(terminal *t) {
    operator_card actor;
    buffer text = BUFFER_INIT(TEXT_MAX);
    outcome done = session_require(t->session, ROLE_ADMINISTRATOR, &actor);
    if (done == OUTCOME_OK)
        done = dual_control_require(&t->store, &t->context, &limits_decision, &actor, &text);
    result code = done == OUTCOME_OK ? dual_control_keep(&t->store, &limits_decision, &actor, SETTING_DECISION)
                                     : RESULT_OK;
    if (done == OUTCOME_OK && code == RESULT_OK)
        code = record_set(&t->store, SETTING_LIMITS, buffer_bytes(&text));
    buffer_wipe(&text);
    if (done == OUTCOME_OK && code != RESULT_OK)
        done = report_failure(&t->context.report, OUTCOME_INTERNAL, "store", _("The limits could not be stored (%s)."),
                              store_problem(code));
    if (done != OUTCOME_OK)
        return done;
    dual_control_forget(&t->store, &limits_decision);
    if (limits_apply(&t->store, &t->context) != RESULT_OK)
        return unreadable(&t->context.report);
    show(&t->context.report, "inForce", _("In force"), &t->context.limits);
    return OUTCOME_OK;
}
