/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Detects inserted and removed cards: a separate thread waits in C_WaitForSlotEvent (PKCS #11 v3.0, 5.5) and, after
 * every event, checks whether the watched tokens are still the opened ones. A card that is removed and inserted at once
 * is detected, too, because its sessions have ended (PKCS #11 v3.0, 5.6).
 *
 * The module must have been opened by token_module_open, which asks for thread safety (CKF_OS_LOCKING_OK, p11-kit). */
#pragma once

#include "p11/token.h"

#include <stdatomic.h>

#define TOKEN_WATCH_MAX 4 /* tokens under watch at one time */

typedef struct token_watch token_watch;

/* changed is called from the thread after each event; it must not call lib/p11. context is kept by pointer.
 * RESULT_NO_MEMORY, RESULT_INTERNAL (no thread). */
result token_watch_new(token_module *module, void (*changed)(void *context), void *context, token_watch **out);

/* From now on *gone becomes true when the token's card is removed, replaced, or loses its sessions otherwise; *lost,
 * unless it is NULL, instead when the card is present and has only ended the login. All must live until
 * token_watch_drop. RESULT_EXISTS: TOKEN_WATCH_MAX are watched already. */
result token_watch_add(token_watch *watch, token *t, atomic_bool *gone, atomic_bool *lost);
/* Before token_close. */
void token_watch_drop(token_watch *watch, const token *t);
/* Checks without waiting for an event, unless the last check is less than 50 ms old: before the tokens are used. */
void token_watch_look(token_watch *watch);
/* Makes the next check unconditional. */
void token_watch_expire(token_watch *watch);

/* Finalizes the module, which ends the thread's wait (PKCS #11 v3.0, 5.4: C_Finalize makes a blocked C_WaitForSlotEvent
 * return), joins the thread and frees both. Other users of the module in this process must have ended before. */
void token_watch_end(token_watch **watch, token_module **module);
