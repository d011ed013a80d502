/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Good messages of lib/fhir, and changes to them. */
#pragma once

#include "fhir/eligibility.h"
#include "fhir/visit.h"

#define ID "0195c0ae-0000-7000-8000-000000000001"
#define TIME "2026-11-24T00:02:11Z"

/* A change to good JSON: the first `from` becomes `to`, and the complaint must name `place`. */
typedef struct edit {
    const char *from, *to, *place;
} edit;

/* The first e->from in good becomes e->to in *changed; good must have it. */
void fhir_example_edit(buffer *good, const edit *e, buffer *changed);

/* Good messages; what they own is the caller's. */
eligibility_request fhir_example_request(void);
eligibility_response fhir_example_response(void);
visit_record fhir_example_record(void);
