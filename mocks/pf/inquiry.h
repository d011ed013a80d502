/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* CoverageEligibilityRequests, from their evidence to rulings. */
#pragma once

#include "answer.h"
#include "evidence/evidence.h"
#include "service/refusal.h"

#define INQUIRY_ITEMS_MAX FHIR_BATCH_MAX

typedef struct inquiry_item {
    eligibility_request request;
    fhir_problem problem; /* not empty: it could not be read, and is refused with this */
} inquiry_item;

typedef struct inquiry_ruling {
    refusal refused; /* status 0: there is an answer; else 403, 404, 409, 422; 503 when the store fails */
    bool known;      /* the answer was given before */
    buffer resource; /* JSON: the answer, or empty */
    buffer form; /* what is signed of an answer that was made now (fhir/signed_answer.h); empty: of one that was read */
    platform_answer kept;
    platform_marks marks;
    bool to_answer;            /* good evidence, without its answer yet */
    const char *clock_warning; /* why its time is doubted, or NULL */
} inquiry_ruling;

/* The marks that no two pieces of good evidence may share. */
void inquiry_mark(const evidence_verdict *v, platform_marks *out);

/* Checks up to INQUIRY_ITEMS_MAX requests one by one, keeps evidence, answers and refusals in one durable step, and
 * only then returns. When the store fails it stops at that one, keeps nothing, and the remaining rulings stay as they
 * were given (zero). inquiry_ruling_wipe for each. */
void inquiry_rule(platform *p, const http_peer *peer, const inquiry_item *items, size_t count, statement_mode mode,
                  inquiry_ruling *rulings);

/* Frees what a ruling owns. */
void inquiry_ruling_wipe(inquiry_ruling *ruling);

/* Requests without evidence, about patients whom the institution authenticated before: 200, 404, 422, 503. */
void inquiry_pre_check(platform *p, const http_peer *peer, const inquiry_item *items, size_t count,
                       inquiry_ruling *rulings);
