/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/pre_check.h"

#include "delivery/reception_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static result know_before(const reception_record *record, pre_check *out) {
    char day[CLOCK_DATE_SIZE];
    eligibility_response *answer = calloc(1, sizeof *answer); /* large */
    if (answer == NULL)
        return RESULT_NO_MEMORY;
    clock_date_in_japan(record->at, day);
    const result code = eligibility_response_read(buffer_bytes(&record->answer), answer, NULL);
    const eligibility_coverage *then = code == RESULT_OK ? eligibility_coverage_on(answer, day) : NULL;
    if (then != NULL)
        out->before = *then;
    free(answer);
    return code;
}

result pre_check_of(const reception_record *record, const char *day, pre_check *out) {
    *out = (pre_check){0};
    if (record->answer.length == 0)
        return RESULT_NOT_FOUND;
    result code = reception_request(record, &out->request);
    out->request.evidence = BUFFER_INIT(FHIR_EVIDENCE_MAX); /* the record's stays there */
    if (code == RESULT_OK)
        code = know_before(record, out);
    snprintf(out->request.service_date, sizeof out->request.service_date, "%s", day);
    clock_text(clock_wall_s(), out->request.created);
    return code;
}

static bool same_coverage(const eligibility_coverage *a, const eligibility_coverage *b) {
    return strcmp(a->insurer_number, b->insurer_number) == 0 && strcmp(a->symbol, b->symbol) == 0 &&
           strcmp(a->number, b->number) == 0 && strcmp(a->branch, b->branch) == 0;
}

pre_check_finding pre_check_compare(const pre_check *asked, const eligibility_response *answer) {
    const eligibility_coverage *now = eligibility_coverage_on(answer, asked->request.service_date);
    if (answer->validity == ELIGIBILITY_SEVERAL)
        return PRE_CHECK_SEVERAL;
    if (now == NULL)
        return answer->validity == ELIGIBILITY_NONE ? PRE_CHECK_NOT_FOUND : PRE_CHECK_LOST;
    return same_coverage(&asked->before, now) ? PRE_CHECK_UNCHANGED : PRE_CHECK_CHANGED;
}
