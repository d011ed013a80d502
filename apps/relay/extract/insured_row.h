/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the relay knows about one patient of one terminal: the evidence by which the platform knows the patient, the
 * insured number, and the platform's last answer. Neither name nor birth date nor address. */
#pragma once

#include "extract/extract_rule.h"

#include "base/buffer.h"
#include "delivery/pre_check.h"

#define INSURED_TERMINAL_SIZE 65
#define INSURED_TEXT_MAX 8192 /* bytes of a row as text */

/* The platform's word about a day. */
typedef struct insured_word {
    int64_t at; /* when it was given, seconds since 1970; 0: never */
    char about_day[CLOCK_DATE_SIZE];
    eligibility_validity validity;
    eligibility_coverage coverage;   /* in force on that day; insurer_number "": none */
    char begins_on[CLOCK_DATE_SIZE]; /* the first coverage that begins after that day; "": none */
} insured_word;

typedef struct insured_row {
    int64_t number; /* row number in the store; 0: not stored yet */
    char terminal[INSURED_TERMINAL_SIZE];
    char patient_serial[2 * FHIR_NAME_SIZE];
    char evidence_id[UUID_TEXT_SIZE]; /* of the newest reception that the platform has answered */
    char received_on[CLOCK_DATE_SIZE];
    insured_word word;
    char appointment[CLOCK_DATE_SIZE]; /* the next one; "": none */
    char asked_on[CLOCK_DATE_SIZE];    /* when the relay itself asked last; "": never */
    unsigned asked_for;                /* its reasons then */
    pre_check_finding finding;         /* what came of it */
} insured_row;

/* News about the patient whom row.terminal and row.patient_serial identify. */
typedef struct insured_note {
    enum insured_news {
        INSURED_RECEPTION, /* answered: row.evidence_id, received_on, word */
        INSURED_CHECK,     /* a pre-check of the terminal was answered: row.evidence_id, appointment, word */
        INSURED_ASKED,     /* one of the relay: row.asked_on, asked_for, finding; word too, when its at is not 0 */
    } news;
    insured_row row;
} insured_note;

/* The row with what is new in it. today: YYYY-MM-DD. row->number 0, row->evidence_id "": there was none. */
void insured_row_take(insured_row *row, const insured_note *note, const char *today);

/* For the rules. */
void insured_row_facts(const insured_row *row, extract_facts *out);
/* Why the platform is to be asked about this patient today, as bits. After an answer of today, only an appointment
 * about which it was not asked is a reason. */
unsigned insured_row_due(const insured_row *row, const extract_rules *rules, const char *today);

/* As text for the store, and back. RESULT_INVALID. */
result insured_row_write(const insured_row *row, buffer *text);
result insured_row_read(bytes text, insured_row *out);
