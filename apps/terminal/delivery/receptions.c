/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `receptions`: the work list: receptions whose final result differs from the one shown at the counter, until an
 * operator has seen to them. The daemon reconciles by itself, so the platform's answers may not have been read yet. */
#include "delivery/receptions.h"

#include "core/grade.h"
#include "core/local_store_file.h"
#include "delivery/ledger.h"
#include "core/quarantine.h"
#include "operator/operator_session.h"
#include "today/day_list.h"

#include "delivery/outbox.h"
#include "delivery/service_words.h"
#include "fhir/json.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 100 /* of each kind */
#define WHO_SIZE (2 * FHIR_NAME_SIZE)

/* Translates a refusal's code; the platform's own text is only in the JSON member reason. Records of an earlier version
 * have no code. */
static const char *words_of(const char *reason) {
    char code[FHIR_WORD_SIZE] = "";
    const char *end = strstr(reason, ": ");
    if (end != NULL && (size_t)(end - reason) < sizeof code)
        snprintf(code, sizeof code, "%.*s", (int)(end - reason), reason);
    return service_refusal_words(strcmp(code, "conflict") == 0 ? 409 : 422, code);
}

/* The patient: short number, name and hospital number, as far as they are known. */
static const char *who(const reception_record *record, char text[WHO_SIZE]) {
    char number[RECEPTION_NUMBER_SIZE];
    desk_person person;
    const char *hospital_number = record->note.hospital_number;
    reception_number(record->evidence_id, number);
    reception_person(record, &person);
    snprintf(text, WHO_SIZE, "%s%s%s%s%s", number, person.name[0] != 0 ? " " : "", person.name,
             *hospital_number != 0 ? _(", hospital number ") : "", hospital_number);
    return text;
}

static json_t *object_of(const reception_record *record, const eligibility_coverage *now) {
    char at[CLOCK_TEXT_SIZE], number[RECEPTION_NUMBER_SIZE];
    desk_person person;
    clock_text(record->at, at);
    reception_number(record->evidence_id, number);
    reception_person(record, &person);
    json_t *object = json_pack("{s:s,s:s,s:s,s:s,s:s*,s:s*,s:s*}", "evidenceId", record->evidence_id, "receptionNumber",
                               number, "at", at, "state", record->state, "insurer",
                               now != NULL ? now->insurer_name : NULL, "assumedInsurer",
                               record->assumed_insurer[0] != 0 ? record->assumed_insurer : NULL, "reason",
                               record->reason[0] != 0 ? record->reason : NULL);
    fhir_set_text(object, "name", person.name);
    fhir_set_text(object, "kana", person.kana);
    fhir_set_text(object, "birthDate", person.birth_date);
    fhir_set_text(object, "hospitalNumber", record->note.hospital_number);
    fhir_set_text(object, "department", record->note.department);
    fhir_set_text(object, "doneBy", record->note.done_by);
    fhir_set_text(object, "doneName", record->note.done_name);
    fhir_set_text(object, "doneAt", record->note.done_at);
    return object;
}

static void show_done(report *r, const desk_note *note) {
    char at[CLOCK_PEOPLE_SIZE];
    if (desk_note_done(note, at))
        report_line(r, _("  done by %s, %s"), desk_note_worker(note), at);
}

void receptions_show(report *r, const reception_record *record, const eligibility_coverage *now, json_t *list) {
    char whom[WHO_SIZE];
    const char *assumed = record->assumed_insurer[0] != 0 ? record->assumed_insurer : NULL;
    json_array_append_new(list, object_of(record, now));
    who(record, whom);
    if (strcmp(record->state, STATE_CONFIRMED) == 0)
        report_line(r, _("%s: confirmed (%s)"), whom, now != NULL ? now->insurer_name : "");
    else if (strcmp(record->state, STATE_CHANGED) == 0)
        report_line(r, _("%s: CHANGED: %s -> %s"), whom, assumed != NULL ? assumed : _("unknown"),
                    now != NULL ? now->insurer_name : _("unknown"));
    else if (strcmp(record->state, STATE_LOST) == 0)
        report_line(r, _("%s: NO COVERAGE on that day. Call the patient."), whom);
    else if (strcmp(record->state, STATE_DAMAGED) == 0)
        report_line(
            r,
            _("%s: it cannot be read any more, and the platform cannot be asked. Tell the administrator; ask the"
              " patient again."),
            whom);
    else if (strcmp(record->state, STATE_NEEDS_CALL) == 0)
        report_line(r, _("%s: several coverages. Call the patient and ask which one holds."), whom);
    else
        report_line(r, _("%s: refused by the platform: %s"), whom, words_of(record->reason));
    show_done(r, &record->note);
}

static void show_at(terminal *t, const reception_record *record, const eligibility_coverage *now, json_t *list) {
    char at[CLOCK_PEOPLE_SIZE];
    clock_text_in_japan(record->at, at);
    report_line(&t->context.report, "%s:", at);
    receptions_show(&t->context.report, record, now, list);
}

static void show_damaged(terminal *t, const terminal_record *row, json_t *list) {
    reception_record record = RECEPTION_RECORD_INIT;
    record.at = row->at;
    snprintf(record.evidence_id, sizeof record.evidence_id, "%.36s", row->id);
    snprintf(record.state, sizeof record.state, "%s", STATE_DAMAGED);
    show_at(t, &record, NULL, list);
}

/* One that cannot be read becomes STATE_DAMAGED, which is shown last. */
static result show_stored(terminal *t, const terminal_record *row, json_t *list) {
    static eligibility_response answer; /* large: kept off the stack */
    reception_record record;
    const eligibility_coverage *now = NULL;
    char day[CLOCK_DATE_SIZE];
    result code = record_get_reception(&t->store, row->id, &record);
    if (code == RESULT_OK && record.answer.length > 0)
        code = eligibility_response_read(buffer_bytes(&record.answer), &answer, NULL);
    if (code == RESULT_OK && record.answer.length > 0) {
        clock_date_in_japan(record.at, day);
        now = eligibility_coverage_on(&answer, day);
    }
    if (code == RESULT_OK && (record.note.done_at[0] == 0 || t->context.options.all))
        show_at(t, &record, now, list);
    reception_record_wipe(&record);
    return code == RESULT_OK ? RESULT_OK : quarantine_record(&t->store, row->id, code);
}

static result show_state(terminal *t, const char *state, json_t *list) {
    terminal_record rows[SHOWN_MAX];
    const terminal_filter wanted = {.kind = RECORD_RECEPTION, .state = state, .newest_first = true};
    const int64_t all = ledger_count(&t->store, RECORD_RECEPTION, state);
    size_t count = 0;
    result code = terminal_store_list(t->store.file, &wanted, rows, SHOWN_MAX, &count);
    for (size_t i = 0; i < count && code == RESULT_OK; i++)
        if (strcmp(state, STATE_DAMAGED) == 0)
            show_damaged(t, &rows[i], list);
        else
            code = show_stored(t, &rows[i], list);
    if (code == RESULT_OK && all > (int64_t)count)
        report_line(&t->context.report, _("and %lld older ones"), (long long)(all - (int64_t)count));
    return code;
}

/* On the list, in this order. */
static const char *const states[] = {STATE_LOST, STATE_NEEDS_CALL, STATE_REFUSED, STATE_CHANGED, STATE_DAMAGED};

outcome receptions_command(terminal *t) {
    operator_card actor;
    json_t *list = json_array();
    result code = RESULT_OK;
    outcome done = session_require_reading(t->session, ROLE_RECEPTION | ROLE_ADMINISTRATOR, &actor);
    for (size_t i = 0; i < sizeof states / sizeof *states && done == OUTCOME_OK && code == RESULT_OK; i++)
        code = show_state(t, states[i], list);
    if (done == OUTCOME_OK && code == RESULT_OK && json_array_size(list) == 0)
        report_line(&t->context.report, _("All receptions were confirmed as shown at the counter."));
    report_value(&t->context.report, "receptions", list);
    if (code != RESULT_OK)
        return day_list_failed(&t->context.report, code);
    return done;
}

/* --- seen to -------------------------------------------------------------------------------------------------------- */

/* On the work list and readable: a damaged record cannot be marked. */
static bool is_work(const list_row *row) {
    bool listed = false;
    for (size_t i = 0; i < sizeof states / sizeof *states && !listed; i++)
        listed = strcmp(row->state, states[i]) == 0;
    return listed && !row->without_card && strcmp(row->state, STATE_DAMAGED) != 0;
}

/* --again removes the mark. */
static outcome mark(terminal *t, list_row *row, const operator_card *actor) {
    desk_note note = row->note;
    report *r = &t->context.report;
    const bool again = t->context.options.again;
    if (!is_work(row))
        return report_failure(r, OUTCOME_USAGE, "no-work", _("This reception is not on the list."));
    if (!again && note.done_at[0] != 0) {
        const char *by = desk_note_worker(&note);
        report_text(r, "doneName", NULL, by);
        return report_failure(r, OUTCOME_REFUSED, "done-already", _("%s has done this already."), by);
    }
    desk_note_mark(&note, again ? NULL : &(desk_worker){actor->id, actor->name}, clock_wall_s());
    return day_list_keep_note(t, row, &note);
}

outcome receptions_done_command(terminal *t) {
    static list_row row; /* large: kept off the stack */
    operator_card actor;
    outcome done = session_require(t->session, ROLE_RECEPTION | ROLE_ADMINISTRATOR, &actor);
    if (done == OUTCOME_OK)
        done = day_list_find(t, t->context.options.arguments[0], &row);
    if (done == OUTCOME_OK)
        done = mark(t, &row, &actor);
    return done;
}
