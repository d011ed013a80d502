/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "coverage.h"

#include <string.h>

void coverage_rule(const platform_person *person, const char *day, coverage_ruling *out) {
    const platform_coverage *next = NULL;
    memset(out, 0, sizeof *out);
    out->validity = ELIGIBILITY_NONE;
    for (size_t i = 0; person && i < person->coverage_count; i++) {
        const platform_coverage *one = &person->coverages[i];
        bool begun = strcmp(one->from, day) <= 0, ended = one->to[0] && strcmp(one->to, day) < 0;
        if (begun && !ended)
            out->coverages[out->count++] = one;
        else if (!begun && (!next || strcmp(one->from, next->from) < 0))
            next = one;
    }
    if (out->count > 0) {
        out->validity = out->count == 1 ? ELIGIBILITY_VALID : ELIGIBILITY_SEVERAL;
    } else if (next) {
        out->validity = ELIGIBILITY_NEW_COVERAGE;
        out->coverages[out->count++] = next;
    } else if (person && person->coverage_count > 0) {
        out->validity = ELIGIBILITY_INVALID;
    }
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
