/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "operator/stored_session.h"

#include "operator/session_rule.h"

#include "core/clock_check.h"

#include "delivery/sealed_record.h"
#include "fhir/json.h"

#include <string.h>

#define FINGERPRINT_SIZE 65
#define USED_EVERY_S 60

/* As it is kept. */
typedef struct stored {
    char fingerprint[FINGERPRINT_SIZE];
    int64_t since, used;
} stored;

static result keep(store_access *store, const stored *one, const char *id) {
    buffer text = BUFFER_INIT(RECORD_MAX);
    result code = fhir_dump_and_free(json_pack("{s:s,s:s,s:I,s:I}", "fingerprint", one->fingerprint, "id", id, "since",
                                               (json_int_t)one->since, "used", (json_int_t)one->used),
                                     &text);
    if (code == RESULT_OK)
        code = record_set(store, SETTING_SESSION, buffer_bytes(&text));
    buffer_wipe(&text);
    return code;
}

static bool recall(store_access *store, stored *out) {
    buffer text = BUFFER_INIT(RECORD_MAX);
    *out = (stored){0};
    json_t *root = record_setting(store, SETTING_SESSION, &text) == RESULT_OK ? fhir_parse(buffer_bytes(&text), NULL)
                                                                              : NULL;
    buffer_wipe(&text);
    out->since = json_integer_value(json_object_get(root, "since"));
    out->used = json_integer_value(json_object_get(root, "used"));
    const bool known = root != NULL &&
                       fhir_text(root, "fingerprint", out->fingerprint, sizeof out->fingerprint, NULL) == RESULT_OK;
    json_decref(root);
    return known;
}

result stored_session_begin(store_access *store, const char *fingerprint, const char *id, int64_t now) {
    stored one = {.since = now, .used = now};
    if (strlen(fingerprint) >= sizeof one.fingerprint)
        return RESULT_TOO_LONG;
    strcpy(one.fingerprint, fingerprint);
    return keep(store, &one, id);
}

bool stored_session_fits(store_access *store, const char *fingerprint, const limits *l, int64_t now) {
    stored one;
    return recall(store, &one) && strcmp(one.fingerprint, fingerprint) == 0 &&
           session_rule_counts(now - one.since, now - one.used, l, CLOCK_BACK_TOLERANCE_S);
}

result stored_session_use(store_access *store, const char *fingerprint, const char *id, int64_t now) {
    stored one;
    if (!recall(store, &one) || strcmp(one.fingerprint, fingerprint) != 0)
        return RESULT_NOT_FOUND;
    if (now - one.used < USED_EVERY_S)
        return RESULT_OK;
    one.used = now;
    return keep(store, &one, id);
}

result stored_session_end(store_access *store) {
    return record_unset(store, SETTING_SESSION);
}
