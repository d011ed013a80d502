/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `clock confirm`: two administrators, one after the other, each with card and PIN. */
#include "administration/administration.h"
#include "administration/dual_control.h"
#include "core/clock_check.h"
#include "core/local_store_file.h"
#include "delivery/sealed_record.h"
#include "se/local_store.h"

#include "base/clock.h"

static const dual_control clock_decision = {.setting = "clock-proposal", .lasts_s = DUAL_CONTROL_MINUTES * 60};

outcome clock_confirm_command(terminal *t) {
    operator_card actor = {0};
    token *card = NULL;
    char text[CLOCK_TEXT_SIZE];
    buffer nothing = BUFFER_INIT(RECORD_MAX);
    const int64_t now = clock_wall_s();
    outcome done = local_store_open(&t->cards, &t->store, &t->context);
    if (done == OUTCOME_OK)
        done = dual_control_authenticate(t, &actor, &card);
    token_close(&card);
    if (done != OUTCOME_OK)
        return done;
    clock_text(now, text);
    const bool second = dual_control_heard(&t->store, &t->context, &clock_decision, &actor, &nothing) == RESULT_OK;
    buffer_wipe(&nothing);
    result code = second ? clock_confirm_time(&t->store, now)
                         : dual_control_propose(&t->store, &clock_decision, &actor, NULL, bytes_of(NULL, 0));
    if (code == RESULT_OK && second)
        dual_control_forget(&t->store, &clock_decision);
    if (code != RESULT_OK)
        return report_failure(&t->context.report, OUTCOME_INTERNAL, "store", _("The time could not be stored (%s)."),
                              store_problem(code));
    report_text(&t->context.report, "time", _("The clock says"), text);
    report_value(&t->context.report, "confirmed", json_boolean(second));
    report_line(&t->context.report, "%s",
                second ? _("Two administrators have confirmed the clock.")
                       : _("Now a second administrator confirms it, within 15 minutes: uketsuke clock confirm"));
    return OUTCOME_OK;
}
