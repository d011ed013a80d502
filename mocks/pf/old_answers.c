/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "old_answers.h"

#include "inquiry.h"

#include "base/log.h"
#include "evidence/evidence.h"

#include <stdlib.h>

static result read_marks(void *context, bytes evidence, platform_marks *out) {
    const platform *p = context;
    const evidence_policy policy = {.patient_authorities = p->patients,
                                    .institution_authorities = p->institutions,
                                    .platform = &p->institution_cvc};
    evidence_verdict *verdict = calloc(1, sizeof *verdict); /* large: kept off the stack */
    result outcome = verdict ? evidence_verify(evidence, &policy, verdict) : RESULT_NO_MEMORY;
    if (outcome == RESULT_OK)
        inquiry_mark(verdict, out);
    free(verdict);
    return outcome;
}

result old_answers_mark(platform *p) {
    size_t count = 0, all = 0;
    result outcome;
    while ((outcome = platform_store_mark_old(p->store, read_marks, p, &count)) == RESULT_OK && count > 0)
        all += count;
    if (all > 0)
        log_notice("%zu answers of the version before: their challenges and counters are used up", all);
    return outcome;
}
