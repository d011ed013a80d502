/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "coverage.h"

#include <string.h>

static void show_public(const platform_coverage *one, bool in_force, coverage_ruling *out) {
    if (in_force && out->public_count < FHIR_PUBLIC_EXPENSES_MAX)
        out->public_expenses[out->public_count++] = one;
}

/* When no coverage is in force: shows the next one, or the one that ended last with the reason of its loss. */
static void show_neighbour(const platform_coverage *next, const platform_coverage *last, coverage_ruling *out) {
    if (next)
        out->coverages[out->count++] = next;
    else if (last)
        out->coverages[out->count++] = last;
    out->validity = next ? ELIGIBILITY_NEW_COVERAGE : last ? ELIGIBILITY_INVALID : ELIGIBILITY_NONE;
}

void coverage_rule(const platform_person *person, const char *day, coverage_ruling *out) {
    const platform_coverage *next = NULL, *last = NULL;
    memset(out, 0, sizeof *out);
    for (size_t i = 0; person && i < person->coverage_count; i++) {
        const platform_coverage *one = &person->coverages[i];
        bool begun = strcmp(one->from, day) <= 0, ended = one->to[0] && strcmp(one->to, day) < 0;
        if (one->public_expense)
            show_public(one, begun && !ended, out);
        else if (begun && !ended)
            out->coverages[out->count++] = one;
        else if (!begun && (!next || strcmp(one->from, next->from) < 0))
            next = one;
        else if (ended && (!last || strcmp(one->to, last->to) > 0))
            last = one;
    }
    if (out->count > 0)
        out->validity = out->count == 1 ? ELIGIBILITY_VALID : ELIGIBILITY_SEVERAL;
    else
        show_neighbour(next, last, out);
}

const char *coverage_words(eligibility_validity validity) {
    static const char *const texts[] = {
        [ELIGIBILITY_VALID] = "Valid on the day of service.",
        [ELIGIBILITY_INVALID] = "Not valid on the day of service. Ask the patient about the present insurance.",
        [ELIGIBILITY_NEW_COVERAGE] = "Not valid on the day of service; a new coverage begins later.",
        [ELIGIBILITY_NONE] = "No coverage is known for this card. Ask the patient for a document of the insurer.",
        [ELIGIBILITY_SEVERAL] = "Several coverages on the day of service. Ask the patient which one applies.",
    };
    return texts[validity];
}
