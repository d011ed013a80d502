/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/time_beacon.h"

#include "base/clock.h"

#include <string.h>

#define SERVICE "pf"

bool time_beacon_is_nonce(const char *text) {
    return strlen(text) == TIME_BEACON_NONCE_SIZE - 1 && strspn(text, "0123456789ABCDEF") == TIME_BEACON_NONCE_SIZE - 1;
}

static result nonce_of(const json_t *root, char nonce[TIME_BEACON_NONCE_SIZE], fhir_problem *problem) {
    result outcome = fhir_text(root, "nonce", nonce, TIME_BEACON_NONCE_SIZE, problem);
    if (outcome == RESULT_OK && !time_beacon_is_nonce(nonce))
        outcome = fhir_complain(problem, "nonce: must be 64 capital hexadecimal digits");
    return outcome;
}

result time_beacon_request_write(const char *nonce, buffer *text) {
    return fhir_dump_and_free(json_pack("{s:s}", "nonce", nonce), text);
}

result time_beacon_request_read(bytes text, char nonce[TIME_BEACON_NONCE_SIZE], fhir_problem *problem) {
    json_t *root = fhir_parse(text, problem);
    result outcome = root != NULL ? nonce_of(root, nonce, problem) : RESULT_INVALID;
    json_decref(root);
    return outcome;
}

result time_beacon_write(const time_beacon *b, buffer *text) {
    char time[CLOCK_TEXT_SIZE];
    clock_text(b->at_ms / 1000, time);
    return fhir_dump_and_free(json_pack("{s:s,s:s,s:s,s:I}", "service", SERVICE, "nonce", b->nonce, "time", time,
                                        "milliseconds", (json_int_t)(b->at_ms % 1000)),
                              text);
}

static result beacon_of(const json_t *root, time_beacon *out, fhir_problem *problem) {
    char time[CLOCK_TEXT_SIZE];
    int64_t seconds = 0;
    const json_t *milliseconds = json_object_get(root, "milliseconds");
    result outcome = fhir_expect(root, "service", SERVICE, problem);
    if (outcome == RESULT_OK)
        outcome = nonce_of(root, out->nonce, problem);
    if (outcome == RESULT_OK)
        outcome = fhir_text(root, "time", time, sizeof time, problem);
    if (outcome == RESULT_OK && (clock_parse(time, &seconds) != RESULT_OK || !json_is_integer(milliseconds) ||
                                 json_integer_value(milliseconds) < 0 || json_integer_value(milliseconds) > 999))
        outcome = fhir_complain(problem, "time, milliseconds: must be YYYY-MM-DDThh:mm:ssZ and 0 to 999");
    out->at_ms = outcome == RESULT_OK ? seconds * 1000 + json_integer_value(milliseconds) : 0;
    return outcome;
}

result time_beacon_read(bytes text, time_beacon *out, fhir_problem *problem) {
    *out = (time_beacon){0};
    json_t *root = fhir_parse(text, problem);
    result outcome = root != NULL ? beacon_of(root, out, problem) : RESULT_INVALID;
    json_decref(root);
    return outcome;
}
