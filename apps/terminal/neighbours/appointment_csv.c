/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Appointments as comma-separated values, with the headings of our own export. */
#include "neighbours/appointment_file.h"
#include "neighbours/csv_reader.h"
#include "neighbours/text_encoding.h"

#include "core/report.h"
#include "delivery/japanese_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"
#define NOWHERE CSV_CELLS_MAX

/* --- columns ------------------------------------------------------------------------------------------------------ */

static const char *take_day(const char *cell, appointment *a) {
    return appointment_day(cell, a->day);
}

static const char *take_time(const char *cell, appointment *a) {
    return appointment_time(cell, a->time);
}

static const char *take_number(const char *cell, appointment *a) {
    return appointment_hospital_number(cell, a->note.hospital_number);
}

static const char *take_name(const char *cell, appointment *a) {
    return appointment_text(cell, a->note.said.name, sizeof a->note.said.name);
}

static const char *take_kana(const char *cell, appointment *a) {
    return appointment_text(cell, a->note.said.kana, sizeof a->note.said.kana);
}

static const char *take_birth_date(const char *cell, appointment *a) {
    return appointment_day(cell, a->note.said.birth_date);
}

static const char *take_department(const char *cell, appointment *a) {
    return appointment_text(cell, a->note.department, sizeof a->note.department);
}

static const struct column {
    const char *heading;
    bool needed;
    const char *(*take)(const char *cell, appointment *a); /* NULL, or why not */
} columns[] = {
    {"予約日", true, take_day},         {"予約時刻", false, take_time}, {"診察券番号", false, take_number},
    {"氏名", false, take_name},         {"カナ", false, take_kana},     {"生年月日", true, take_birth_date},
    {"診療科", false, take_department},
};
#define COLUMNS (sizeof columns / sizeof *columns)

typedef struct reading {
    appointment_file *file;
    csv_reader csv;
    size_t place[COLUMNS]; /* of each column in the rows; NOWHERE */
} reading;

/* --- the heading -------------------------------------------------------------------------------------------------- */

static void name_column(reading *r, size_t at) {
    const char *heading = r->csv.cells[at];
    char folded[FHIR_NAME_SIZE];
    if (japanese_fold_text(heading, folded, sizeof folded) != RESULT_OK)
        folded[0] = 0;
    if (appointment_names_personal_number(heading)) {
        r->file->personal_number = true;
        appointment_fault_at(r->file, r->csv.line, at + 1, "",
                             N_("the 個人番号 (マイナンバー) is not taken here: leave this column out"));
    }
    for (size_t i = 0; i < COLUMNS; i++) {
        if (strcmp(columns[i].heading, folded) != 0)
            continue;
        if (r->place[i] != NOWHERE)
            appointment_fault_at(r->file, r->csv.line, at + 1, columns[i].heading, N_("this column is there twice"));
        r->place[i] = at;
    }
}

/* Unknown columns are skipped. */
static void read_heading(reading *r) {
    for (size_t i = 0; i < COLUMNS; i++)
        r->place[i] = NOWHERE;
    for (size_t i = 0; i < r->csv.count; i++)
        name_column(r, i);
    for (size_t i = 0; i < COLUMNS; i++)
        if (columns[i].needed && r->place[i] == NOWHERE)
            appointment_fault_at(r->file, r->csv.line, r->csv.count + 1, columns[i].heading,
                                 N_("this column is missing"));
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

static bool is_blank(const csv_reader *csv) {
    return csv->count == 1 && csv->cells[0][0] == 0;
}

static bool take_cell(reading *r, const struct column *c, size_t at, appointment *a) {
    const char *cell = r->csv.cells[at];
    const char *why = appointment_personal_number(r->file, cell);
    if (why == NULL)
        why = c->take(cell, a);
    if (why != NULL)
        appointment_fault_at(r->file, r->csv.line, at + 1, c->heading, why);
    return why == NULL;
}

static bool read_row(reading *r) {
    appointment *a = appointment_file_add(r->file);
    bool good = true;
    if (a == NULL) {
        appointment_fault_at(r->file, r->csv.line, 1, "", N_("more appointments than a file may have"));
        appointment_file_refuse(r->file);
        return false;
    }
    for (size_t i = 0; i < COLUMNS; i++)
        if (r->place[i] < r->csv.count)
            good = take_cell(r, &columns[i], r->place[i], a) && good;
    const char *lacks = good ? appointment_lacks(a) : NULL;
    if (lacks != NULL)
        appointment_fault_at(r->file, r->csv.line, 1, "", lacks);
    else if (good)
        appointment_file_keep(r->file, a);
    return true;
}

/* After malformed CSV the following rows cannot be separated, so reading ends. */
static bool next_row(reading *r) {
    const result code = csv_reader_next(&r->csv);
    if (code != RESULT_OK && code != RESULT_NOT_FOUND) {
        appointment_fault_at(r->file, r->csv.line, r->csv.count + 1, "",
                             code == RESULT_TOO_LONG ? N_("more cells or text than a line may have")
                                                     : N_("a quotation mark is not closed, or is inside a text"));
        appointment_file_refuse(r->file);
    }
    return code == RESULT_OK;
}

static void read_rows(reading *r) {
    bool more = next_row(r);
    if (!more && r->file->fault_count == 0)
        appointment_fault_at(r->file, 1, 1, "", N_("the file is empty"));
    if (more)
        read_heading(r);
    more = more && r->file->fault_count == 0;
    while (more && next_row(r))
        more = is_blank(&r->csv) || read_row(r);
    if (r->file->personal_number)
        appointment_file_refuse(r->file);
}

/* UTF-8 if it is valid; else Shift_JIS as Windows writes it. */
static result decode(bytes content, buffer *text) {
    if (content.length >= 3 && memcmp(content.data, BYTE_ORDER_MARK, 3) == 0)
        return text_decode(ENCODING_UTF8, bytes_of(content.data + 3, content.length - 3), text);
    const result code = text_decode(ENCODING_UTF8, content, text);
    if (code != RESULT_INVALID)
        return code;
    buffer_clear(text);
    return text_decode(ENCODING_SHIFT_JIS, content, text);
}

result appointment_csv_read(bytes content, appointment_file *out) {
    buffer text = BUFFER_INIT(3 * APPOINTMENT_FILE_MAX);
    reading *r = calloc(1, sizeof *r);
    result code = r != NULL ? decode(content, &text) : RESULT_NO_MEMORY;
    if (code == RESULT_OK) {
        r->file = out;
        r->csv.rest = buffer_bytes(&text);
        read_rows(r);
    } else if (code == RESULT_INVALID) {
        appointment_fault_at(out, 1, 1, "", N_("the file is neither UTF-8 nor Shift_JIS"));
        code = RESULT_OK;
    }
    if (r != NULL)
        explicit_bzero(r, sizeof *r);
    free(r);
    buffer_wipe(&text);
    return code;
}
