#include "coverage.h"

#include <string.h>

void coverage_rule(const platform_person *person, const char *day, coverage_ruling *out) {
    const platform_coverage *next = NULL;
    memset(out, 0, sizeof *out);
    out->validity = VALIDITY_NONE;
    for (size_t i = 0; person && i < person->coverage_count; i++) {
        const platform_coverage *one = &person->coverages[i];
        bool begun = strcmp(one->from, day) <= 0, ended = one->to[0] && strcmp(one->to, day) < 0;
        if (begun && !ended)
            out->coverages[out->count++] = one;
        else if (!begun && (!next || strcmp(one->from, next->from) < 0))
            next = one;
    }
    if (out->count > 0) {
        out->validity = out->count == 1 ? VALIDITY_VALID : VALIDITY_SEVERAL;
    } else if (next) {
        out->validity = VALIDITY_INVALID_NEW;
        out->coverages[out->count++] = next;
    } else if (person && person->coverage_count > 0) {
        out->validity = VALIDITY_INVALID;
    }
}

const char *validity_text(validity v) {
    static const char *const texts[] = {
        [VALIDITY_VALID] = "Valid on the day of service.",
        [VALIDITY_INVALID] = "Not valid on the day of service. Ask the patient about the present insurance.",
        [VALIDITY_INVALID_NEW] = "Not valid on the day of service; a new coverage begins later.",
        [VALIDITY_NONE] = "No coverage is known for this card. Ask the patient for a document of the insurer.",
        [VALIDITY_SEVERAL] = "Several coverages on the day of service. Ask the patient which one applies.",
    };
    return texts[v];
}
