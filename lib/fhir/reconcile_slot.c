/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/reconcile_slot.h"

#include "fhir/eligibility.h"

result reconcile_slot_write(const reconcile_slot *slot, buffer *text) {
    char begin[CLOCK_TEXT_SIZE], end[CLOCK_TEXT_SIZE];
    clock_text(slot->not_before, begin);
    clock_text(slot->not_after, end);
    return fhir_dump_and_free(json_pack("{s:s,s:i,s:s,s:s}", "institutionCode", slot->institution_code, "maxBatch",
                                        FHIR_BATCH_MAX, "notBefore", begin, "notAfter", end),
                              text);
}

static result time_of(const json_t *root, const char *name, int64_t *at, fhir_problem *problem) {
    char text[CLOCK_TEXT_SIZE];
    result outcome = fhir_text(root, name, text, sizeof text, problem);
    if (outcome == RESULT_OK && clock_parse(text, at) != RESULT_OK)
        outcome = fhir_complain(problem, "%s: must be YYYY-MM-DDThh:mm:ssZ", name);
    return outcome;
}

result reconcile_slot_read(bytes text, reconcile_slot *out, fhir_problem *problem) {
    *out = (reconcile_slot){0};
    json_t *root = fhir_parse(text, problem);
    result outcome = root != NULL ? fhir_text(root, "institutionCode", out->institution_code,
                                              sizeof out->institution_code, problem)
                                  : RESULT_INVALID;
    if (outcome == RESULT_OK)
        outcome = time_of(root, "notBefore", &out->not_before, problem);
    if (outcome == RESULT_OK)
        outcome = time_of(root, "notAfter", &out->not_after, problem);
    if (outcome == RESULT_OK && out->not_after < out->not_before)
        outcome = fhir_complain(problem, "notAfter: is before notBefore");
    json_decref(root);
    return outcome;
}
