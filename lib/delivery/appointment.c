/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/appointment.h"

#include "delivery/ledger.h"
#include "delivery/sealed_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTING "appointments-" /* and the day */
#define SETTING_SIZE (sizeof SETTING + CLOCK_DATE_SIZE)
#define LIST_MAX (RECORD_MAX - 1024) /* a sealed setting has room for it */
#define LISTS_MAX 64                 /* more than the days for which the platform answers */

/* clang-format off */
static const struct {
    const char *word;
    bool to_call;
} findings[] = {
    [PRE_CHECK_NOT_ASKED] = {"not-asked", false},
    [PRE_CHECK_UNCHANGED] = {"unchanged", false},
    [PRE_CHECK_CHANGED] = {"changed", true},
    [PRE_CHECK_LOST] = {"lost", true},
    [PRE_CHECK_SEVERAL] = {"several", true},
    [PRE_CHECK_NOT_FOUND] = {"not-found", true},
};
/* clang-format on */
#define FINDINGS (sizeof findings / sizeof *findings)

const char *appointment_finding_word(pre_check_finding finding) {
    return findings[finding].word;
}

bool appointment_is_to_call(pre_check_finding finding) {
    return findings[finding].to_call;
}

/* --- as JSON ------------------------------------------------------------------------------------------------------ */

static json_t *write_one(const appointment *a) {
    return json_pack("{s:s,s:s,s:s,s:o,s:s,s:s,s:s}", "id", a->id, "day", a->day, "time", a->time, "desk",
                     desk_note_json(&a->note), "finding", appointment_finding_word(a->finding), "before", a->before,
                     "insurer", a->insurer);
}

static void read_one(const json_t *object, appointment *out) {
    char word[FHIR_WORD_SIZE];
    *out = (appointment){0};
    fhir_copy(object, "id", out->id, sizeof out->id);
    fhir_copy(object, "day", out->day, sizeof out->day);
    fhir_copy(object, "time", out->time, sizeof out->time);
    fhir_copy(object, "before", out->before, sizeof out->before);
    fhir_copy(object, "insurer", out->insurer, sizeof out->insurer);
    desk_note_read(json_object_get(object, "desk"), &out->note);
    fhir_copy(object, "finding", word, sizeof word);
    for (size_t i = 0; i < FINDINGS; i++)
        if (strcmp(findings[i].word, word) == 0)
            out->finding = (pre_check_finding)i;
}

/* --- the list of a day -------------------------------------------------------------------------------------------- */

static const char *setting_of(const char *day, char name[SETTING_SIZE]) {
    snprintf(name, SETTING_SIZE, SETTING "%.10s", day);
    return name;
}

/* {"appointments": [...]}; an empty one where there is none. The caller json_decref's. */
static result load(store_access *s, const char *day, json_t **out) {
    char name[SETTING_SIZE];
    buffer text = BUFFER_INIT(RECORD_MAX);
    result code = record_setting(s, setting_of(day, name), &text);
    *out = NULL;
    if (code == RESULT_OK)
        *out = fhir_parse(buffer_bytes(&text), NULL);
    else if (code == RESULT_NOT_FOUND)
        *out = json_pack("{s:[]}", "appointments");
    buffer_wipe(&text);
    if (code != RESULT_OK && code != RESULT_NOT_FOUND)
        return code;
    return *out != NULL ? RESULT_OK : RESULT_INVALID;
}

static json_t *list_of(const json_t *root) {
    return json_object_get(root, "appointments");
}

static result store_list(store_access *s, const char *day, const json_t *root) {
    char name[SETTING_SIZE];
    buffer text = BUFFER_INIT(LIST_MAX);
    result code = RESULT_OK;
    setting_of(day, name);
    if (json_array_size(list_of(root)) == 0) {
        code = record_unset(s, name);
    } else {
        code = fhir_dump(root, &text);
        if (code == RESULT_OK)
            code = record_set(s, name, buffer_bytes(&text));
    }
    buffer_wipe(&text);
    return code;
}

/* --- taking in ---------------------------------------------------------------------------------------------------- */

/* Of the same day. */
static bool is_same(const appointment *a, const appointment *b) {
    const desk_person *p = &a->note.said, *q = &b->note.said;
    return strcmp(a->time, b->time) == 0 && strcmp(a->note.hospital_number, b->note.hospital_number) == 0 &&
           strcmp(a->note.department, b->note.department) == 0 && strcmp(p->name, q->name) == 0 &&
           strcmp(p->kana, q->kana) == 0 && strcmp(p->birth_date, q->birth_date) == 0;
}

static const char *time_of(const json_t *list, size_t at) {
    const char *text = json_string_value(json_object_get(json_array_get(list, at), "time"));
    return text != NULL ? text : "";
}

/* Removes the earlier one; its mark is kept while the finding is the same. */
static void replace(json_t *list, appointment *fresh) {
    appointment old;
    for (size_t i = json_array_size(list); i > 0; i--) {
        if (strcmp(time_of(list, i - 1), fresh->time) != 0)
            continue;
        read_one(json_array_get(list, i - 1), &old);
        if (!is_same(&old, fresh))
            continue;
        if (old.finding == fresh->finding && strcmp(old.insurer, fresh->insurer) == 0) {
            fresh->note = old.note;
            memcpy(fresh->id, old.id, sizeof fresh->id);
        }
        json_array_remove(list, i - 1);
    }
}

static result take(json_t *list, const appointment *found) {
    appointment fresh = *found;
    fresh.id[0] = 0;
    if (fresh.finding == PRE_CHECK_NOT_ASKED)
        return RESULT_OK;
    replace(list, &fresh);
    if (!appointment_is_to_call(fresh.finding))
        return RESULT_OK;
    size_t at = 0;
    while (at < json_array_size(list) && strcmp(time_of(list, at), fresh.time) <= 0)
        at++;
    const result code = fresh.id[0] == 0 ? uuid_v7(fresh.id) : RESULT_OK;
    if (code != RESULT_OK)
        return code;
    return json_array_insert_new(list, at, write_one(&fresh)) == 0 ? RESULT_OK : RESULT_NO_MEMORY;
}

result appointments_take(store_access *s, const char *day, const appointment found[], size_t count) {
    json_t *root;
    result code = load(s, day, &root);
    for (size_t i = 0; code == RESULT_OK && i < count; i++)
        if (strcmp(found[i].day, day) == 0)
            code = take(list_of(root), &found[i]);
    if (code == RESULT_OK)
        code = store_list(s, day, root);
    json_decref(root);
    return code;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

result appointments_each(store_access *s, const char *day, appointment_use *use, void *context) {
    json_t *root;
    appointment one;
    result code = load(s, day, &root);
    for (size_t i = 0; code == RESULT_OK && i < json_array_size(list_of(root)); i++) {
        read_one(json_array_get(list_of(root), i), &one);
        code = use(context, &one);
    }
    json_decref(root);
    return code;
}

static result count_one(void *context, const appointment *one) {
    size_t *count = context;
    *count += one->note.done_at[0] == 0;
    return RESULT_OK;
}

result appointments_waiting(store_access *s, const char *day, size_t *count) {
    *count = 0;
    return appointments_each(s, day, count_one, count);
}

/* --- all days ----------------------------------------------------------------------------------------------------- */

typedef struct days {
    char day[LISTS_MAX][CLOCK_DATE_SIZE];
    size_t count;
} days;

/* A row that the ledger does not name is ignored. */
static result note_day(void *context, const char *name, int64_t version) {
    days *found = context;
    (void)version;
    const size_t length = strlen(SETTING);
    if (strncmp(name, SETTING, length) != 0 || clock_check_date(name + length) != RESULT_OK)
        return RESULT_OK;
    if (found->count < LISTS_MAX)
        memcpy(found->day[found->count++], name + length, CLOCK_DATE_SIZE);
    return RESULT_OK;
}

typedef struct search {
    const char *number;
    appointment *out;
    bool found;
} search;

static result compare(void *context, const appointment *one) {
    search *wanted = context;
    char number[RECEPTION_NUMBER_SIZE];
    reception_number(one->id, number);
    if (strcmp(number, wanted->number) == 0) {
        *wanted->out = *one;
        wanted->found = true;
    }
    return RESULT_OK;
}

result appointments_find(store_access *s, const char *number, appointment *out) {
    days known = {.count = 0};
    search wanted = {number, out, false};
    result code = terminal_store_each_setting(s->file, note_day, &known);
    for (size_t i = 0; code == RESULT_OK && i < known.count && !wanted.found; i++)
        code = appointments_each(s, known.day[i], compare, &wanted);
    return code == RESULT_OK && !wanted.found ? RESULT_NOT_FOUND : code;
}

static bool replace_note(json_t *list, const appointment *one) {
    const size_t count = json_array_size(list);
    for (size_t i = 0; i < count; i++) {
        json_t *object = json_array_get(list, i);
        const char *id = json_string_value(json_object_get(object, "id"));
        if (id != NULL && strcmp(id, one->id) == 0)
            return json_object_set_new(object, "desk", desk_note_json(&one->note)) == 0;
    }
    return false;
}

result appointments_keep_note(store_access *s, const appointment *one) {
    json_t *root;
    result code = load(s, one->day, &root);
    if (code == RESULT_OK && !replace_note(list_of(root), one))
        code = RESULT_NOT_FOUND;
    if (code == RESULT_OK)
        code = store_list(s, one->day, root);
    json_decref(root);
    return code;
}

result appointments_purge(store_access *s, const char *day, size_t *lists) {
    days known = {.count = 0};
    char name[SETTING_SIZE];
    result code = terminal_store_each_setting(s->file, note_day, &known);
    *lists = 0;
    for (size_t i = 0; code == RESULT_OK && i < known.count; i++) {
        if (strcmp(known.day[i], day) >= 0)
            continue;
        code = record_unset(s, setting_of(known.day[i], name));
        *lists += code == RESULT_OK;
    }
    return code == RESULT_OK && *lists > 0 ? terminal_store_forget(s->file) : code;
}
