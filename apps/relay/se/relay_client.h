/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One connection of a terminal to the SE: its PKCS #11 sessions and their operations. Session handles begin at a random
 * number, so that a handle of another or an earlier connection is not valid here. */
#pragma once

#include "net/http_rate.h"
#include "se/relay_se.h"
#include "se/terminal_view.h"

#include <p11-kit/pkcs11.h>
#include <stdatomic.h>

#define CLIENT_SESSIONS_MAX 64
#define CLIENT_SLOT 1            /* the one slot that there is */
#define CLIENT_MESSAGE_MAX 16384 /* bytes of a message that is signed in parts */

/* What all connections have in common. */
typedef struct relay_desk {
    relay_se *se;
    relay_store *store;
    terminal_views *views;
    http_rate *rate;          /* of uses, per terminal */
    const char *reader;       /* the slot's description */
    _Atomic uint64_t calls;   /* of all terminals */
    _Atomic uint64_t refused; /* uses that were refused */
} relay_desk;

typedef struct client_session {
    CK_SESSION_HANDLE handle; /* 0: free */
    CK_FLAGS flags;
    uint32_t generation;              /* of the SE when it was opened */
    uint8_t found[TOKEN_OBJECTS_MAX]; /* places in the SE's list */
    size_t found_count, found_next;
    bool finding;
    const token_object *signs, *decrypts; /* the key of the operation in progress; NULL: none */
    buffer message;                       /* the message to be signed, collected from its parts */
    bool in_parts;
} client_session;

typedef struct relay_client {
    relay_desk *desk;
    char terminal[RELAY_WORD_SIZE];
    CK_ULONG next_handle, object_base;
    bool logged_in;
    client_session sessions[CLIENT_SESSIONS_MAX];
} relay_client;

/* For one connection of this terminal. RESULT_NO_MEMORY, RESULT_INTERNAL (no random numbers). */
result relay_client_new(relay_desk *desk, const char *terminal, relay_client **out);
void relay_client_free(relay_client **client);

/* The client whose call the calling thread serves. */
void relay_client_serve(relay_client *client);
relay_client *relay_client_here(void);

/* The SE's status for a call about the slot or the token. CKR_TOKEN_NOT_PRESENT: it is not ready. */
CK_RV relay_client_status(relay_se_status *out);
/* The session with this handle. CKR_SESSION_HANDLE_INVALID: there is none, or the SE was reopened since. */
CK_RV relay_client_session(CK_SESSION_HANDLE handle, client_session **out);
/* The object with this handle, as the client got it. NULL: none. */
const token_object *relay_client_object(CK_OBJECT_HANDLE handle);
/* Ends every operation of the session. */
void relay_client_reset(client_session *session);
