/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Work for which nobody waits at a counter: it gets the processors that are left over. */
#pragma once

/* Runs work(context) in a thread of its own of lower priority (nice(2): 10), and waits for it. A thread that gave up
 * its priority could not take it back without privileges, so that the caller keeps his. Without a thread to be had the
 * work is done at the caller's priority. */
void background_run(void (*work)(void *context), void *context);
