/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Turns the answers that pass through the relay into notes about patients. */
#include "extract/extraction_internal.h"

#include "base/copy_text.h"
#include "base/log.h"
#include "fhir/batch_answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Notes of one terminal, written one by one. */
typedef struct noting {
    extraction *x;
    insured_note note;
    eligibility_response answer;
} noting;

static noting *noting_new(extraction *x, const char *terminal, enum insured_news news) {
    noting *n = x != NULL ? calloc(1, sizeof *n) : NULL; /* large */
    if (n == NULL)
        return NULL;
    n->x = x;
    n->note.news = news;
    COPY_TEXT(n->note.row.terminal, terminal);
    return n;
}

static void note(noting *n) {
    const result code = extract_store_note(n->x->store, &n->note);
    if (code != RESULT_OK)
        log_write(LOG_WARNING, "what has passed for %s cannot be noted: %s", n->note.row.terminal, result_text(code));
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

void extraction_word_of(const eligibility_response *answer, insured_word *out) {
    const eligibility_coverage *now = eligibility_coverage_on(answer, answer->service_date);
    *out = (insured_word){.at = clock_wall_s(), .validity = answer->validity};
    COPY_TEXT(out->about_day, answer->service_date);
    if (now != NULL)
        out->coverage = *now;
    for (size_t i = 0; i < answer->coverage_count; i++) {
        const char *from = answer->coverages[i].from;
        if (strcmp(from, answer->service_date) > 0 && (*out->begins_on == 0 || strcmp(from, out->begins_on) < 0))
            COPY_TEXT(out->begins_on, from);
    }
}

static void note_answer(noting *n) {
    const eligibility_response *a = &n->answer;
    insured_row *row = &n->note.row;
    if (clock_check_date(a->service_date) != RESULT_OK)
        return;
    COPY_TEXT(row->patient_serial, a->patient_serial);
    COPY_TEXT(row->evidence_id, a->evidence_id);
    COPY_TEXT(row->received_on, n->note.news == INSURED_RECEPTION ? a->service_date : "");
    COPY_TEXT(row->appointment, n->note.news == INSURED_CHECK ? a->service_date : "");
    extraction_word_of(a, &row->word);
    note(n);
}

static void note_batch(noting *n, bytes text) {
    eligibility_batch_answer *entries = NULL;
    if (eligibility_batch_answer_read(text, &entries, NULL) != RESULT_OK)
        return;
    const size_t count = eligibility_batch_answer_count(entries);
    for (size_t i = 0; i < count && i < FHIR_BATCH_MAX; i++) {
        int status = 0;
        if (eligibility_batch_answer_entry(entries, i, &status, &n->answer, NULL) == RESULT_OK &&
            (status == 200 || status == 201))
            note_answer(n);
    }
    eligibility_batch_answer_free(&entries);
}

void extraction_note_answer(extraction *x, const char *terminal, bytes answer, bool is_single) {
    noting *n = noting_new(x, terminal, INSURED_RECEPTION);
    if (n != NULL && !is_single)
        note_batch(n, answer);
    else if (n != NULL && eligibility_response_read(answer, &n->answer, NULL) == RESULT_OK)
        note_answer(n);
    free(n);
}

void extraction_note_check(extraction *x, const char *terminal, bytes answer) {
    noting *n = noting_new(x, terminal, INSURED_CHECK);
    if (n != NULL)
        note_batch(n, answer);
    free(n);
}
