/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "extract/insured_row.h"

#include "base/copy_text.h"
#include "fhir/json.h"

#include <stdio.h>
#include <string.h>

/* --- what is new -------------------------------------------------------------------------------------------------- */

/* An older reception may be answered late. */
static void take_reception(insured_row *row, const insured_row *fresh) {
    if (strcmp(fresh->received_on, row->received_on) < 0)
        return;
    COPY_TEXT(row->evidence_id, fresh->evidence_id);
    COPY_TEXT(row->received_on, fresh->received_on);
}

static void take_word(insured_row *row, const insured_word *word) {
    if (word->at >= row->word.at)
        row->word = *word;
}

/* Only the next appointment is kept: later ones are announced again before their day. */
static void take_appointment(insured_row *row, const insured_row *fresh, const char *today) {
    const bool past = strcmp(row->appointment, today) < 0; /* or none */
    if (past || strcmp(fresh->appointment, row->appointment) < 0)
        COPY_TEXT(row->appointment, fresh->appointment);
}

static void take_asked(insured_row *row, const insured_row *fresh) {
    COPY_TEXT(row->asked_on, fresh->asked_on);
    row->asked_for = fresh->asked_for;
    row->finding = fresh->finding;
}

void insured_row_take(insured_row *row, const insured_note *note, const char *today) {
    COPY_TEXT(row->terminal, note->row.terminal);
    COPY_TEXT(row->patient_serial, note->row.patient_serial);
    if (note->news == INSURED_RECEPTION || row->evidence_id[0] == 0)
        take_reception(row, &note->row);
    if (note->news == INSURED_CHECK)
        take_appointment(row, &note->row, today);
    if (note->news == INSURED_ASKED)
        take_asked(row, &note->row);
    if (note->row.word.at != 0)
        take_word(row, &note->row.word);
}

/* --- rules -------------------------------------------------------------------------------------------------------- */

void insured_row_facts(const insured_row *row, extract_facts *out) {
    *out = (extract_facts){.validity = row->word.validity};
    if (row->word.at != 0)
        clock_date_in_japan(row->word.at, out->answered_on);
    COPY_TEXT(out->about_day, row->word.about_day);
    COPY_TEXT(out->ends_on, row->word.coverage.to);
    COPY_TEXT(out->begins_on, row->word.begins_on);
    COPY_TEXT(out->appointment, row->appointment);
}

unsigned insured_row_due(const insured_row *row, const extract_rules *rules, const char *today) {
    extract_facts facts;
    insured_row_facts(row, &facts);
    const unsigned reasons = extract_reasons(rules, &facts, today), eve = 1u << EXTRACT_APPOINTMENT;
    const bool asked = strcmp(row->asked_on, today) == 0, told = strcmp(facts.answered_on, today) == 0;
    if (asked && (row->asked_for & eve) != 0)
        return 0;
    return asked || told ? reasons & eve : reasons;
}

/* --- as text ------------------------------------------------------------------------------------------------------ */

result insured_row_write(const insured_row *row, buffer *text) {
    const eligibility_coverage *c = &row->word.coverage;
    json_t *word = json_pack("{s:I,s:s,s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "at", (json_int_t)row->word.at, "day",
                             row->word.about_day, "validity", (int)row->word.validity, "insurer", c->insurer_number,
                             "symbol", c->symbol, "number", c->number, "branch", c->branch, "from", c->from, "to",
                             c->to, "begins", row->word.begins_on);
    return fhir_dump_and_free(json_pack("{s:s,s:s,s:s,s:s,s:o,s:s,s:s,s:i,s:i}", "terminal", row->terminal, "patient",
                                        row->patient_serial, "evidence", row->evidence_id, "received", row->received_on,
                                        "word", word, "appointment", row->appointment, "askedOn", row->asked_on,
                                        "askedFor", (int)row->asked_for, "finding", (int)row->finding),
                              text);
}

static int number_of(const json_t *object, const char *name) {
    return (int)json_integer_value(json_object_get(object, name));
}

static void read_word(const json_t *object, insured_word *out) {
    eligibility_coverage *c = &out->coverage;
    out->at = json_integer_value(json_object_get(object, "at"));
    out->validity = (eligibility_validity)number_of(object, "validity");
    fhir_copy(object, "day", out->about_day, sizeof out->about_day);
    fhir_copy(object, "insurer", c->insurer_number, sizeof c->insurer_number);
    fhir_copy(object, "symbol", c->symbol, sizeof c->symbol);
    fhir_copy(object, "number", c->number, sizeof c->number);
    fhir_copy(object, "branch", c->branch, sizeof c->branch);
    fhir_copy(object, "from", c->from, sizeof c->from);
    fhir_copy(object, "to", c->to, sizeof c->to);
    fhir_copy(object, "begins", out->begins_on, sizeof out->begins_on);
}

result insured_row_read(bytes text, insured_row *out) {
    json_t *root = fhir_parse(text, NULL);
    *out = (insured_row){0};
    fhir_copy(root, "terminal", out->terminal, sizeof out->terminal);
    fhir_copy(root, "patient", out->patient_serial, sizeof out->patient_serial);
    fhir_copy(root, "evidence", out->evidence_id, sizeof out->evidence_id);
    fhir_copy(root, "received", out->received_on, sizeof out->received_on);
    fhir_copy(root, "appointment", out->appointment, sizeof out->appointment);
    fhir_copy(root, "askedOn", out->asked_on, sizeof out->asked_on);
    read_word(json_object_get(root, "word"), &out->word);
    out->asked_for = (unsigned)number_of(root, "askedFor");
    const int finding = number_of(root, "finding");
    const bool good = root != NULL && finding >= PRE_CHECK_NOT_ASKED && finding <= PRE_CHECK_NOT_FOUND;
    out->finding = good ? (pre_check_finding)finding : PRE_CHECK_NOT_ASKED;
    json_decref(root);
    return good ? RESULT_OK : RESULT_INVALID;
}
