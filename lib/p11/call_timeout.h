/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* PKCS #11 has no time-outs: a call into a module lasts as long as a reader, a card or a p11-kit server hangs. Who
 * wants to end that is told of each step with a token, by the thread that takes it. Not told: making keys and
 * personalising, which take as long as they take; the watch's own thread, which waits by profession. */
#pragma once

#include <stdbool.h>

/* begins: opening is true for steps that may have to look for readers and cards first, which takes longer. Called once
 * before and once after each step; never nested. NULL, NULL: nobody is told (so it is at first). Not for several
 * threads. */
void token_tell_steps(void (*begins)(bool opening), void (*ends)(void));

/* For lib/p11 itself. */
int token_step_begins(bool opening);
void token_step_ends(const int *step);
