/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/filter_calls.h"

#include "se/relay_client.h"

#include "iso7816/se_state.h"

#include <string.h>

#define VALUE_MAX 65536
#define COUNTER_LENGTH 4

/* --- values made for the terminal that asks ----------------------------------------------------------------------- */

static CK_RV write_state(uint8_t out[SE_STATE_LENGTH]) {
    const relay_client *client = relay_client_here();
    relay_se_status now;
    se_state state = {.condition = SE_STATE_USABLE, .life_cycle = 0x0F};
    const CK_RV rv = relay_client_status(&now);
    if (rv != CKR_OK)
        return rv;
    if (terminal_views_signatures(client->desk->views, client->terminal, &state.signatures) != RESULT_OK)
        return CKR_DEVICE_ERROR;
    state.connection = now.connection;
    state.pairing = now.pairing;
    se_state_encode(&state, out);
    return CKR_OK;
}

static CK_RV write_counter(uint8_t out[COUNTER_LENGTH]) {
    const relay_client *client = relay_client_here();
    uint32_t counter;
    if (terminal_views_counter(client->desk->views, client->terminal, &counter) != RESULT_OK)
        return CKR_DEVICE_ERROR;
    for (int i = 0; i < COUNTER_LENGTH; i++)
        out[i] = (uint8_t)(counter >> (24 - 8 * i));
    return CKR_OK;
}

static CK_RV live_value(const token_object *object, uint8_t raw[SE_STATE_LENGTH], bytes *out) {
    *out = bytes_of(NULL, 0);
    if (object->live == OBJECT_STORED)
        return CKR_OK;
    const CK_RV rv = object->live == OBJECT_SE_STATE ? write_state(raw) : write_counter(raw);
    *out = bytes_of(raw, object->live == OBJECT_SE_STATE ? SE_STATE_LENGTH : COUNTER_LENGTH);
    return rv;
}

/* --- finding ------------------------------------------------------------------------------------------------------ */

/* PKCS #11 2.40 5.7: byte for byte. No program searches by a value that is made at each reading. */
static bool has(const token_object *object, const CK_ATTRIBUTE *wanted) {
    buffer value = BUFFER_INIT(VALUE_MAX);
    const bool same = token_object_attribute(object, wanted->type, bytes_of(NULL, 0), &value) == RESULT_OK &&
                      bytes_equal(buffer_bytes(&value), bytes_of(wanted->pValue, wanted->ulValueLen));
    buffer_wipe(&value);
    return same;
}

static bool fits(const token_object *object, const CK_ATTRIBUTE *template, CK_ULONG count) {
    for (CK_ULONG i = 0; i < count; i++)
        if (!has(object, &template[i]))
            return false;
    return true;
}

CK_RV filter_find_objects_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count) {
    const token_objects *all = relay_se_objects(relay_client_here()->desk->se);
    client_session *one;
    const CK_RV rv = relay_client_session(session, &one);
    if (rv != CKR_OK)
        return rv;
    if (one->finding)
        return CKR_OPERATION_ACTIVE;
    one->finding = true;
    one->found_count = one->found_next = 0;
    for (size_t i = 0; all != NULL && i < all->count; i++)
        if (fits(&all->list[i], template, count))
            one->found[one->found_count++] = (uint8_t)i;
    return CKR_OK;
}

CK_RV filter_find_objects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG max, CK_ULONG *count) {
    client_session *one;
    const CK_RV rv = relay_client_session(session, &one);
    if (rv != CKR_OK)
        return rv;
    if (!one->finding)
        return CKR_OPERATION_NOT_INITIALIZED;
    for (*count = 0; *count < max && one->found_next < one->found_count; (*count)++)
        objects[*count] = relay_client_here()->object_base + one->found[one->found_next++];
    return CKR_OK;
}

CK_RV filter_find_objects_final(CK_SESSION_HANDLE session) {
    client_session *one;
    const CK_RV rv = relay_client_session(session, &one);
    if (rv != CKR_OK)
        return rv;
    if (!one->finding)
        return CKR_OPERATION_NOT_INITIALIZED;
    one->finding = false;
    return CKR_OK;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* PKCS #11 2.40 5.7, C_GetAttributeValue: the cases of one attribute. */
static CK_RV read_one(const token_object *object, bytes live, CK_ATTRIBUTE *wanted) {
    buffer value = BUFFER_INIT(VALUE_MAX);
    const result code = token_object_attribute(object, wanted->type, live, &value);
    const CK_ULONG room = wanted->ulValueLen;
    CK_RV rv = CKR_OK;
    wanted->ulValueLen = code == RESULT_OK ? value.length : CK_UNAVAILABLE_INFORMATION;
    if (code != RESULT_OK) {
        rv = CKR_ATTRIBUTE_TYPE_INVALID;
    } else if (wanted->pValue != NULL && room < value.length) {
        wanted->ulValueLen = CK_UNAVAILABLE_INFORMATION;
        rv = CKR_BUFFER_TOO_SMALL;
    } else if (wanted->pValue != NULL && value.length > 0) {
        memcpy(wanted->pValue, value.data, value.length);
    }
    buffer_wipe(&value);
    return rv;
}

CK_RV filter_get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template,
                                 CK_ULONG count) {
    uint8_t raw[SE_STATE_LENGTH];
    bytes live;
    client_session *one;
    CK_RV rv = relay_client_session(session, &one);
    const token_object *found = rv == CKR_OK ? relay_client_object(object) : NULL;
    if (rv == CKR_OK && found == NULL)
        rv = CKR_OBJECT_HANDLE_INVALID;
    if (rv == CKR_OK)
        rv = live_value(found, raw, &live);
    if (rv != CKR_OK)
        return rv;
    for (CK_ULONG i = 0; i < count; i++) {
        const CK_RV last = read_one(found, live, &template[i]);
        rv = last != CKR_OK ? last : rv;
    }
    return rv;
}
