/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "words.h"

#include "states/state_json.h"
#include "states/state_table.h"

#include <string.h>

#define TEXT_MAX 4096

static json_t *filled(const char *text, const json_t *values) {
    buffer out = BUFFER_INIT(TEXT_MAX);
    state_text_append_json(text, values, &out);
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
