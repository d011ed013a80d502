/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* PKCS #11 has no time-outs: a call blocks while a reader, a card or a p11-kit server hangs. So the caller can register
 * functions for the begin and end of each step with a token, called by the step's thread. Not for key generation and
 * personalisation, which have no time limit, and not for the watch's thread, which blocks by design. */
#pragma once

#include <stdbool.h>

/* begins: opening is true for steps that may have to look for readers and cards first, which takes longer. Called once
 * before and once after each step; never nested. NULL, NULL: none (the default). Not for several threads. */
void token_tell_steps(void (*begins)(bool opening), void (*ends)(void));

/* For lib/p11 itself. */
int token_step_begins(bool opening);
void token_step_ends(const int *step);
