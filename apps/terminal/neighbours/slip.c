/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `today slip`: one reception on paper, for the patient. */
#include "neighbours/neighbours.h"

#include "neighbours/exchange_folder.h"
#include "neighbours/slip_pdf.h"
#include "operator/operator_session.h"
#include "today/day_list.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "export"
#define PDF_MAX (16 * 1024 * 1024) /* the font is inside */

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

static result write_slip(const list_row *row, buffer *file) {
    char at[CLOCK_PEOPLE_SIZE], number[RECEPTION_NUMBER_SIZE];
    const desk_person *p = &row->person;
    clock_text_in_japan(row->at, at);
    reception_number(row->id, number);
    at[16] = 0; /* without seconds */
    const slip s = {
        .title = _("Reception slip"),
        .lines = {{_("Name"), p->name[0] != 0 ? p->name : p->kana},
                  {_("Kana"), p->name[0] != 0 ? p->kana : ""},
                  {_("Birth date"), p->birth_date},
                  {_("Hospital number"), row->note.hospital_number},
                  {_("Reception number"), number},
                  {_("Received at"), at},
                  {_("To be seen in"), row->note.department},
                  {_("Result"), list_row_state_words(row)},
                  {_("Insurer"), row->insurer},
                  {_("What is next"), next_step(row)}},
        .count = 10,
    };
    return slip_pdf_write(&s, file);
}

static outcome put_slip(terminal *t, const list_row *row, int folder) {
    CLEANED_BY(buffer_wipe) buffer file = BUFFER_INIT(PDF_MAX);
    char number[RECEPTION_NUMBER_SIZE], name[EXCHANGE_NAME_SIZE];
    reception_number(row->id, number);
    snprintf(name, sizeof name, "slip-%s.pdf", number);
    result code = write_slip(row, &file);
    if (code == RESULT_OK)
        code = exchange_write(folder, name, buffer_bytes(&file));
    if (code != RESULT_OK)
        return neighbours_failed(&t->context.report, name, code);
    report_text(&t->context.report, "file", _("Written"), name);
    return OUTCOME_OK;
}

outcome today_slip_command(terminal *t) {
    static list_row row; /* large: kept off the stack */
    operator_card actor;
    int folder = -1;
    outcome done = session_require(t->session, ROLE_RECEPTION | ROLE_ADMINISTRATOR, &actor);
    if (done == OUTCOME_OK)
        done = day_list_find(t, t->context.options.arguments[0], &row);
    if (done == OUTCOME_OK)
        done = neighbours_open(&t->context, FOLDER, &folder);
    if (done == OUTCOME_OK)
        done = put_slip(t, &row, folder);
    if (folder >= 0)
        close(folder);
    return done;
}
