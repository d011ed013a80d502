/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "today/list_row.h"

#include "delivery/japanese_text.h"

#include <stdio.h>
#include <string.h>

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void take_answer(const reception_record *record, list_row *out) {
    static eligibility_response answer; /* large: kept off the stack */
    char day[CLOCK_DATE_SIZE];
    clock_date_in_japan(record->at, day);
    if (record->answer.length == 0 ||
        eligibility_response_read(buffer_bytes(&record->answer), &answer, NULL) != RESULT_OK)
        return;
    out->validity = answer.validity;
    const eligibility_coverage *now = eligibility_coverage_on(&answer, day);
    if (now == NULL)
        return;
    out->coverage = *now;
    snprintf(out->insurer, sizeof out->insurer, "%s", now->insurer_name);
    snprintf(out->insurer_number, sizeof out->insurer_number, "%s", now->insurer_number);
}

static result read_reception(store_access *s, list_row *out) {
    reception_record record;
    const result code = record_get_reception(s, out->id, &record);
    if (code == RESULT_OK) {
        snprintf(out->grade, sizeof out->grade, "%s", record.grade);
        snprintf(out->reason, sizeof out->reason, "%s", record.reason);
        snprintf(out->assumed, sizeof out->assumed, "%s", record.assumed_insurer);
        out->note = record.note;
        reception_person(&record, &out->person);
        take_answer(&record, out);
    }
    reception_record_wipe(&record);
    return code;
}

static result read_paper(store_access *s, list_row *out) {
    paper_record record;
    const result code = paper_record_get(s, out->id, &record);
    if (code != RESULT_OK)
        return code;
    out->without_card = true;
    out->paper = record.kind;
    out->note = record.note;
    out->person = record.note.said;
    snprintf(out->insurer_number, sizeof out->insurer_number, "%s", record.insurer_number);
    return RESULT_OK;
}

/* The newest visit of the reception that is not damaged. */
static result read_visit(store_access *s, list_row *out) {
    terminal_record visits[8];
    size_t count = 0;
    const terminal_filter same = {.kind = RECORD_VISIT, .subject = out->id, .newest_first = true};
    const result code = terminal_store_list(s->file, &same, visits, sizeof visits / sizeof *visits, &count);
    for (size_t i = 0; code == RESULT_OK && i < count && out->visit[0] == 0; i++)
        if (strcmp(visits[i].state, STATE_DAMAGED) != 0)
            snprintf(out->visit, sizeof out->visit, "%s", visits[i].state);
    return code;
}

result list_row_read(store_access *s, const terminal_record *record, list_row *out) {
    *out = (list_row){.at = record->at};
    snprintf(out->id, sizeof out->id, "%.36s", record->id);
    snprintf(out->state, sizeof out->state, "%s", record->state);
    result code = read_visit(s, out);
    if (code == RESULT_OK && strcmp(record->state, STATE_DAMAGED) != 0)
        code = strcmp(record->kind, RECORD_WITHOUT_CARD) == 0 ? read_paper(s, out) : read_reception(s, out);
    if (!record_is_damage(code))
        return code;
    snprintf(out->state, sizeof out->state, "%s", STATE_DAMAGED);
    return RESULT_OK;
}

bool list_row_is_for(const list_row *row, const char *department) {
    char here[FHIR_NAME_SIZE], wanted[FHIR_NAME_SIZE];
    if (row->note.department[0] == 0)
        return true;
    return japanese_fold_name(row->note.department, here, sizeof here) == RESULT_OK &&
           japanese_fold_name(department, wanted, sizeof wanted) == RESULT_OK && strcmp(here, wanted) == 0;
}
