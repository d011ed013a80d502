/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/desk_note.h"

#include "delivery/japanese_text.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    size_t offset, size;
} members[] = {
#define MEMBER(name, member) {name, offsetof(desk_note, member), sizeof((desk_note *)0)->member}
    MEMBER("hospitalNumber", hospital_number),
    MEMBER("department", department),
    MEMBER("name", said.name),
    MEMBER("kana", said.kana),
    MEMBER("birthDate", said.birth_date),
    MEMBER("sex", said.sex),
    MEMBER("doneBy", done_by),
    MEMBER("doneName", done_name),
    MEMBER("doneAt", done_at),
#undef MEMBER
};
#define MEMBERS (sizeof members / sizeof *members)

json_t *desk_note_json(const desk_note *note) {
    json_t *object = json_object();
    for (size_t i = 0; object != NULL && i < MEMBERS; i++) {
        const char *text = (const char *)note + members[i].offset;
        if (*text != 0 && json_object_set_new(object, members[i].name, json_string(text)) != 0) {
            json_decref(object);
            object = NULL;
        }
    }
    return object;
}

void desk_note_read(const json_t *object, desk_note *out) {
    *out = (desk_note){0};
    for (size_t i = 0; i < MEMBERS; i++)
        fhir_copy(object, members[i].name, (char *)out + members[i].offset, members[i].size);
}

void desk_note_mark(desk_note *note, const desk_worker *by, int64_t at) {
    memset(note->done_by, 0, sizeof note->done_by);
    memset(note->done_name, 0, sizeof note->done_name);
    memset(note->done_at, 0, sizeof note->done_at);
    if (by == NULL)
        return;
    snprintf(note->done_by, sizeof note->done_by, "%s", by->id);
    snprintf(note->done_name, sizeof note->done_name, "%s", by->name);
    clock_text(at, note->done_at);
}

const char *desk_note_worker(const desk_note *note) {
    return note->done_name[0] != 0 ? note->done_name : note->done_by;
}

bool desk_note_done(const desk_note *note, char at[CLOCK_PEOPLE_SIZE]) {
    int64_t done_at;
    *at = 0;
    if (clock_parse(note->done_at, &done_at) == RESULT_OK)
        clock_text_in_japan(done_at, at);
    return note->done_at[0] != 0;
}

bool desk_note_is_empty(const desk_note *note) {
    for (size_t i = 0; i < MEMBERS; i++)
        if (*((const char *)note + members[i].offset) != 0)
            return false;
    return true;
}

result hospital_number_read(const char *text, char out[FHIR_WORD_SIZE]) {
    result code = japanese_fold_code(text, out, FHIR_WORD_SIZE);
    if (code == RESULT_OK && (strlen(out) > HOSPITAL_NUMBER_MAX || strspn(out, "-") == strlen(out)))
        code = RESULT_INVALID;
    if (code != RESULT_OK)
        *out = 0;
    return code == RESULT_NO_MEMORY || code == RESULT_OK ? code : RESULT_INVALID;
}

void reception_number(const char *id, char number[RECEPTION_NUMBER_SIZE]) {
    const size_t length = strlen(id), from = length > RECEPTION_NUMBER_LENGTH ? length - RECEPTION_NUMBER_LENGTH : 0;
    snprintf(number, RECEPTION_NUMBER_SIZE, "%s", id + from);
    for (char *c = number; *c != 0; c++)
        *c = (char)toupper((unsigned char)*c);
}
