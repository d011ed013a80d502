/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/outcome.h"

#include "fhir/eligibility_internal.h"

#include <stdio.h>

static json_t *outcome_json(const char *code, const char *text) {
    return json_pack("{s:s,s:[{s:s,s:s,s:{s:s}}]}", "resourceType", "OperationOutcome", "issue", "severity", "error",
                     "code", code, "details", "text", text);
}

result outcome_write(const char *code, const char *text, buffer *json) {
    return fhir_dump_and_free(outcome_json(code, text), json);
}

result outcome_write_about(const char *code, const char *text, const char *evidence_id, buffer *json) {
    json_t *root = outcome_json(code, text);
    json_t *about = json_pack("[{s:s,s:s}]", "url", EXTENSION_EVIDENCE_ID, "valueString", evidence_id);
    if (root == NULL || about == NULL || json_object_set_new(root, "extension", about) != 0) {
        json_decref(root);
        return RESULT_INVALID;
    }
    return fhir_dump_and_free(root, json);
}

void outcome_read(bytes json, char *text, size_t size) {
    json_t *root = fhir_parse(json, NULL);
    if (root == NULL || fhir_text(root, "issue.0.details.text", text, size, NULL) != RESULT_OK)
        snprintf(text, size, "the service gave no reason");
    json_decref(root);
}

void outcome_read_code(bytes json, char *code, size_t size) {
    json_t *root = fhir_parse(json, NULL);
    code[0] = 0;
    if (root != NULL)
        fhir_text(root, "issue.0.code", code, size, NULL);
    json_decref(root);
}
