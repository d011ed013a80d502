/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The call lock: one C_* call at a time in the stock module. OpenSC's own lock also admits one, but C_Finalize frees
 * it, readers and cards without regard to other threads; and each call changes the table of sessions (account.h). In
 * the child of a fork the call lock is closed. */
#pragma once

#include <stdbool.h>

/* Open from the end of C_Initialize to the beginning of C_Finalize, in the process that called it. */
bool call_lock_is_open(void);

/* Waits for the lock; false, and not held, when it is not open. */
bool call_lock_enter(void);
void call_lock_leave(void);

/* No further call enters; one closer at a time. Returns whether it was open. Then call_lock_empty waits for the calls
 * in progress, and call_lock_reopen ends the closure. */
bool call_lock_close(void);
void call_lock_empty(void);
void call_lock_reopen(bool open);
