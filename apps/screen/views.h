/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What each view shows, made from the desk's events (docs/interfaces/events.md): the whole of it is one JSON object, which
 * a page draws again whenever it changes. So a page that is opened late, or opened again, shows the same. */
#pragma once

#include <jansson.h>

/* One for each stream. */
typedef struct desk_view {
    const char *stream; /* of events: its only source */
    /* What is shown when nothing has happened yet. */
    json_t *(*begin)(void);
    /* An event has come. */
    void (*take)(json_t *shown, const json_t *event);
} desk_view;

/* Only of the patient's stream: nothing about a person can be in it. {"phrase", "words", "away", "tone", "toneAt", "step",
 * "of"}; away: the words to show when the server is gone; toneAt: the number of the event that has the tone. */
extern const desk_view patient_view;
/* {"operator", "now", "result", "card", "silent", "machine", "queue"}: each the last event of its kind with its words, or null. */
extern const desk_view staff_view;
