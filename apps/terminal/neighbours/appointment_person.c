/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "neighbours/appointment_person.h"

#include "delivery/japanese_text.h"
#include "delivery/search_index.h"
#include "delivery/sealed_record.h"

#include <stdio.h>
#include <string.h>

#define LOOKED_AT_MAX 32 /* receptions that may be the patient's */

/* --- comparing ---------------------------------------------------------------------------------------------------- */

static bool same_name(const char *a, const char *b) {
    char left[FHIR_NAME_SIZE], right[FHIR_NAME_SIZE];
    return *a != 0 && *b != 0 && japanese_fold_name(a, left, sizeof left) == RESULT_OK &&
           japanese_fold_name(b, right, sizeof right) == RESULT_OK && strcmp(left, right) == 0;
}

/* A hospital number identifies one person; a name may be shared by two persons with the same birth date. */
static bool is_person(const desk_note *wanted, const char *number, const desk_person *there) {
    if (strcmp(wanted->said.birth_date, there->birth_date) != 0)
        return false;
    if (wanted->hospital_number[0] != 0 && *number != 0)
        return strcmp(wanted->hospital_number, number) == 0;
    return wanted->said.name[0] != 0 && there->name[0] != 0 ? same_name(wanted->said.name, there->name)
                                                            : same_name(wanted->said.kana, there->kana);
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

typedef struct looking {
    store_access *store;
    const appointment *wanted;
    pre_check *out;
    bool found, waiting, several;
    char number[FHIR_WORD_SIZE]; /* of the reception that was found */
    char name[FHIR_NAME_SIZE];
} looking;

static bool differ(const char *a, const char *b) {
    return *a != 0 && *b != 0 && strcmp(a, b) != 0;
}

/* The question is about the newest reception; older ones must be of the same person. */
static result take(looking *l, const reception_record *record, const desk_person *person) {
    const char *number = record->note.hospital_number;
    if (l->found) {
        const bool sure = l->wanted->note.hospital_number[0] != 0 && strcmp(l->number, number) == 0;
        l->several |= !sure && (differ(l->number, number) ||
                                (l->name[0] != 0 && person->name[0] != 0 && !same_name(l->name, person->name)));
        return RESULT_OK;
    }
    const result code = pre_check_of(record, l->wanted->day, l->out);
    if (code == RESULT_NOT_FOUND) {
        l->waiting = true;
        return RESULT_OK;
    }
    if (code != RESULT_OK)
        return record_is_damage(code) ? RESULT_OK : code;
    l->found = true;
    snprintf(l->number, sizeof l->number, "%s", number);
    snprintf(l->name, sizeof l->name, "%s", person->name);
    return RESULT_OK;
}

/* Skips receptions without a card, and damaged ones. */
static result look_at(looking *l, const char *id) {
    reception_record record;
    desk_person person;
    result code = record_get_reception(l->store, id, &record);
    if (code == RESULT_OK) {
        reception_person(&record, &person);
        if (is_person(&l->wanted->note, record.note.hospital_number, &person))
            code = take(l, &record, &person);
    }
    reception_record_wipe(&record);
    return code == RESULT_NOT_FOUND || record_is_damage(code) ? RESULT_OK : code;
}

static result look_by(looking *l, const search_query *query) {
    char ids[LOOKED_AT_MAX][37];
    size_t count = 0;
    result code = search_index_find(l->store, query, NULL, ids, LOOKED_AT_MAX, &count);
    for (size_t i = 0; code == RESULT_OK && i < count; i++)
        code = look_at(l, ids[i]);
    return code;
}

/* The number first; then the name, because the reception may have none. */
static result look(looking *l) {
    const desk_note *n = &l->wanted->note;
    search_query query = {.code = ""};
    result code = RESULT_OK;
    memcpy(query.birth_date, n->said.birth_date, sizeof query.birth_date);
    if (n->hospital_number[0] != 0) {
        memcpy(query.code, n->hospital_number, sizeof query.code);
        code = look_by(l, &query);
        query.code[0] = 0;
    }
    const char *const names[] = {n->said.name, n->said.kana};
    for (size_t i = 0; code == RESULT_OK && i < sizeof names / sizeof *names && !l->found; i++)
        if (*names[i] != 0 && japanese_fold_name(names[i], query.name, sizeof query.name) == RESULT_OK)
            code = look_by(l, &query);
    return code;
}

result appointment_person_find(store_access *s, const appointment *a, pre_check *out, appointment_match *match) {
    looking l = {.store = s, .wanted = a, .out = out};
    const result code = look(&l);
    *match = l.several ? MATCH_SEVERAL : l.found ? MATCH_FOUND : l.waiting ? MATCH_WAITING : MATCH_NOBODY;
    return code;
}
