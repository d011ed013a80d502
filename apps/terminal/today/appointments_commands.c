/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `appointments`: the patients to be called before they come, and the mark that they were called. */
#include "today/appointment_show.h"
#include "today/day_list.h"
#include "today/today.h"

#include "core/note_options.h"
#include "delivery/japanese_text.h"
#include "operator/operator_session.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

#define DAY_S 86400
#define DAYS_MAX 62 /* more than are kept */
#define WHO (ROLE_RECEPTION | ROLE_ADMINISTRATOR)

typedef struct showing {
    report *report;
    bool all;
    json_t *list;
} showing;

static result show(void *context, const appointment *one) {
    const showing *to = context;
    if (to->all || one->note.done_at[0] == 0)
        appointment_show(to->report, one, to->list);
    return RESULT_OK;
}

static result show_days(terminal *t, int64_t from, int64_t to, json_t *list) {
    showing shown = {&t->context.report, t->context.options.all, list};
    char day[CLOCK_DATE_SIZE];
    result code = RESULT_OK;
    for (int n = 0; code == RESULT_OK && from < to && n < DAYS_MAX; n++, from += DAY_S) {
        clock_date_in_japan(from, day);
        code = appointments_each(&t->store, day, show, &shown);
    }
    return code;
}

outcome appointments_command(terminal *t) {
    operator_card actor;
    int64_t from = 0, to = 0;
    json_t *list = json_array();
    report *r = &t->context.report;
    outcome done = session_require_reading(t->session, WHO, &actor);
    if (done == OUTCOME_OK)
        done = note_options_days(&t->context, &from, &to);
    const result code = done == OUTCOME_OK ? show_days(t, from, to, list) : RESULT_OK;
    if (done == OUTCOME_OK && code == RESULT_OK && json_array_size(list) == 0)
        report_line(r, "%s", _("No patient with an appointment needs a call."));
    report_value(r, "appointments", list);
    return code == RESULT_OK ? done : day_list_failed(r, code);
}

/* --- called ------------------------------------------------------------------------------------------------------- */

static outcome find(terminal *t, const char *named, appointment *out) {
    char number[FHIR_WORD_SIZE];
    report *r = &t->context.report;
    result code = RESULT_NOT_FOUND;
    if (japanese_fold_code(named, number, sizeof number) == RESULT_OK)
        code = appointments_find(&t->store, number, out);
    if (code == RESULT_NOT_FOUND)
        return report_failure(r, OUTCOME_USAGE, "no-such-appointment",
                              _("There is no appointment %s on the list of those to call."), named);
    return code == RESULT_OK ? OUTCOME_OK : day_list_failed(r, code);
}

/* --again removes the mark. */
static outcome mark(terminal *t, appointment *a, const operator_card *actor) {
    desk_note *n = &a->note;
    report *r = &t->context.report;
    const bool again = t->context.options.again;
    if (!again && n->done_at[0] != 0) {
        const char *by = desk_note_worker(n);
        report_text(r, "doneName", NULL, by);
        return report_failure(r, OUTCOME_REFUSED, "done-already", _("%s has done this already."), by);
    }
    desk_note_mark(n, again ? NULL : &(desk_worker){actor->id, actor->name}, clock_wall_s());
    const result code = appointments_keep_note(&t->store, a);
    return code == RESULT_OK
               ? OUTCOME_OK
               : report_failure(r, OUTCOME_INTERNAL, "store", _("The change could not be stored (%s). Begin again."),
                                report_cause(code));
}

outcome appointments_done_command(terminal *t) {
    static appointment one; /* large: kept off the stack */
    operator_card actor;
    json_t *list = json_array();
    outcome done = session_require(t->session, WHO, &actor);
    if (done == OUTCOME_OK)
        done = find(t, t->context.options.arguments[0], &one);
    if (done == OUTCOME_OK)
        done = mark(t, &one, &actor);
    if (done == OUTCOME_OK)
        appointment_show(&t->context.report, &one, list);
    report_value(&t->context.report, "appointments", list);
    return done;
}
