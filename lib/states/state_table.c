/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "states/state_table.h"

#include "states/state_rows.h"

#include <string.h>

static const state_rows *const fields[] = {&answer_states, &card_states,    &operator_states,
                                           &se_states,     &service_states, &machine_states,
                                           &office_states, &list_states,    &auditor_states};

static const state_row unknown = {"unknown",
                                  PHRASE_COME,
                                  STATE_ATTENTION,
                                  TONE_COME,
                                  STATE_COUNTER,
                                  {"処理できませんでした。", "This could not be done."},
                                  NEXT_AGAIN_OR_ADMINISTRATOR};

const state_row *state_at(size_t index) {
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (index < fields[i]->count)
            return &fields[i]->rows[index];
        index -= fields[i]->count;
    }
    return NULL;
}

const state_row *state_named(const char *reason) {
    const state_row *row;
    for (size_t i = 0; (row = state_at(i)) != NULL; i++)
        if (strcmp(row->reason, reason) == 0)
            return row;
    return NULL;
}

const state_row *state_unknown(void) {
    return &unknown;
}

const char *state_severity_name(state_severity severity) {
    static const char *const names[] = {
        [STATE_CALM] = "calm", [STATE_ATTENTION] = "attention", [STATE_PATIENT] = "patient", [STATE_DESK] = "desk"};
    return (unsigned)severity < sizeof names / sizeof *names ? names[severity] : "";
}

const char *state_tone_name(state_tone tone) {
    static const char *const names[] = {
        [TONE_NONE] = "none", [TONE_CARD] = "card", [TONE_DONE] = "done", [TONE_AGAIN] = "again", [TONE_COME] = "come"};
    return (unsigned)tone < sizeof names / sizeof *names ? names[tone] : "";
}

const char *state_words(const staff_words *words, const char *language) {
    return strcmp(language, "ja") == 0 ? words->ja : words->en;
}
