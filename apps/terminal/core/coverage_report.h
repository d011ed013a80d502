/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A coverage (資格) on the screen and in JSON, and the platform's codes about it in this program's own words: no sentence
 * of a server reaches the desk. */
#pragma once

#include "core/report.h"

#include "fhir/eligibility.h"

/* What a validity means for people. */
typedef struct validity_words {
    const char *reason;   /* for programs; NULL: valid */
    const char *sentence; /* what it is, and the next step; marked with N_() */
} validity_words;
const validity_words *coverage_validity_words(eligibility_validity validity);

/* Insurer; symbol, number and branch apart; insured person or family; period; share in tenths (3割); limit category,
 * elderly certificate, reason of loss. Members of the report itself. */
void report_coverage(report *r, const eligibility_coverage *c);
/* The same as one object, for lists. */
json_t *coverage_json(const eligibility_coverage *c);
/* Those in force, 公費: lines, and "publicExpenses" in JSON. */
void report_public_expenses(report *r, const eligibility_response *answer);
/* A code of docs/interfaces/http.md in words: "left the employer". */
const char *coverage_loss_words(const char *code);
/* The patient's share in words: 3割. text: of this size. */
#define COVERAGE_SHARE_SIZE 64
void coverage_share_text(int permille, char text[COVERAGE_SHARE_SIZE]);
