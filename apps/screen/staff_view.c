/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "views.h"
#include "words.h"

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
    {"done", "result", {"now", "silent"}},
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

/* The event, and what it says to people. */
static json_t *with_words(const json_t *event, const char *word) {
    const char *reason = json_string_value(json_object_get(event, "reason"));
    json_t *copy = json_copy((json_t *)(uintptr_t)event);
    if (copy != NULL)
        json_object_set_new(copy, "words", words_for_staff(reason != NULL ? reason : word, event));
    return copy;
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
    /* An event of a session that has ended is {}: it changes nothing. */
    if (word != NULL && strcmp(word, "card-gone") == 0)
        json_object_set_new(shown, "card", json_null());
}

const desk_view staff_view = {"staff", begin, take};
