/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The platform's answer to one reception: what it knows about the patient on the day of service. */
#pragma once

#include "coverage.h"
#include "platform.h"

typedef struct answer_subject {
    const char *evidence_id, *day;
    const platform_certificate *patient;
    const char *clock_warning; /* NULL: none */
} answer_subject;

/* Rules on the day and appends the CoverageEligibilityResponse (docs/interfaces/http.md). person: as the store has the
 * patient; NULL: it has none. form: appended is what is signed of it (fhir/signed_answer.h). */
result answer_append(const platform *p, const answer_subject *subject, const platform_person *person, int64_t now,
                     eligibility_validity *validity, buffer *out, buffer *form);

/* An answer as the store has it, given once more: one that the version before has kept without salts gets them, derived
 * from its evidence id under the key of the link ids. */
result answer_renew(const platform *p, buffer *answer);
