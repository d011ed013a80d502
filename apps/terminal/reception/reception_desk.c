/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the desk adds: the hospital's own number, learned for the next time, and the check whether the same card was
 * received a moment ago. */
#include "core/note_options.h"
#include "reception/reception.h"

#include <stdio.h>
#include <string.h>

#define LOOKED_THROUGH 16 /* receptions of one card, for the number that was noted last */

outcome reception_read_note(reception *r) {
    return note_options_read(r->context, &r->record.note);
}

/* The number that was noted with this card the last time, unless another one is typed now. */
static void learn(reception *r, const terminal_record *rows, size_t count) {
    for (size_t i = 0; i < count && r->record.note.hospital_number[0] == 0; i++) {
        reception_record old;
        if (record_get_reception(r->store, rows[i].id, &old) == RESULT_OK)
            memcpy(r->record.note.hospital_number, old.note.hospital_number, sizeof old.note.hospital_number);
        reception_record_wipe(&old);
    }
}

static outcome ask_again(reception *r, const terminal_record *last) {
    char at[CLOCK_PEOPLE_SIZE], number[RECEPTION_NUMBER_SIZE];
    report *rep = &r->context->report;
    clock_text_in_japan(last->at, at);
    reception_number(last->id, number);
    report_text(rep, "receptionNumber", NULL, number);
    report_number(rep, "secondsAgo", NULL, r->now - last->at);
    return report_failure(rep, OUTCOME_REFUSED, "received-already",
                          _("This card was received at %.5s already (number %s). Take it out. If the patient is to be "
                            "received once more, add --again."),
                          at + 11, number);
}

/* Refuses a card that was received a moment ago. By this terminal's clock: a time in the future is ignored. */
static outcome check_repeat(reception *r, const terminal_record *last) {
    const int64_t since = r->now - last->at;
    const bool soon = since >= 0 && since < r->context->configuration.same_card_minutes * 60;
    return soon && !r->context->options.again ? ask_again(r, last) : OUTCOME_OK;
}

outcome reception_recognise(reception *r) {
    terminal_record rows[LOOKED_THROUGH];
    size_t count = 0;
    const terminal_filter same = {.kind = RECORD_RECEPTION, .subject = r->subject, .newest_first = true};
    if (terminal_store_list(r->store->file, &same, rows, LOOKED_THROUGH, &count) != RESULT_OK || count == 0)
        return OUTCOME_OK;
    const outcome done = check_repeat(r, &rows[0]);
    if (done == OUTCOME_OK)
        learn(r, rows, count);
    return done;
}
