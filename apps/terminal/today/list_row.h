/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A reception as lists show it, whether a card or a paper was shown. */
#pragma once

#include "core/report.h"

#include "delivery/paper_record.h"

typedef struct list_row {
    char id[UUID_TEXT_SIZE];
    int64_t at;
    bool without_card;
    paper_kind paper;               /* without_card */
    char state[TERMINAL_WORD_SIZE]; /* of the reception */
    char visit[TERMINAL_WORD_SIZE]; /* of its visit; "" there is none */
    char grade[32];                 /* as shown at the counter; "": received without a card */
    char reason[FHIR_PROBLEM_MAX];  /* of a refusal */
    char insurer[FHIR_NAME_SIZE];   /* in force; "" none, or not known */
    char assumed[FHIR_NAME_SIZE];   /* offline: the insurer assumed; "" none */
    char insurer_number[FHIR_WORD_SIZE];
    eligibility_coverage coverage; /* in force, or as the paper says; insurer_number "" none */
    eligibility_validity validity; /* of the platform's answer; 0: there is none */
    desk_person person;
    desk_note note;
} list_row;

/* Opens the record and its visit. A record that is damaged gives a row with STATE_DAMAGED and RESULT_OK. Codes:
 * record_read. */
result list_row_read(store_access *s, const terminal_record *record, list_row *out);

/* Lines for people, and an object added to list. */
void list_row_show(report *r, const list_row *row, json_t *list);
/* Shows one reception as the command's own answer. */
void list_row_tell(report *r, const list_row *row);

/* Whether this department sees the patient: the reception names it or no department. */
bool list_row_is_for(const list_row *row, const char *department);

/* The state in words, in the user's language. */
const char *list_row_state_words(const list_row *row);
