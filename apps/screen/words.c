/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "words.h"

#include "states/state_table.h"
#include "states/state_text.h"

#include <stdio.h>
#include <string.h>

#define TEXT_MAX 4096

typedef struct filling {
    const json_t *values;
    char number[32];
} filling;

static const char *value_in_words(void *context, const char *name) {
    filling *f = context;
    const json_t *value = json_object_get(f->values, name);
    if (!json_is_integer(value))
        return json_string_value(value);
    snprintf(f->number, sizeof f->number, "%lld", (long long)json_integer_value(value));
    return f->number;
}

static json_t *filled(const char *text, const json_t *values) {
    filling f = {.values = values};
    buffer out = BUFFER_INIT(TEXT_MAX);
    state_text_append(text, value_in_words, &f, &out);
    json_t *made = json_string(buffer_text(&out));
    buffer_wipe(&out);
    return made;
}

int words_has(const char *reason) {
    return state_named(reason) != NULL;
}

json_t *words_for_staff(const char *reason, const json_t *values) {
    const state_row *row = state_named(reason);
    if (row == NULL)
        row = state_unknown();
    return json_pack("{s:s,s:s,s:o,s:o,s:o,s:o}", "reason", row->reason, "severity", state_severity_name(row->severity),
                     "ja", filled(row->staff.ja, values), "en", filled(row->staff.en, values), "nextJa",
                     filled(row->next.ja, values), "nextEn", filled(row->next.en, values));
}

json_t *words_for_patient(const char *phrase) {
    const patient_words *words = state_phrase(PHRASE_UNCHANGED);
    for (int i = 0; phrase != NULL && i < PATIENT_PHRASES; i++)
        if (strcmp(state_phrase((patient_phrase)i)->name, phrase) == 0)
            words = state_phrase((patient_phrase)i);
    return json_pack("{s:s,s:s,s:s}", "ja", words->ja, "easy", words->easy, "en", words->en);
}
