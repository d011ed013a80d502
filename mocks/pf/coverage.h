/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which coverage holds on a day. */
#pragma once

#include "fhir/eligibility.h"
#include "store/platform_store.h"

typedef struct coverage_ruling {
    eligibility_validity validity;
    const platform_coverage
        *coverages[PLATFORM_COVERAGES_MAX]; /* those to show: in force that day; for 3 the next, for 2 the last */
    size_t count;
    const platform_coverage *public_expenses[FHIR_PUBLIC_EXPENSES_MAX]; /* in force that day */
    size_t public_count;
} coverage_ruling;

/* person may be NULL: unknown. day: YYYY-MM-DD; both the first and the last day of a coverage count. */
void coverage_rule(const platform_person *person, const char *day, coverage_ruling *out);
/* What the validity means for the people at the counter. */
const char *coverage_words(eligibility_validity validity);
