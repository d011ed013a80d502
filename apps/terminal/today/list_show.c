/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rows of lists in words. */
#include "today/list_line.h"
#include "today/list_row.h"
#include "today/paper_words.h"

#include "fhir/json.h"

#include <stdio.h>
#include <string.h>

/* --- words -------------------------------------------------------------------------------------------------------- */

typedef struct word {
    const char *code, *words;
} word;

static const word states[] = {
    {STATE_CONFIRMED, N_("coverage confirmed")},         {STATE_CHANGED, N_("another coverage than assumed")},
    {STATE_LOST, N_("no coverage on that day")},         {STATE_NEEDS_CALL, N_("several coverages")},
    {STATE_NOT_COVERED, N_("no coverage in force")},     {STATE_SEVERAL, N_("several coverages")},
    {STATE_REFUSED, N_("not accepted by the platform")}, {STATE_DAMAGED, N_("cannot be read any more")},
};
static const word grades[] = {
    {"provisional-a", N_("provisional A, to be confirmed")},
    {"provisional-b", N_("provisional B, to be confirmed")},
    {"provisional-c", N_("provisional C, to be confirmed")},
};
static const word visits[] = {
    {STATE_AWAITING, N_("visit signed, waits for the eligibility")},
    {STATE_HELD, N_("visit signed, not sent: no eligibility")},
    {STATE_FILED, N_("visit signed, kept here")},
    {STATE_QUEUED, N_("visit signed, waits to be sent")},
    {STATE_REGISTERED, N_("visit registered")},
    {STATE_REJECTED, N_("visit refused by the history service")},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const char *words_of(const word *table, size_t count, const char *code) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].code, code) == 0)
            return language_text(table[i].words);
    return "";
}

const char *list_row_state_words(const list_row *row) {
    if (row->without_card)
        return paper_title(row->paper);
    return strcmp(row->state, STATE_PENDING) == 0 ? words_of(grades, COUNT(grades), row->grade)
                                                  : words_of(states, COUNT(states), row->state);
}

/* --- for programs ------------------------------------------------------------------------------------------------- */

static json_t *object_of(const list_row *row) {
    char at[CLOCK_TEXT_SIZE], number[RECEPTION_NUMBER_SIZE];
    const desk_person *p = &row->person;
    const desk_note *n = &row->note;
    clock_text(row->at, at);
    reception_number(row->id, number);
    json_t *object = json_pack("{s:s,s:s,s:s,s:s,s:b}", "evidenceId", row->id, "receptionNumber", number, "at", at,
                               "state", row->state, "withoutCard", (int)row->without_card);
    if (object == NULL)
        return NULL;
    fhir_set_text(object, "paper", row->without_card ? paper_kind_word(row->paper) : "");
    fhir_set_text(object, "grade", row->grade);
    fhir_set_text(object, "visit", row->visit);
    fhir_set_text(object, "insurer", row->insurer);
    fhir_set_text(object, "insurerNumber", row->insurer_number);
    fhir_set_text(object, "assumedInsurer", row->assumed);
    fhir_set_text(object, "reason", row->reason);
    fhir_set_text(object, "name", p->name);
    fhir_set_text(object, "kana", p->kana);
    fhir_set_text(object, "birthDate", p->birth_date);
    fhir_set_text(object, "sex", p->sex);
    fhir_set_text(object, "hospitalNumber", n->hospital_number);
    fhir_set_text(object, "department", n->department);
    fhir_set_text(object, "doneBy", n->done_by);
    fhir_set_text(object, "doneName", n->done_name);
    fhir_set_text(object, "doneAt", n->done_at);
    return object;
}

/* --- for people --------------------------------------------------------------------------------------------------- */

/* "09:02", of today or another day. */
static void put_time(buffer *line, int64_t at) {
    char shown[CLOCK_PEOPLE_SIZE], day[CLOCK_DATE_SIZE], today[CLOCK_DATE_SIZE];
    clock_text_in_japan(at, shown);
    clock_date_in_japan(at, day);
    clock_date_in_japan(clock_wall_s(), today);
    buffer_append_format(line, "%.*s", strcmp(day, today) == 0 ? 5 : 16, shown + (strcmp(day, today) == 0 ? 11 : 0));
}

static void put_state(buffer *line, const list_row *row) {
    list_line_put(line, "", row->note.department, "");
    list_line_put(line, "", list_row_state_words(row), "");
    if (strcmp(row->state, STATE_CHANGED) == 0 && row->insurer[0] != 0) {
        buffer_append_format(line, "  %s -> %s", row->assumed[0] != 0 ? row->assumed : _("unknown"), row->insurer);
    } else
        list_line_put(line, "", row->insurer, "");
    list_line_put(line, "", words_of(visits, COUNT(visits), row->visit), "");
}

void list_row_show(report *r, const list_row *row, json_t *list) {
    char number[RECEPTION_NUMBER_SIZE];
    json_array_append_new(list, object_of(row));
    if (r->json)
        return;
    buffer first = BUFFER_INIT(LIST_LINE_MAX), second = BUFFER_INIT(LIST_LINE_MAX);
    reception_number(row->id, number);
    put_time(&first, row->at);
    list_line_put(&first, "", number, "");
    list_line_person(&first, &row->person, row->note.hospital_number);
    put_state(&second, row);
    list_line_done(&second, &row->note);
    report_line(r, "%s", buffer_text(&first));
    report_line(r, "       %s", buffer_text(&second));
    buffer_wipe(&first);
    buffer_wipe(&second);
}

void list_row_tell(report *r, const list_row *row) {
    char at[CLOCK_TEXT_SIZE], number[RECEPTION_NUMBER_SIZE];
    const desk_person *p = &row->person;
    clock_text(row->at, at);
    reception_number(row->id, number);
    report_text(r, "name", _("Name"), p->name);
    report_text(r, "kana", _("Kana"), p->kana);
    report_text(r, "birthDate", _("Birth date"), p->birth_date);
    report_text(r, "sex", NULL, p->sex);
    if (*list_line_sex(p->sex) != 0)
        report_line(r, "%s: %s", _("Sex"), list_line_sex(p->sex));
    report_text(r, "hospitalNumber", _("Hospital number"), row->note.hospital_number);
    report_text(r, "department", _("Department"), row->note.department);
    report_text(r, "insurer", _("Insurer"), row->insurer);
    report_text(r, "insurerNumber", _("Insurer number"), row->insurer_number);
    report_text(r, "state", NULL, row->state);
    report_text(r, "grade", NULL, row->grade);
    report_line(r, "%s: %s", _("State"), list_row_state_words(row));
    report_text(r, "visit", NULL, row->visit);
    if (row->visit[0] != 0)
        report_line(r, "%s: %s", _("Visit"), words_of(visits, COUNT(visits), row->visit));
    report_text(r, "doneName", _("Done by"), row->note.done_name);
    report_time(r, "doneAt", _("Done at"), row->note.done_at);
    report_time(r, "at", _("Received at"), at);
    report_text(r, "evidenceId", NULL, row->id);
    report_text(r, "receptionNumber", _("Reception number"), number);
}
