/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "views.h"
#include "words.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Where an event is shown, and which of the others it makes obsolete. */
static const struct {
    const char *event, *place;
    const char *ends[2];
} rows[] = {
    {"operator-in", "operator", {"now"}},
    {"operator-out", "now", {"operator", "result"}},
    {"card-seen", "now", {"result"}},
    {"card-gone", "card", {"now", "card"}},
    {"step", "now", {NULL}},
    {"platform-silent", "silent", {NULL}},
    {"done", "result", {"now"}},
    {"card-left", "card", {NULL}},
    {"locked", "machine", {"operator", "result"}},
    {"unlocked", "now", {"machine"}},
    {"se-away", "machine", {NULL}},
    {"se-back", "now", {"machine"}},
    {"queue", "queue", {NULL}},
};

static json_t *begin(void) {
    json_t *shown = json_object();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        json_object_set_new(shown, rows[i].place, json_null());
    return shown;
}

/* The event with its words for people. */
static json_t *with_words(const json_t *event, const char *word) {
    const char *reason = json_string_value(json_object_get(event, "reason"));
    json_t *copy = json_copy((json_t *)(uintptr_t)event);
    if (copy != NULL)
        json_object_set_new(copy, "words", words_for_staff(reason != NULL ? reason : word, event));
    return copy;
}

/* The platform answers again when a reception was confirmed, or when none waits for it any more. */
static bool hears_platform(const json_t *event, const char *word) {
    const char *reason = json_string_value(json_object_get(event, "reason"));
    const json_t *waiting = json_object_get(event, "receptions");
    if (strcmp(word, "queue") == 0)
        return json_is_integer(waiting) && json_integer_value(waiting) == 0;
    return strcmp(word, "done") == 0 && reason != NULL && strcmp(reason, "confirmed") == 0;
}

static void take(json_t *shown, const json_t *event) {
    const char *word = json_string_value(json_object_get(event, "event"));
    for (size_t i = 0; word != NULL && i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].event, word) != 0)
            continue;
        for (size_t j = 0; j < 2 && rows[i].ends[j] != NULL; j++)
            json_object_set_new(shown, rows[i].ends[j], json_null());
        json_object_set_new(shown, rows[i].place, with_words(event, word));
    }
    if (word == NULL) /* {}, in the place of an event of a session that has ended */
        return;
    if (strcmp(word, "card-gone") == 0)
        json_object_set_new(shown, "card", json_null());
    if (hears_platform(event, word))
        json_object_set_new(shown, "silent", json_null());
}

const desk_view staff_view = {"staff", begin, take};
