/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "operator/stored_session.h"

#include "delivery/sealed_record.h"
#include "fhir/json.h"
#include "pcsc/pcsc_service.h"

#include <string.h>

#define FINGERPRINT_SIZE 65
#define USED_EVERY_MS 60000

/* As it is kept. */
typedef struct stored {
    char fingerprint[FINGERPRINT_SIZE], stay[PCSC_STAY_SIZE];
    session_times times;
} stored;

static result keep(store_access *store, const stored *one, const char *id) {
    buffer text = BUFFER_INIT(RECORD_MAX);
    result code = fhir_dump_and_free(json_pack("{s:s,s:s,s:s,s:I,s:I}", "fingerprint", one->fingerprint, "id", id,
                                               "stay", one->stay, "beganMs", (json_int_t)one->times.began_ms, "usedMs",
                                               (json_int_t)one->times.used_ms),
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
    out->times.began_ms = json_integer_value(json_object_get(root, "beganMs"));
    out->times.used_ms = json_integer_value(json_object_get(root, "usedMs"));
    const bool known = root != NULL &&
                       fhir_text(root, "fingerprint", out->fingerprint, sizeof out->fingerprint, NULL) == RESULT_OK &&
                       fhir_text(root, "stay", out->stay, sizeof out->stay, NULL) == RESULT_OK;
    json_decref(root);
    return known;
}

/* Whether both are of one run of pcscd: what stands before the first '/'. */
static bool same_run(const char *a, const char *b) {
    const size_t length = strcspn(a, "/");
    return length > 0 && length == strcspn(b, "/") && strncmp(a, b, length) == 0;
}

result stored_session_begin(store_access *store, const session_owner *owner, int64_t now_ms) {
    stored one = {.times = {.began_ms = now_ms, .used_ms = now_ms}};
    if (strlen(owner->fingerprint) >= sizeof one.fingerprint || strlen(owner->stay) >= sizeof one.stay)
        return RESULT_TOO_LONG;
    strcpy(one.fingerprint, owner->fingerprint);
    strcpy(one.stay, owner->stay);
    return keep(store, &one, owner->id);
}

/* Reads the stored session; returns why it is not this card's, or NULL. */
static const char *recall_of(store_access *store, const session_owner *owner, stored *one) {
    if (!recall(store, one) || strcmp(one->fingerprint, owner->fingerprint) != 0 || !same_run(one->stay, owner->stay))
        return "";
    return strcmp(one->stay, owner->stay) != 0 ? "operator-card-removed" : NULL;
}

const char *stored_session_over(store_access *store, const session_owner *owner, const limits *l, int64_t now_ms) {
    stored one;
    const char *why = recall_of(store, owner, &one);
    if (why == NULL && (one.times.began_ms > now_ms || one.times.used_ms > now_ms))
        return "";
    return why != NULL ? why : session_rule_over(&one.times, false, l, now_ms);
}

result stored_session_use(store_access *store, const session_owner *owner, int64_t now_ms) {
    stored one;
    if (recall_of(store, owner, &one) != NULL)
        return RESULT_NOT_FOUND;
    if (now_ms - one.times.used_ms < USED_EVERY_MS)
        return RESULT_OK;
    one.times.used_ms = now_ms;
    return keep(store, &one, owner->id);
}

result stored_session_end(store_access *store) {
    return record_unset(store, SETTING_SESSION);
}
