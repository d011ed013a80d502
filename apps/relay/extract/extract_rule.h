/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whose eligibility must be checked again, and why (保険資格確認抽出): one row of the table for each reason. Arithmetic only:
 * the day comes in as an argument. */
#pragma once

#include "base/clock.h"
#include "fhir/eligibility.h"

typedef enum extract_reason {
    EXTRACT_PROVISIONAL,  /* received offline, and the platform has not answered yet */
    EXTRACT_STALE,        /* its last answer is too old */
    EXTRACT_MONTH,        /* its last answer is about a month before */
    EXTRACT_ENDING,       /* the coverage ends soon, or has ended */
    EXTRACT_NEW_COVERAGE, /* the platform has said that another coverage begins, and that day has come */
    EXTRACT_APPOINTMENT,  /* the patient comes today or tomorrow, and the platform was not asked yesterday or today */
    EXTRACT_REASONS
} extract_reason;

#define EXTRACT_ALL ((1u << EXTRACT_REASONS) - 1)

/* What is known about one patient. */
typedef struct extract_facts {
    bool waiting;                      /* there is evidence that the platform has not answered yet */
    char answered_on[CLOCK_DATE_SIZE]; /* the day of its last answer; "": there was none */
    char about_day[CLOCK_DATE_SIZE];   /* the day that this answer is about */
    eligibility_validity validity;     /* what that answer says */
    char ends_on[CLOCK_DATE_SIZE];     /* of the coverage that it gave; "": it does not end, or there is none */
    char begins_on[CLOCK_DATE_SIZE];   /* of a new coverage; "": the answer does not say */
    char appointment[CLOCK_DATE_SIZE]; /* the next one; "": none is known */
} extract_facts;

typedef struct extract_rules {
    unsigned enabled; /* bits, by extract_reason */
    int stale_days;   /* an answer is too old when it is older than this */
    int ending_days;  /* a coverage ends soon when no more than this many days are left */
} extract_rules;

/* The reasons that hold on that day (YYYY-MM-DD), as bits; 0: there is nothing to ask. */
unsigned extract_reasons(const extract_rules *rules, const extract_facts *facts, const char *today);
/* The day about which the platform is to be asked: of the appointment when that is a reason, else today. */
const char *extract_day_to_ask(const extract_facts *facts, unsigned reasons, const char *today);

/* For programs ("month-changed"), and for people. */
const char *extract_reason_word(extract_reason reason);
const char *extract_reason_english(extract_reason reason);
const char *extract_reason_japanese(extract_reason reason);
/* Words with commas or blanks between them, as bits. RESULT_INVALID: one is no such word. */
result extract_reasons_read(const char *words, unsigned *out);
