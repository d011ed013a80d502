/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/relay_client.h"

#include "crypt/digest.h"

#include <stdio.h>
#include <stdlib.h>

static _Thread_local relay_client *here;

result relay_client_new(relay_desk *desk, const char *terminal, relay_client **out) {
    uint32_t random[2];
    relay_client *client = *out = calloc(1, sizeof *client);
    if (client == NULL)
        return RESULT_NO_MEMORY;
    client->desk = desk;
    snprintf(client->terminal, sizeof client->terminal, "%s", terminal);
    const result code = crypt_random((uint8_t *)random, sizeof random);
    client->next_handle = 1 + (CK_ULONG)random[0];
    client->object_base = 1 + (CK_ULONG)random[1];
    if (code != RESULT_OK)
        relay_client_free(out);
    return code;
}

void relay_client_reset(client_session *session) {
    session->finding = session->in_parts = false;
    session->signs = session->decrypts = NULL;
    buffer_wipe(&session->message);
}

void relay_client_free(relay_client **client) {
    if (*client == NULL)
        return;
    for (size_t i = 0; i < CLIENT_SESSIONS_MAX; i++)
        relay_client_reset(&(*client)->sessions[i]);
    free(*client);
    *client = NULL;
}

void relay_client_serve(relay_client *client) {
    here = client;
}

relay_client *relay_client_here(void) {
    return here;
}

CK_RV relay_client_status(relay_se_status *out) {
    relay_se_tell(here->desk->se, out);
    return out->condition == RELAY_SE_READY ? CKR_OK : CKR_TOKEN_NOT_PRESENT;
}

CK_RV relay_client_session(CK_SESSION_HANDLE handle, client_session **out) {
    relay_se_status now;
    for (size_t i = 0; handle != 0 && i < CLIENT_SESSIONS_MAX; i++) {
        *out = &here->sessions[i];
        if ((*out)->handle != handle)
            continue;
        if (relay_client_status(&now) != CKR_OK)
            return CKR_DEVICE_REMOVED;
        return (*out)->generation == now.generation ? CKR_OK : CKR_SESSION_HANDLE_INVALID;
    }
    *out = NULL;
    return CKR_SESSION_HANDLE_INVALID;
}

const token_object *relay_client_object(CK_OBJECT_HANDLE handle) {
    const token_objects *all = relay_se_objects(here->desk->se);
    const CK_ULONG index = handle - here->object_base;
    return all != NULL && index < all->count ? &all->list[index] : NULL;
}
