/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `clock confirm`: two administrators, one after the other, each with card and PIN. */
#include "administration/administration.h"
#include "administration/dual_control.h"
#include "core/clock_check.h"
#include "core/local_store_file.h"
#include "se/local_store.h"

#include "base/cleanup.h"
#include "base/clock.h"

static const dual_control clock_decision = {
    .kind = DECISION_CLOCK,
    .lasts_s = DUAL_CONTROL_MINUTES * 60,
    .none_reason = "nothing-proposed",
    .none = N_("No administrator has confirmed the clock yet. Run first, without --paper: uketsuke clock confirm"),
    .same = "",
};

static outcome believe(terminal *t, const administrator *who, const decision *proposal) {
    const outcome done = dual_control_confirm_and_keep(t, &clock_decision, who, proposal);
    const result code = done == OUTCOME_OK ? clock_confirm_time(&t->store, clock_wall_s()) : RESULT_OK;
    if (code != RESULT_OK)
        return report_failure(&t->context.report, OUTCOME_INTERNAL, "store", _("The time could not be stored (%s)."),
                              store_problem(code));
    return done;
}

static outcome hear(terminal *t, const administrator *who) {
    char text[CLOCK_TEXT_SIZE];
    CLEANED_BY(decision_wipe) decision proposal = DECISION_INIT;
    const result waiting = dual_control_waiting(t, &clock_decision, who, &proposal);
    const bool second = waiting == RESULT_OK;
    if (!second && t->context.options.paper != NULL)
        return dual_control_require(t, &clock_decision, who, &proposal);
    const outcome done = second ? believe(t, who, &proposal)
                                : dual_control_propose(t, &clock_decision, who, bytes_of(NULL, 0));
    if (done != OUTCOME_OK)
        return done;
    clock_text(clock_wall_s(), text);
    report_time(&t->context.report, "time", _("The clock says"), text);
    report_value(&t->context.report, "confirmed", json_boolean(second));
    report_line(&t->context.report, "%s",
                second ? _("Two administrators have confirmed the clock.")
                       : _("Now a second administrator confirms it, within 15 minutes: uketsuke clock confirm"));
    return OUTCOME_OK;
}

outcome clock_confirm_command(terminal *t) {
    CLEANED_BY(administrator_close) administrator who = {0};
    outcome done = local_store_open(&t->cards, &t->store, &t->context);
    if (done == OUTCOME_OK)
        done = dual_control_authenticate(t, &who);
    return done == OUTCOME_OK ? hear(t, &who) : done;
}
