/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `receptions`: receptions whose final result differs from the one shown at the counter. The daemon reconciles by
 * itself, so the platform's answers may not have been read yet. */
#include "delivery/receptions.h"

#include "core/grade.h"
#include "core/local_store_file.h"
#include "delivery/ledger.h"
#include "core/quarantine.h"
#include "operator/operator_session.h"

#include "delivery/outbox.h"
#include "delivery/service_words.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 100 /* of each kind */

/* A refusal's code has words in the reader's language; what the platform wrote behind it is in JSON's reason. Records of
 * the version before have no code. */
static const char *words_of(const char *reason) {
    char code[FHIR_WORD_SIZE] = "";
    const char *end = strstr(reason, ": ");
    if (end != NULL && (size_t)(end - reason) < sizeof code)
        snprintf(code, sizeof code, "%.*s", (int)(end - reason), reason);
    return service_refusal_words(strcmp(code, "conflict") == 0 ? 409 : 422, code);
}

void receptions_show(report *r, const reception_record *record, const eligibility_coverage *now, json_t *list) {
    char at[CLOCK_TEXT_SIZE];
    const char *assumed = record->assumed_insurer[0] != 0 ? record->assumed_insurer : NULL;
    clock_text(record->at, at);
    json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s*,s:s*,s:s*}", "evidenceId", record->evidence_id, "at", at,
                                          "state", record->state, "insurer", now != NULL ? now->insurer_name : NULL,
                                          "assumedInsurer", assumed, "reason",
                                          record->reason[0] != 0 ? record->reason : NULL));
    if (strcmp(record->state, STATE_CONFIRMED) == 0)
        report_line(r, _("%s: confirmed (%s)"), record->evidence_id, now != NULL ? now->insurer_name : "");
    else if (strcmp(record->state, STATE_CHANGED) == 0)
        report_line(r, _("%s: CHANGED: %s -> %s"), record->evidence_id, assumed != NULL ? assumed : _("unknown"),
                    now != NULL ? now->insurer_name : _("unknown"));
    else if (strcmp(record->state, STATE_LOST) == 0)
        report_line(r, _("%s: NO COVERAGE on that day. Call the patient."), record->evidence_id);
    else if (strcmp(record->state, STATE_DAMAGED) == 0)
        report_line(
            r,
            _("%s: it cannot be read any more, and the platform cannot be asked. Tell the administrator; ask the"
              " patient again."),
            record->evidence_id);
    else if (strcmp(record->state, STATE_NEEDS_CALL) == 0)
        report_line(r, _("%s: several coverages. Call the patient and ask which one holds."), record->evidence_id);
    else
        report_line(r, _("%s: refused by the platform: %s"), record->evidence_id, words_of(record->reason));
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
    if (code == RESULT_OK)
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

outcome receptions_command(terminal *t) {
    static const char *const states[] = {STATE_LOST, STATE_NEEDS_CALL, STATE_REFUSED, STATE_CHANGED, STATE_DAMAGED};
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
        return report_failure(
            &t->context.report, OUTCOME_INTERNAL, "store",
            _("A reception could not be read from the local store (%s). Nothing was changed; begin again."),
            store_problem(code));
    return done;
}
