/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/filter_calls.h"

#include "se/relay_client.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypt/digest.h"

CK_RV filter_open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE *session) {
    relay_client *client = relay_client_here();
    relay_se_status now;
    (void)application;
    (void)notify;
    if (slot != CLIENT_SLOT)
        return CKR_SLOT_ID_INVALID;
    if ((flags & CKF_SERIAL_SESSION) == 0)
        return CKR_SESSION_PARALLEL_NOT_SUPPORTED;
    const CK_RV rv = relay_client_status(&now);
    for (size_t i = 0; rv == CKR_OK && i < CLIENT_SESSIONS_MAX; i++) {
        client_session *one = &client->sessions[i];
        if (one->handle != 0 && one->generation == now.generation)
            continue;
        relay_client_reset(one);
        *one = (client_session){.handle = client->next_handle++,
                                .flags = flags,
                                .generation = now.generation,
                                .message = BUFFER_INIT(CLIENT_MESSAGE_MAX)};
        *session = one->handle;
        return CKR_OK;
    }
    return rv != CKR_OK ? rv : CKR_SESSION_COUNT;
}

/* Also closes a session that ended because the SE was removed. */
CK_RV filter_close_session(CK_SESSION_HANDLE session) {
    client_session *one;
    const CK_RV rv = relay_client_session(session, &one);
    if (one == NULL)
        return rv;
    relay_client_reset(one);
    one->handle = 0;
    return CKR_OK;
}

CK_RV filter_close_all_sessions(CK_SLOT_ID slot) {
    relay_client *client = relay_client_here();
    if (slot != CLIENT_SLOT)
        return CKR_SLOT_ID_INVALID;
    for (size_t i = 0; i < CLIENT_SESSIONS_MAX; i++) {
        relay_client_reset(&client->sessions[i]);
        client->sessions[i].handle = 0;
    }
    client->logged_in = false;
    return CKR_OK;
}

CK_RV filter_get_session_info(CK_SESSION_HANDLE session, CK_SESSION_INFO *info) {
    client_session *one;
    const CK_RV rv = relay_client_session(session, &one);
    if (rv != CKR_OK)
        return rv;
    const bool writes = (one->flags & CKF_RW_SESSION) != 0, in = relay_client_here()->logged_in;
    *info = (CK_SESSION_INFO){.slotID = CLIENT_SLOT,
                              .state = in       ? writes ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS
                                       : writes ? CKS_RW_PUBLIC_SESSION
                                                : CKS_RO_PUBLIC_SESSION,
                              .flags = one->flags};
    return CKR_OK;
}

/* The code that the relay's administrator has made for this terminal. Each works once. */
static CK_RV check_code(const CK_UTF8CHAR *word, CK_ULONG length) {
    const relay_client *client = relay_client_here();
    uint8_t digest[CRYPT_SHA256_LENGTH];
    char hash[RELAY_WORD_SIZE];
    if (word == NULL || length == 0 || crypt_sha256(bytes_of(word, length), digest) != RESULT_OK)
        return CKR_PIN_INCORRECT;
    hex_encode(BYTES(digest), hash, sizeof hash);
    const result code = relay_store_take_code(client->desk->store, client->terminal, hash, clock_wall_s());
    if (code == RESULT_OK)
        log_notice("%s has used the code that takes its lock off", client->terminal);
    return code == RESULT_OK ? CKR_OK : code == RESULT_DENIED ? CKR_PIN_INCORRECT : CKR_DEVICE_ERROR;
}

/* Accepts any user PIN: programs do not know the SE's PIN, and what they give never reaches the SE. */
CK_RV filter_login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG length) {
    relay_client *client = relay_client_here();
    client_session *one;
    CK_RV rv = relay_client_session(session, &one);
    if (rv == CKR_OK && client->logged_in)
        rv = CKR_USER_ALREADY_LOGGED_IN;
    else if (rv == CKR_OK && user == CKU_SO)
        rv = check_code(pin, length);
    else if (rv == CKR_OK && user != CKU_USER)
        rv = CKR_USER_TYPE_INVALID;
    client->logged_in |= rv == CKR_OK;
    return rv;
}

CK_RV filter_logout(CK_SESSION_HANDLE session) {
    client_session *one;
    const CK_RV rv = relay_client_session(session, &one);
    if (rv == CKR_OK)
        relay_client_here()->logged_in = false;
    return rv;
}
