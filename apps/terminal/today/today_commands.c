/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "today/today.h"

#include "core/note_options.h"
#include "operator/operator_session.h"
#include "today/appointment_show.h"
#include "today/day_list.h"
#include "today/search_upkeep.h"
#include "today/slip_content.h"

#include "delivery/search_index.h"

#include <stdio.h>
#include <string.h>

#define FOUND_SHOWN 50
#define EVERYBODY (ROLE_RECEPTION | ROLE_DOCTOR | ROLE_ADMINISTRATOR)

/* --- days --------------------------------------------------------------------------------------------------------- */

outcome today_command(terminal *t) {
    operator_card actor;
    int64_t from = 0, to = 0;
    json_t *list = json_array();
    outcome done = session_require(t->session, EVERYBODY, &actor);
    if (done == OUTCOME_OK)
        done = note_options_days(&t->context, &from, &to);
    result code = done == OUTCOME_OK
                      ? day_list_show(t, from, to, actor.role == ROLE_DOCTOR ? actor.department : NULL, list)
                      : RESULT_OK;
    if (done == OUTCOME_OK && code == RESULT_OK && json_array_size(list) == 0)
        report_line(&t->context.report, "%s", _("There is no reception."));
    report_value(&t->context.report, "receptions", list);
    if (done == OUTCOME_OK && code == RESULT_OK && actor.role != ROLE_DOCTOR)
        code = appointment_show_waiting(&t->context.report, &t->store);
    return code == RESULT_OK ? done : day_list_failed(&t->context.report, code);
}

/* --- search ------------------------------------------------------------------------------------------------------- */

/* Opens and compares each hit of the index, which alone proves nothing. */
static result show_if_it_matches(terminal *t, const search_query *query, const char *id, json_t *list) {
    static list_row row; /* large: kept off the stack */
    const result code = day_list_read(&t->store, id, &row);
    if (code == RESULT_NOT_FOUND)
        return RESULT_OK;
    if (code == RESULT_OK && search_query_matches(query, row.id, row.note.hospital_number, &row.person))
        list_row_show(&t->context.report, &row, list);
    return code;
}

static result find(terminal *t, const search_query *query, json_t *list) {
    char ids[FOUND_SHOWN + 1][37];
    size_t count = 0;
    result code = search_upkeep(&t->store);
    if (code == RESULT_OK)
        code = search_index_find(&t->store, query, NULL, ids, FOUND_SHOWN + 1, &count);
    for (size_t i = 0; code == RESULT_OK && i < count && i < FOUND_SHOWN; i++)
        code = show_if_it_matches(t, query, ids[i], list);
    report_value(&t->context.report, "more", json_boolean(count > FOUND_SHOWN));
    if (code == RESULT_OK && count > FOUND_SHOWN)
        report_line(&t->context.report, _("and older ones: type more of the name, or the birth date"));
    return code;
}

outcome today_find_command(terminal *t) {
    operator_card actor;
    search_query query;
    json_t *list = json_array();
    report *r = &t->context.report;
    const options *o = &t->context.options;
    result code = RESULT_OK;
    outcome done = session_require(t->session, EVERYBODY, &actor);
    if (done == OUTCOME_OK &&
        search_query_read((const char *const *)o->arguments, (size_t)o->argument_count, &query) != RESULT_OK)
        done = report_failure(r, OUTCOME_USAGE, "search",
                              _("Type a name, kana, a birth date (1972-11-03), or a number; of each kind one."));
    if (done == OUTCOME_OK)
        code = find(t, &query, list);
    if (done == OUTCOME_OK && code == RESULT_OK && json_array_size(list) == 0)
        report_line(r, "%s", _("There is no such reception."));
    report_value(r, "receptions", list);
    return code == RESULT_OK ? done : day_list_failed(r, code);
}

/* --- one of them -------------------------------------------------------------------------------------------------- */

static void tell(report *r, const list_row *row) {
    slip s;
    list_row_tell(r, row);
    slip_of(row, &s);
    report_value(r, "slip", slip_json(&s));
}

outcome today_show_command(terminal *t) {
    static list_row row; /* large: kept off the stack */
    operator_card actor;
    outcome done = session_require(t->session, EVERYBODY, &actor);
    if (done == OUTCOME_OK)
        done = day_list_find(t, t->context.options.arguments[0], &row);
    if (done == OUTCOME_OK)
        tell(&t->context.report, &row);
    return done;
}

outcome today_amend_command(terminal *t) {
    static list_row row; /* large: kept off the stack */
    operator_card actor;
    outcome done = session_require(t->session, ROLE_RECEPTION | ROLE_ADMINISTRATOR, &actor);
    if (done == OUTCOME_OK)
        done = day_list_find(t, t->context.options.arguments[0], &row);
    desk_note note = row.note;
    if (done == OUTCOME_OK)
        done = note_options_read(&t->context, &note);
    if (done == OUTCOME_OK && memcmp(&note, &row.note, sizeof note) == 0)
        done = report_failure(&t->context.report, OUTCOME_USAGE, "usage", _("Nothing is changed by that."));
    if (done == OUTCOME_OK)
        done = day_list_keep_note(t, &row, &note);
    return done;
}
