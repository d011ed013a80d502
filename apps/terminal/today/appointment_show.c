/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "today/appointment_show.h"

#include "today/list_line.h"

#include "base/clock.h"
#include "fhir/json.h"

#include <string.h>

/* By pre_check_finding; appointments with other findings are not stored. */
static const char *const findings[] = {
    [PRE_CHECK_NOT_ASKED] = "",
    [PRE_CHECK_UNCHANGED] = "",
    [PRE_CHECK_CHANGED] = N_("THE INSURANCE HAS CHANGED"),
    [PRE_CHECK_LOST] = N_("NO COVERAGE on that day"),
    [PRE_CHECK_SEVERAL] = N_("several coverages: ask which one holds"),
    [PRE_CHECK_NOT_FOUND] = N_("COVERAGE NOT FOUND"),
};

static json_t *object_of(const appointment *a, const char *number) {
    json_t *object = json_pack("{s:s,s:s,s:s}", "number", number, "day", a->day, "finding",
                               appointment_finding_word(a->finding));
    const desk_note *n = &a->note;
    fhir_set_text(object, "time", a->time);
    fhir_set_text(object, "name", n->said.name);
    fhir_set_text(object, "kana", n->said.kana);
    fhir_set_text(object, "birthDate", n->said.birth_date);
    fhir_set_text(object, "hospitalNumber", n->hospital_number);
    fhir_set_text(object, "department", n->department);
    fhir_set_text(object, "insurerBefore", a->before);
    fhir_set_text(object, "insurer", a->insurer);
    fhir_set_text(object, "doneBy", n->done_by);
    fhir_set_text(object, "doneName", n->done_name);
    fhir_set_text(object, "doneAt", n->done_at);
    return object;
}

static void put_finding(buffer *line, const appointment *a) {
    list_line_put(line, "", a->note.department, "");
    list_line_put(line, "", language_text(findings[a->finding]), "");
    if (a->finding == PRE_CHECK_CHANGED)
        buffer_append_format(line, "  %s -> %s", a->before[0] != 0 ? a->before : _("unknown"), a->insurer);
    else
        list_line_put(line, _("before: "), a->before, "");
}

void appointment_show(report *r, const appointment *a, json_t *list) {
    char number[RECEPTION_NUMBER_SIZE];
    reception_number(a->id, number);
    json_array_append_new(list, object_of(a, number));
    if (r->json)
        return;
    buffer first = BUFFER_INIT(LIST_LINE_MAX), second = BUFFER_INIT(LIST_LINE_MAX);
    list_line_put(&first, "", a->day, "");
    list_line_put(&first, "", a->time, "");
    list_line_put(&first, "", number, "");
    list_line_person(&first, &a->note.said, a->note.hospital_number);
    put_finding(&second, a);
    list_line_done(&second, &a->note);
    report_line(r, "%s", buffer_text(&first));
    report_line(r, "       %s", buffer_text(&second));
    buffer_wipe(&first);
    buffer_wipe(&second);
}

result appointment_show_waiting(report *r, store_access *s) {
    char today[CLOCK_DATE_SIZE];
    size_t count;
    clock_date_in_japan(clock_wall_s(), today);
    const result code = appointments_waiting(s, today, &count);
    if (code == RESULT_OK && count > 0)
        report_line(r, _("To be called before they come today: %zu (list of appointments)"), count);
    report_value(r, "appointmentsToCall", json_integer((json_int_t)count));
    return code;
}
