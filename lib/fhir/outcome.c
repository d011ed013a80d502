/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/outcome.h"

#include <stdio.h>

result outcome_write(const char *code, const char *text, buffer *json) {
    json_t *root = json_pack("{s:s,s:[{s:s,s:s,s:{s:s}}]}", "resourceType", "OperationOutcome", "issue", "severity",
                             "error", "code", code, "details", "text", text);
    return fhir_dump_and_free(root, json);
}

void outcome_read(bytes json, char *text, size_t size) {
    json_t *root = fhir_parse(json, NULL);
    if (root == NULL || fhir_text(root, "issue.0.details.text", text, size, NULL) != RESULT_OK)
        snprintf(text, size, "the service gave no reason");
    json_decref(root);
}
