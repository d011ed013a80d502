/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/pre_check_result.h"

#include "delivery/appointment.h"
#include "delivery/sealed_record.h"

#include "base/copy_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOKED_AT_MAX 32 /* receptions of one patient */

/* --- whether it is on the list ------------------------------------------------------------------------------------ */

typedef struct search {
    const appointment *fresh;
    bool found;
} search;

/* A hospital number identifies a person; a name can be written in two ways. */
static bool is_person(const desk_note *a, const desk_note *b) {
    if (a->hospital_number[0] != 0 && b->hospital_number[0] != 0)
        return strcmp(a->hospital_number, b->hospital_number) == 0;
    return strcmp(a->said.birth_date, b->said.birth_date) == 0 &&
           ((a->said.name[0] != 0 && strcmp(a->said.name, b->said.name) == 0) ||
            (a->said.kana[0] != 0 && strcmp(a->said.kana, b->said.kana) == 0));
}

static result compare(void *context, const appointment *one) {
    search *wanted = context;
    wanted->found |= one->finding == wanted->fresh->finding && strcmp(one->insurer, wanted->fresh->insurer) == 0 &&
                     is_person(&one->note, &wanted->fresh->note);
    return RESULT_OK;
}

static bool can_be_called(const desk_note *note) {
    return note->hospital_number[0] != 0 || note->said.name[0] != 0 || note->said.kana[0] != 0;
}

/* Does nothing if the list has the same finding already, from a file of appointments or an earlier answer. */
static result put_on_list(store_access *s, const appointment *fresh, long long *to_call) {
    search wanted = {fresh, false};
    result code = appointments_each(s, fresh->day, compare, &wanted);
    if (code != RESULT_OK || wanted.found)
        return code;
    code = appointments_take(s, fresh->day, fresh, 1);
    *to_call += code == RESULT_OK && appointment_is_to_call(fresh->finding);
    return code;
}

/* --- one entry ---------------------------------------------------------------------------------------------------- */

/* False: it is the reception's own answer, or about another patient. */
static bool is_check_of(const reception_record *record, const pre_check *asked, const eligibility_response *answer) {
    char day[CLOCK_DATE_SIZE];
    clock_date_in_japan(record->at, day);
    return strcmp(answer->service_date, day) > 0 && strcmp(answer->patient_serial, asked->request.patient_serial) == 0;
}

static result take_for(store_access *s, const reception_record *record, const eligibility_response *answer,
                       long long *to_call) {
    pre_check asked;
    appointment fresh = {.note = {.hospital_number = ""}};
    const result code = pre_check_of(record, answer->service_date, &asked);
    if (code != RESULT_OK || !is_check_of(record, &asked, answer))
        return code == RESULT_NOT_FOUND || record_is_damage(code) ? RESULT_OK : code;
    const eligibility_coverage *now = eligibility_coverage_on(answer, answer->service_date);
    fresh.finding = pre_check_compare(&asked, answer);
    COPY_TEXT(fresh.day, answer->service_date);
    COPY_TEXT(fresh.note.hospital_number, record->note.hospital_number);
    COPY_TEXT(fresh.note.department, record->note.department);
    COPY_TEXT(fresh.before, asked.before.insurer_name);
    COPY_TEXT(fresh.insurer, now != NULL ? now->insurer_name : "");
    reception_person(record, &fresh.note.said);
    return can_be_called(&fresh.note) ? put_on_list(s, &fresh, to_call) : RESULT_OK;
}

/* --- which reception ---------------------------------------------------------------------------------------------- */

static result subject_of(const store_access *s, const char *patient_serial, char subject[TERMINAL_WORD_SIZE]) {
    char issuer[2 * FHIR_NAME_SIZE];
    snprintf(issuer, sizeof issuer, "%s", patient_serial);
    char *mark = strrchr(issuer, '#');
    if (mark == NULL)
        return RESULT_NOT_FOUND;
    *mark = 0;
    return record_subject(s, issuer, mark + 1, subject);
}

/* The patient's newest one that has its answer. */
static result find_by_patient(store_access *s, const char *patient_serial, reception_record *out) {
    char subject[TERMINAL_WORD_SIZE];
    terminal_record rows[LOOKED_AT_MAX];
    size_t count = 0;
    const terminal_filter about = {.kind = RECORD_RECEPTION, .subject = subject, .newest_first = true};
    result code = subject_of(s, patient_serial, subject);
    if (code == RESULT_OK)
        code = terminal_store_list(s->file, &about, rows, LOOKED_AT_MAX, &count);
    for (size_t i = 0; code == RESULT_OK && i < count; i++) {
        if (record_get_reception(s, rows[i].id, out) == RESULT_OK && out->answer.length > 0)
            return RESULT_OK;
        reception_record_wipe(out);
    }
    return code == RESULT_OK ? RESULT_NOT_FOUND : code;
}

/* Finds the reception that the answer names. A reception that ended before its answer came is not stored: then another
 * one of the same patient is used. */
static result find(store_access *s, const eligibility_response *answer, reception_record *out) {
    const result code = record_get_reception(s, answer->evidence_id, out);
    return code == RESULT_NOT_FOUND ? find_by_patient(s, answer->patient_serial, out) : code;
}

static result take_entry(store_access *s, const eligibility_response *answer, long long *to_call) {
    reception_record record = RECEPTION_RECORD_INIT;
    if (clock_check_date(answer->service_date) != RESULT_OK)
        return RESULT_OK;
    result code = find(s, answer, &record);
    if (code == RESULT_OK)
        code = take_for(s, &record, answer, to_call);
    reception_record_wipe(&record);
    return code == RESULT_NOT_FOUND || record_is_damage(code) ? RESULT_OK : code;
}

result pre_check_take_result(store_access *s, const remote_answer *reply, long long *to_call) {
    eligibility_response *answer = calloc(1, sizeof *answer); /* large */
    const size_t count = eligibility_batch_answer_count(reply->entries);
    result code = answer != NULL ? RESULT_OK : RESULT_NO_MEMORY;
    for (size_t i = 0; i < count && i < FHIR_BATCH_MAX && code == RESULT_OK; i++) {
        int status = 0;
        if (eligibility_batch_answer_entry(reply->entries, i, &status, answer, NULL) == RESULT_OK && status == 200)
            code = take_entry(s, answer, to_call);
    }
    free(answer);
    return code;
}
