/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `audit`: shows the log and checks its chain and the SE's signatures over it. */
#include "administration/administration.h"
#include "administration/audit_check.h"
#include "core/local_store_file.h"
#include "operator/operator_session.h"

#include "base/clock.h"

typedef struct shown_rows {
    report *report;
    json_t *list;
} shown_rows;

static void show_row(void *context, const terminal_audit_row *row) {
    const shown_rows *shown = context;
    char at[CLOCK_TEXT_SIZE], for_people[CLOCK_PEOPLE_SIZE];
    clock_text(row->at, at);
    clock_text_in_japan(row->at, for_people);
    report_line(shown->report, "%6lld %s %-22s %-16s %s %s", (long long)row->number, for_people, row->event,
                row->operator_id, row->outcome, row->subject);
    json_array_append_new(shown->list, json_pack("{s:I,s:s,s:s,s:s,s:s,s:s}", "number", (json_int_t)row->number, "at",
                                                 at, "event", row->event, "operatorId", row->operator_id, "outcome",
                                                 row->outcome, "subject", row->subject));
}

outcome audit_command(terminal *t) {
    operator_card actor;
    audit_check check;
    shown_rows shown = {.report = &t->context.report, .list = json_array()};
    outcome done = session_require(t->session, ROLE_ADMINISTRATOR | ROLE_DOCTOR | ROLE_RECEPTION, &actor);
    const result code = done == OUTCOME_OK ? audit_check_rows(t, show_row, &shown, &check) : RESULT_INTERNAL;
    report_value(&t->context.report, "rows", shown.list);
    if (done != OUTCOME_OK)
        return done;
    if (code != RESULT_OK)
        return report_failure(&t->context.report, OUTCOME_INTERNAL, "store", _("The audit log cannot be read (%s)."),
                              store_problem(code));
    report_number(&t->context.report, "signedUpTo", _("Signed by the SE up to row"), check.signed_up_to);
    done = audit_check_tell(&t->context.report, &check);
    if (done == OUTCOME_OK)
        report_line(&t->context.report, _("The chain of the audit log is whole."));
    return done;
}
