/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "today/slip_content.h"

#include <string.h>

/* By state, else by grade. */
static const struct {
    const char *word, *text;
} next_steps[] = {
    {STATE_CONFIRMED, N_("Please wait until you are called.")},
    {"provisional-a", N_("Your coverage will be confirmed later. We call you if anything has changed.")},
    {"provisional-b", N_("Your coverage will be confirmed later. Please tell us if your insurance has changed.")},
    {"provisional-c", N_("Please show the information sheet (資格情報のお知らせ), or fill in the statement at the "
                         "counter.")},
    {STATE_RECEIVED, N_("Please bring your My Number card next time.")},
};

static const char *next_step(const list_row *row) {
    const char *word = strcmp(row->state, STATE_PENDING) == 0 ? row->grade : row->state;
    for (size_t i = 0; i < sizeof next_steps / sizeof *next_steps; i++)
        if (strcmp(next_steps[i].word, word) == 0)
            return language_text(next_steps[i].text);
    return _("Please ask at the counter.");
}

void slip_of(const list_row *row, slip *out) {
    const desk_person *p = &row->person;
    clock_text_in_japan(row->at, out->at);
    reception_number(row->id, out->number);
    out->at[16] = 0; /* without seconds */
    const slip s = {
        .title = _("Reception slip"),
        .lines = {{_("Name"), p->name[0] != 0 ? p->name : p->kana},
                  {_("Kana"), p->name[0] != 0 ? p->kana : ""},
                  {_("Birth date"), p->birth_date},
                  {_("Hospital number"), row->note.hospital_number},
                  {_("Reception number"), out->number},
                  {_("Received at"), out->at},
                  {_("To be seen in"), row->note.department},
                  {_("Result"), list_row_state_words(row)},
                  {_("Insurer"), row->insurer},
                  {_("What is next"), next_step(row)}},
        .count = 10,
    };
    out->title = s.title;
    out->count = s.count;
    memcpy(out->lines, s.lines, sizeof out->lines);
}

json_t *slip_json(const slip *s) {
    json_t *lines = json_array();
    for (size_t i = 0; i < s->count; i++)
        if (s->lines[i].text[0] != 0)
            json_array_append_new(lines, json_pack("[s,s]", s->lines[i].label, s->lines[i].text));
    return json_pack("{s:s,s:o}", "title", s->title, "lines", lines);
}
