/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Extraction of patients whose eligibility must be checked again, and the questions about them (表3-6 6-1 ①②). The relay
 * notes the answers that pass through it (extract/insured_row.h), selects patients by the rules
 * (extract/extract_rule.h), and asks the platform by a pre-check, one batch for each terminal. Each terminal fetches
 * the answers to its own patients like its other kept answers. */
#pragma once

#include "extract/extract_rule.h"

#include "base/buffer.h"
#include "keep/keep_store.h"

#include <jansson.h>

#define EXTRACTION_TURN_MS 250 /* between two checks whether the platform must be asked */

typedef struct extraction extraction;

/* The way to the platform; for the extraction's own thread. */
typedef struct extraction_platform {
    void *context;
    /* Whether the platform answers, and has not said to come later. */
    bool (*may_ask)(void *context);
    /* A batch of pre-checks of this terminal's patients. RESULT_OK: answered, verified, and kept for the terminal; the
     * answer is appended. RESULT_REFUSED: the platform does not take this batch; others may be asked. */
    result (*ask)(void *context, const char *terminal, bytes request, buffer *answer);
} extraction_platform;

typedef struct extraction_options {
    const char *folder;           /* borrowed, as the texts */
    const char *institution_code; /* in whose name the relay asks */
    extract_rules rules;
    long keep_days;   /* after the last reception or announced appointment a patient is forgotten */
    long every_s;     /* 0: asks only on request (extract query) */
    long spread_s;    /* of extract_timer */
    keep_store *kept; /* borrowed: a patient whose evidence is queued in it is provisional; NULL: nobody is */
    extraction_platform platform;
} extraction_options;

/* Opens what was noted; asks nothing yet. The log says why not. */
result extraction_new(const extraction_options *options, extraction **out);
/* Starts the thread that asks. RESULT_NO_MEMORY. */
result extraction_start(extraction *x);
/* Ends that thread, after a call in progress. */
void extraction_stop(extraction *x);
void extraction_free(extraction **x);

/* --- what passes; x NULL: nothing is noted ------------------------------------------------------------------------ */

/* An answer of the platform, verified, to what this terminal has sent. is_single: to one reception, not to a batch. */
void extraction_note_answer(extraction *x, const char *terminal, bytes answer, bool is_single);
/* The platform's answer, verified, to pre-checks of this terminal: its patients come on the days that they are about. */
void extraction_note_check(extraction *x, const char *terminal, bytes answer);

/* --- what is asked, and shown ------------------------------------------------------------------------------------- */

/* One turn of the thread: asks if it is time. */
void extraction_turn(extraction *x);
/* Requests a run: the platform is asked as soon as it can be reached. */
void extraction_want(extraction *x);

/* Appends to list some of those who are extracted today, and of those who were asked about today: docs/interfaces/relay.md.
 * cursor: "" at first; then where to go on, "" at the end. */
#define EXTRACTION_CURSOR_SIZE 64
result extraction_list(extraction *x, char cursor[EXTRACTION_CURSOR_SIZE], json_t *list);

typedef struct extraction_counts {
    int64_t patients;                /* noted */
    uint64_t asked, changed, failed; /* since the start: questions answered; with another finding than before; batches
                                        without an answer */
    int64_t asked_at;                /* when it last asked, seconds since 1970; 0: never */
} extraction_counts;
/* Counters for status and metrics. */
void extraction_tell(extraction *x, extraction_counts *out);
