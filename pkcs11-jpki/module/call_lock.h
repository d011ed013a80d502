/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who may be in the stock module: one caller at a time. OpenSC's own lock lets no more in, but frees itself, readers
 * and cards in C_Finalize without a look at the other threads; and the account (account.h) changes with each call. In
 * the child of a fork the gate is closed, whatever the parent's threads were doing. */
#pragma once

#include <stdbool.h>

/* Open from the end of C_Initialize to the beginning of C_Finalize, in the process that called it. */
bool call_lock_is_open(void);

/* Waits until nobody is inside; false, and not inside, when the gate is not open. */
bool call_lock_enter(void);
void call_lock_leave(void);

/* Nobody enters any more, one closer at a time; returns whether the gate was open. Then call_lock_empty waits until whoever
 * is inside has left, and call_lock_reopen ends it. */
bool call_lock_close(void);
void call_lock_empty(void);
void call_lock_reopen(bool open);
