/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The platform is asked about those who are due, terminal by terminal. */
#include "extract/extraction_internal.h"

#include "base/copy_text.h"
#include "base/log.h"
#include "fhir/batch_answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DUE_MAX 10000          /* in one run; the next one takes the others */
#define BODY_MAX (1024 * 1024) /* docs/interfaces/http.md */

/* --- who ---------------------------------------------------------------------------------------------------------- */

typedef struct due {
    char terminal[INSURED_TERMINAL_SIZE];
    int64_t number; /* of the row */
} due;

static int compare(const void *a, const void *b) {
    const due *left = a, *right = b;
    const int by_terminal = strcmp(left->terminal, right->terminal);
    return by_terminal != 0 ? by_terminal : (left->number > right->number) - (left->number < right->number);
}

static size_t find_due(extraction *x, const char *today, due *all) {
    insured_row *row = calloc(1, sizeof *row);
    size_t count = 0;
    int64_t at = 0;
    while (row != NULL && count < DUE_MAX && extract_store_next(x->store, at, row) == RESULT_OK) {
        at = row->number;
        if (row->evidence_id[0] == 0 || insured_row_due(row, &x->options.rules, today) == 0)
            continue;
        all[count].number = row->number;
        COPY_TEXT(all[count].terminal, row->terminal);
        count++;
    }
    free(row);
    qsort(all, count, sizeof *all, compare);
    return count;
}

/* --- one batch ---------------------------------------------------------------------------------------------------- */

typedef struct batch {
    insured_row rows[FHIR_BATCH_MAX];
    pre_check items[FHIR_BATCH_MAX];
    unsigned reasons[FHIR_BATCH_MAX];
    size_t count;
    eligibility_response answer;
} batch;

/* A patient may have been received meanwhile and need no question any more. */
static void take_up(extraction *x, batch *b, int64_t number, const char *today) {
    insured_row *row = &b->rows[b->count];
    pre_check *item = &b->items[b->count];
    extract_facts facts;
    if (extract_store_get(x->store, number, row) != RESULT_OK)
        return;
    const unsigned reasons = insured_row_due(row, &x->options.rules, today);
    if (reasons == 0)
        return;
    insured_row_facts(row, &facts);
    *item = (pre_check){.before = row->word.coverage, .request.evidence = BUFFER_INIT(FHIR_EVIDENCE_MAX)};
    memcpy(item->request.evidence_id, row->evidence_id, sizeof row->evidence_id);
    memcpy(item->request.patient_serial, row->patient_serial, sizeof row->patient_serial);
    COPY_TEXT(item->request.service_date, extract_day_to_ask(&facts, reasons, today));
    COPY_TEXT(item->request.institution_code, x->options.institution_code);
    clock_text(clock_wall_s(), item->request.created);
    b->reasons[b->count++] = reasons;
}

/* Collects the patients of one terminal. Returns how many entries of all it has passed. */
static size_t gather(extraction *x, batch *b, const due *all, size_t count, const char *today) {
    size_t i = 0;
    b->count = 0;
    while (i < count && b->count < FHIR_BATCH_MAX && strcmp(all[i].terminal, all[0].terminal) == 0)
        take_up(x, b, all[i++].number, today);
    return i;
}

static result ask(extraction *x, const batch *b, buffer *answer) {
    const eligibility_request *requests[FHIR_BATCH_MAX];
    buffer body = BUFFER_INIT(BODY_MAX);
    for (size_t i = 0; i < b->count; i++)
        requests[i] = &b->items[i].request;
    result code = eligibility_batch_write(requests, b->count, &body);
    if (code == RESULT_OK)
        code = x->options.platform.ask(x->options.platform.context, b->rows[0].terminal, buffer_bytes(&body), answer);
    buffer_wipe(&body);
    return code;
}

/* --- its answer --------------------------------------------------------------------------------------------------- */

/* An answer or a refusal belongs to the patient whom it names, whatever its position in the batch. */
static size_t find_asked(const batch *b, const char *evidence_id, const char *day) {
    size_t i = 0;
    while (i < b->count && (strcmp(b->items[i].request.evidence_id, evidence_id) != 0 ||
                            (day != NULL && strcmp(b->items[i].request.service_date, day) != 0)))
        i++;
    return i;
}

static void note_asked(extraction *x, const batch *b, size_t i, pre_check_finding finding, const insured_word *word,
                       const char *today) {
    insured_note note = {.news = INSURED_ASKED, .row = b->rows[i]};
    COPY_TEXT(note.row.asked_on, today);
    note.row.asked_for = b->reasons[i];
    note.row.finding = finding;
    note.row.word = word != NULL ? *word : (insured_word){0};
    if (extract_store_note(x->store, &note) != RESULT_OK)
        log_write(LOG_WARNING, "an answer cannot be noted: it is asked for again");
    atomic_fetch_add(&x->asked, 1);
    atomic_fetch_add(&x->changed, finding != PRE_CHECK_UNCHANGED);
}

static void take_answer(extraction *x, const batch *b, const char *today) {
    insured_word word;
    const size_t i = find_asked(b, b->answer.evidence_id, b->answer.service_date);
    if (i == b->count || strcmp(b->answer.patient_serial, b->items[i].request.patient_serial) != 0)
        return;
    extraction_word_of(&b->answer, &word);
    note_asked(x, b, i, pre_check_compare(&b->items[i], &b->answer), &word, today);
}

/* 404: the platform has no reception of this patient. Any other refusal says nothing about the coverage: the question
 * is repeated. */
static void take_entry(extraction *x, batch *b, const eligibility_batch_answer *entries, size_t index,
                       const char *today) {
    eligibility_refusal refusal;
    int status = 0;
    const result code = eligibility_batch_answer_entry(entries, index, &status, &b->answer, NULL);
    if (code == RESULT_OK && (status == 200 || status == 201)) {
        take_answer(x, b, today);
        return;
    }
    eligibility_batch_answer_refusal(entries, index, &refusal);
    const size_t i = find_asked(b, refusal.evidence_id, NULL);
    if (status == 404 && i < b->count)
        note_asked(x, b, i, PRE_CHECK_NOT_FOUND, NULL, today);
}

static void take_answers(extraction *x, batch *b, bytes text, const char *today) {
    eligibility_batch_answer *entries = NULL;
    if (eligibility_batch_answer_read(text, &entries, NULL) != RESULT_OK)
        return;
    const size_t count = eligibility_batch_answer_count(entries);
    for (size_t i = 0; i < count && i < FHIR_BATCH_MAX; i++)
        take_entry(x, b, entries, i, today);
    eligibility_batch_answer_free(&entries);
    atomic_store(&x->asked_at, clock_wall_s());
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

static result ask_batch(extraction *x, batch *b, const char *today) {
    buffer answer = BUFFER_INIT(KEPT_ANSWER_MAX);
    const result code = ask(x, b, &answer);
    if (code == RESULT_OK)
        take_answers(x, b, buffer_bytes(&answer), today);
    else
        atomic_fetch_add(&x->failed, 1);
    buffer_wipe(&answer);
    return code;
}

static bool may_go_on(extraction *x) {
    return !atomic_load(&x->ending) && x->options.platform.may_ask(x->options.platform.context);
}

/* Whether all were answered. A batch that the platform refuses does not delay those of other patients. */
static bool ask_each(extraction *x, batch *b, const due *all, size_t count, const char *today) {
    result code = RESULT_OK;
    bool good = true;
    for (size_t done = 0; done < count && (code == RESULT_OK || code == RESULT_REFUSED);) {
        done += gather(x, b, all + done, count - done, today);
        code = b->count == 0 ? RESULT_OK : may_go_on(x) ? ask_batch(x, b, today) : RESULT_UNAVAILABLE;
        good &= code == RESULT_OK;
    }
    return good;
}

static bool ask_due(extraction *x, batch *b, due all[DUE_MAX]) {
    char today[CLOCK_DATE_SIZE];
    clock_date_in_japan(clock_wall_s(), today);
    const size_t count = find_due(x, today, all);
    if (count > 0)
        log_notice("the platform is asked about %zu patients who are due", count);
    return ask_each(x, b, all, count, today) && count < DUE_MAX;
}

bool extraction_ask_all(extraction *x) {
    due *all = calloc(DUE_MAX, sizeof *all);
    batch *b = calloc(1, sizeof *b);
    const bool good = all != NULL && b != NULL && ask_due(x, b, all);
    free(all);
    free(b);
    return good;
}
