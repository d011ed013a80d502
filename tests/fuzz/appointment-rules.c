/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "appointment-rules.h"

#include "base/clock.h"
#include "neighbours/csv_row.h"

#include <string.h>

#define MARK "\x1E" /* a control character: no file of appointments has one */
#define TIMES_SIZE 2

appointment_file appointments_begin(void) {
    return (appointment_file){.first = "2026-12-01", .last = "2026-12-31", .institution = "1312345678"};
}

/* --- rules -------------------------------------------------------------------------------------------------------- */

static void require_text(const char *text) {
    appointment_file none = appointments_begin();
    FUZZ_REQUIRE(!csv_cell_is_formula(text) && strlen(text) < FHIR_NAME_SIZE);
    FUZZ_REQUIRE(appointment_personal_number(&none, text) == NULL);
    for (const char *c = text; *c != 0; c++)
        FUZZ_REQUIRE((unsigned char)*c >= ' ' && *c != 0x7F);
}

static void require_appointment(const appointment_file *file, const appointment *a) {
    const desk_note *n = &a->note;
    FUZZ_REQUIRE(clock_check_date(a->day) == RESULT_OK && clock_check_date(n->said.birth_date) == RESULT_OK);
    FUZZ_REQUIRE(strcmp(file->first, a->day) <= 0 && strcmp(a->day, file->last) <= 0);
    FUZZ_REQUIRE(a->time[0] == 0 || (strlen(a->time) == 5 && a->time[2] == ':' && strcmp(a->time, "24:00") < 0));
    FUZZ_REQUIRE(n->hospital_number[0] != 0 || n->said.name[0] != 0 || n->said.kana[0] != 0);
    FUZZ_REQUIRE(strlen(n->hospital_number) <= HOSPITAL_NUMBER_MAX);
    FUZZ_REQUIRE(a->id[0] == 0 && n->done_at[0] == 0 && a->finding == PRE_CHECK_NOT_ASKED);
    const char *const texts[] = {n->hospital_number, n->said.name, n->said.kana, n->department};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        require_text(texts[i]);
}

void appointments_require(const appointment_file *file) {
    FUZZ_REQUIRE(file->count <= APPOINTMENTS_MAX);
    FUZZ_REQUIRE(!file->personal_number || (file->count == 0 && file->passed_over == 0 && file->fault_count > 0));
    for (size_t i = 0; i < file->count; i++)
        require_appointment(file, &file->rows[i]);
    for (size_t i = 0; i < file->fault_count && i < APPOINTMENT_FAULTS_MAX; i++)
        FUZZ_REQUIRE(file->faults[i].why != NULL && file->faults[i].place[0] != 0);
}

/* --- inputs ------------------------------------------------------------------------------------------------------- */

void appointments_repeat(buffer *input, size_t times, const char *part) {
    buffer_append_text(input, MARK);
    buffer_append_u16(input, (uint16_t)times);
    buffer_append_text(input, part);
    buffer_append_text(input, MARK);
}

static const uint8_t *next_mark(bytes input) {
    return input.length > 0 ? memchr(input.data, *MARK, input.length) : NULL;
}

bool appointments_expand(bytes input, buffer *out) {
    const uint8_t *mark = next_mark(input);
    const size_t before = mark != NULL ? (size_t)(mark - input.data) : input.length;
    bytes rest = bytes_slice(input, before + 1, input.length), part = {NULL, 0};
    size_t times = 0;
    buffer_append(out, bytes_slice(input, 0, before));
    if (rest.length >= TIMES_SIZE) {
        times = (size_t)rest.data[0] << 8 | rest.data[1];
        rest = bytes_slice(rest, TIMES_SIZE, rest.length);
        const uint8_t *end = next_mark(rest);
        part = bytes_slice(rest, 0, end != NULL ? (size_t)(end - rest.data) : rest.length);
        rest = bytes_slice(rest, part.length + 1, rest.length);
    }
    for (size_t i = 0; i < times && part.length > 0; i++)
        if (buffer_append(out, part) != RESULT_OK)
            return false;
    return buffer_append(out, rest) == RESULT_OK;
}
