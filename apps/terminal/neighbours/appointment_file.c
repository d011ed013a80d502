/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "neighbours/appointment_file.h"
#include "neighbours/csv_row.h"

#include "core/report.h"
#include "base/personal_number.h"
#include "delivery/japanese_text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDE_BLANK "　"
#define DIGITS "0123456789"

/* --- faults ------------------------------------------------------------------------------------------------------- */

static appointment_fault *next_fault(appointment_file *f, const char *why) {
    static appointment_fault unseen;
    appointment_fault *fault = f->fault_count < APPOINTMENT_FAULTS_MAX ? &f->faults[f->fault_count] : &unseen;
    f->fault_count++;
    *fault = (appointment_fault){.why = language_text(why)};
    return fault;
}

void appointment_fault_at(appointment_file *f, size_t line, size_t column, const char *field, const char *why) {
    appointment_fault *fault = next_fault(f, why);
    fault->line = line;
    fault->column = column;
    const int used = snprintf(fault->place, sizeof fault->place, _("line %zu, column %zu"), line, column);
    if (*field != 0 && used > 0 && (size_t)used < sizeof fault->place)
        snprintf(fault->place + used, sizeof fault->place - (size_t)used, " (%s)", field);
}

void appointment_fault_in(appointment_file *f, const char *place, const char *why) {
    snprintf(next_fault(f, why)->place, APPOINTMENT_PLACE_SIZE, "%s", place);
}

void appointment_file_refuse(appointment_file *f) {
    f->count = 0;
    f->passed_over = 0;
}

/* --- appointments ------------------------------------------------------------------------------------------------- */

appointment *appointment_file_add(appointment_file *f) {
    if (f->rows == NULL)
        f->rows = calloc(APPOINTMENTS_MAX, sizeof *f->rows);
    if (f->rows == NULL || f->count == APPOINTMENTS_MAX)
        return NULL;
    f->rows[f->count] = (appointment){0};
    return &f->rows[f->count];
}

void appointment_file_keep(appointment_file *f, const appointment *a) {
    const bool wanted = strcmp(a->day, f->first) >= 0 && strcmp(a->day, f->last) <= 0;
    f->count += wanted;
    f->passed_over += !wanted;
}

void appointment_file_free(appointment_file *f) {
    if (f->rows != NULL)
        explicit_bzero(f->rows, APPOINTMENTS_MAX * sizeof *f->rows);
    free(f->rows);
    f->rows = NULL;
    f->count = 0;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static bool is_empty(const char *text) {
    const size_t wide = strlen(WIDE_BLANK);
    while (*text == ' ' || *text == '\t' || strncmp(text, WIDE_BLANK, wide) == 0)
        text += *text == ' ' || *text == '\t' ? 1 : wide;
    return *text == 0;
}

const char *appointment_text(const char *text, char *out, size_t size) {
    *out = 0;
    if (is_empty(text))
        return NULL;
    if (japanese_fold_text(text, out, size) != RESULT_OK)
        return N_("too long, or no text of one line");
    return csv_cell_is_formula(out) ? N_("a formula, not a text") : NULL;
}

static bool consists_of(const char *text, const char *characters) {
    return text[strspn(text, characters)] == 0;
}

static bool write_day(int year, int month, int day, char out[CLOCK_DATE_SIZE]) {
    char text[40];
    snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
    if (clock_check_date(text) != RESULT_OK)
        return false;
    memcpy(out, text, CLOCK_DATE_SIZE);
    return true;
}

const char *appointment_day(const char *text, char out[CLOCK_DATE_SIZE]) {
    char folded[FHIR_WORD_SIZE] = "";
    int year = 0, month = 0, day = 0, end = -1;
    *out = 0;
    if (is_empty(text))
        return NULL;
    const bool good = japanese_fold_text(text, folded, sizeof folded) == RESULT_OK;
    if (good && strlen(folded) == 8 && consists_of(folded, DIGITS))
        sscanf(folded, "%4d%2d%2d%n", &year, &month, &day, &end);
    else if (good && isdigit((unsigned char)folded[0]) && consists_of(folded, DIGITS "-/"))
        sscanf(folded, strchr(folded, '/') != NULL ? "%4d/%2d/%2d%n" : "%4d-%2d-%2d%n", &year, &month, &day, &end);
    return end > 0 && folded[end] == 0 && write_day(year, month, day, out) ? NULL : N_("no day like 2026-12-01");
}

const char *appointment_time(const char *text, char out[APPOINTMENT_TIME_SIZE]) {
    char folded[FHIR_WORD_SIZE] = "", shown[32];
    int hour = -1, minute = -1, end = -1;
    *out = 0;
    if (is_empty(text))
        return NULL;
    if (japanese_fold_text(text, folded, sizeof folded) == RESULT_OK && consists_of(folded, DIGITS ":")) {
        if (strchr(folded, ':') != NULL)
            sscanf(folded, "%2d:%2d%n", &hour, &minute, &end);
        else if (strlen(folded) == 4)
            sscanf(folded, "%2d%2d%n", &hour, &minute, &end);
    }
    if (end < 0 || folded[end] != 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return N_("no time like 09:30");
    snprintf(shown, sizeof shown, "%02d:%02d", hour, minute);
    memcpy(out, shown, APPOINTMENT_TIME_SIZE);
    return NULL;
}

const char *appointment_hospital_number(const char *text, char out[FHIR_WORD_SIZE]) {
    *out = 0;
    if (is_empty(text))
        return NULL;
    return hospital_number_read(text, out) == RESULT_OK ? NULL : N_("no hospital number");
}

const char *appointment_lacks(const appointment *a) {
    const desk_person *p = &a->note.said;
    if (a->day[0] == 0)
        return N_("the day of the appointment is missing");
    if (p->birth_date[0] == 0)
        return N_("the birth date is missing");
    return a->note.hospital_number[0] == 0 && p->name[0] == 0 && p->kana[0] == 0
               ? N_("hospital number, name and kana are missing")
               : NULL;
}

/* --- 個人番号 ----------------------------------------------------------------------------------------------------- */

bool appointment_names_personal_number(const char *heading) {
    static const char *const names[] = {"個人番号", "マイナンバー", "MYNUMBER", "INDIVIDUALNUMBER", "PERSONALNUMBER"};
    char folded[FHIR_NAME_SIZE], plain[FHIR_NAME_SIZE];
    size_t used = 0;
    if (japanese_fold_name(heading, folded, sizeof folded) != RESULT_OK)
        return false;
    for (const char *c = folded; *c != 0; c++)
        if (strchr("_-.", *c) == NULL)
            plain[used++] = *c;
    plain[used] = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strstr(plain, names[i]) != NULL)
            return true;
    return false;
}

/* Length of a separator between groups of digits, also in full width: separators must not hide a number. */
static size_t separator_at(const char *text) {
    static const char *const separators[] = {" ", "-", ".", "/", "_", "ー", "‐", "–", "—", "―", "−", "・"};
    for (size_t i = 0; i < sizeof separators / sizeof *separators; i++)
        if (strncmp(text, separators[i], strlen(separators[i])) == 0)
            return strlen(separators[i]);
    return 0;
}

static bool may_be_personal_number(const char *value) {
    char folded[FHIR_NAME_SIZE], digits[PERSONAL_NUMBER_LENGTH + 1];
    size_t used = 0;
    if (japanese_fold_text(value, folded, sizeof folded) != RESULT_OK)
        return false;
    for (const char *c = folded; *c != 0;) {
        const size_t separator = separator_at(c);
        if (separator == 0 && (!isdigit((unsigned char)*c) || used == PERSONAL_NUMBER_LENGTH))
            return false;
        if (separator == 0)
            digits[used++] = *c;
        c += separator > 0 ? separator : 1;
    }
    return used == PERSONAL_NUMBER_LENGTH && personal_number_is_possible(digits);
}

const char *appointment_personal_number(appointment_file *f, const char *value) {
    if (!may_be_personal_number(value))
        return NULL;
    f->personal_number = true;
    return N_("this could be a 個人番号 (マイナンバー), which is not taken here");
}
