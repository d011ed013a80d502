/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Work without a waiting patient, at lower priority. */
#pragma once

/* Runs work(context) in a thread of its own of lower priority (nice(2): 10), and waits for it. A thread that gave up
 * its priority could not take it back without privileges, so the caller keeps its own. If no thread can be created the
 * work is done at the caller's priority. */
void background_run(void (*work)(void *context), void *context);
