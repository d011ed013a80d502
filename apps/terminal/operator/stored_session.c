/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "operator/stored_session.h"

#include "operator/session_rule.h"

#include "core/clock_check.h"

#include "delivery/sealed_record.h"
#include "fhir/json.h"

#include <string.h>

#define FINGERPRINT_SIZE 65

result stored_session_begin(store_access *store, const char *fingerprint, const char *id, int64_t now) {
    buffer text = BUFFER_INIT(RECORD_MAX);
    result code = fhir_dump_and_free(
        json_pack("{s:s,s:s,s:I}", "fingerprint", fingerprint, "id", id, "since", (json_int_t)now), &text);
    if (code == RESULT_OK)
        code = record_set(store, SETTING_SESSION, buffer_bytes(&text));
    buffer_wipe(&text);
    return code;
}

bool stored_session_fits(store_access *store, const char *fingerprint, const limits *l, int64_t now) {
    buffer text = BUFFER_INIT(RECORD_MAX);
    char stored[FINGERPRINT_SIZE];
    const result code = record_setting(store, SETTING_SESSION, &text);
    json_t *root = code == RESULT_OK ? fhir_parse(buffer_bytes(&text), NULL) : NULL;
    buffer_wipe(&text);
    const int64_t age = now - json_integer_value(json_object_get(root, "since"));
    const bool fits = root != NULL && fhir_text(root, "fingerprint", stored, sizeof stored, NULL) == RESULT_OK &&
                      strcmp(stored, fingerprint) == 0 && session_rule_counts(age, l, CLOCK_BACK_TOLERANCE_S);
    json_decref(root);
    return fits;
}

result stored_session_end(store_access *store) {
    return record_unset(store, SETTING_SESSION);
}
