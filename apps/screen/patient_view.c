/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "views.h"
#include "words.h"

#include <string.h>

static json_t *begin(void) {
    return json_pack("{s:s,s:o,s:o,s:s,s:i}", "phrase", "preparing", "words", words_for_patient("preparing"), "away",
                     words_for_patient("preparing"), "tone", "none", "toneAt", 0);
}

static void show_phrase(json_t *shown, const char *phrase) {
    json_object_set_new(shown, "phrase", json_string(phrase));
    json_object_set_new(shown, "words", words_for_patient(phrase));
}

static void take(json_t *shown, const json_t *event) {
    const char *phrase = json_string_value(json_object_get(event, "phrase"));
    const char *tone = json_string_value(json_object_get(event, "tone"));
    json_t *step = json_object_get(event, "step"), *of = json_object_get(event, "of");
    if (phrase == NULL || tone == NULL)
        return;
    if (strcmp(phrase, "unchanged") != 0) /* a tone alone */
        show_phrase(shown, phrase);
    if (strcmp(tone, "none") != 0) {
        json_object_set_new(shown, "tone", json_string(tone));
        json_object_set(shown, "toneAt", json_object_get(event, "n"));
    }
    json_object_del(shown, "step");
    json_object_del(shown, "of");
    if (json_is_integer(step) && json_is_integer(of)) {
        json_object_set(shown, "step", step);
        json_object_set(shown, "of", of);
    }
}

const desk_view patient_view = {"patient", begin, take};
