/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The program's sessions. Their handles are the module's own and never reused: the stock module's handles are
 * addresses, which are reused after a session was closed. Call with the call lock held. */
#pragma once

#include "module_slots.h"

struct session {
    CK_SESSION_HANDLE handle, stock;
    CK_FLAGS flags; /* of C_OpenSession */
    struct slot *slot;
    bool uses_key;      /* an operation of C_SignInit or C_DecryptInit is active */
    bool wants_consent; /* with a key that has CKA_ALWAYS_AUTHENTICATE */
};

/* CKR_HOST_MEMORY */
CK_RV sessions_add(const struct session *opened, CK_SESSION_HANDLE *handle);
/* NULL: no session with this handle. Valid until the next sessions_add or sessions_drop. */
struct session *sessions_find(CK_SESSION_HANDLE handle);
/* One of the slot's; NULL: it has none. */
struct session *sessions_first(const struct slot *s);
size_t sessions_count(const struct slot *s);
/* Calls for each of the slot's sessions. */
void sessions_each(const struct slot *s, void (*visit)(struct session *one, void *context), void *context);
void sessions_drop(CK_SESSION_HANDLE handle);
/* At C_Initialize and C_Finalize, and when the stock module was started again. */
void sessions_drop_all(void);
