/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Prints the table of states and the phrases for patients as one JSON object: for tests/terminal/check-states and
 * build-aux/states-document. */
#include "states/state_table.h"

#include <jansson.h>

static json_t *words(const staff_words *w) {
    return json_pack("{s:s,s:s}", "ja", w->ja, "en", w->en);
}

int main(void) {
    json_t *rows = json_array(), *phrases = json_array();
    const state_row *row;
    for (size_t i = 0; (row = state_at(i)) != NULL; i++)
        json_array_append_new(rows, json_pack("{s:s,s:s,s:s,s:s,s:b,s:o,s:o}", "reason", row->reason, "patient",
                                              state_phrase(row->patient)->name, "severity",
                                              state_severity_name(row->severity), "tone", state_tone_name(row->tone),
                                              "counter", (int)(row->audience == STATE_COUNTER), "staff",
                                              words(&row->staff), "next", words(&row->next)));
    for (unsigned p = 0; p < PATIENT_PHRASES; p++) {
        const patient_words *w = state_phrase((patient_phrase)p);
        json_array_append_new(
            phrases, json_pack("{s:s,s:s,s:s,s:s}", "name", w->name, "ja", w->ja, "easy", w->easy, "en", w->en));
    }
    json_t *all = json_pack("{s:o,s:o}", "rows", rows, "phrases", phrases);
    const int failed = json_dumpf(all, stdout, JSON_INDENT(1));
    json_decref(all);
    return failed == 0 && putchar('\n') == '\n' ? 0 : 1;
}
