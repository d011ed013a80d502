/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A time limit for calls that may hang. PKCS #11 has no time-outs: a call into a reader or a p11-kit server that hangs
 * does not return. When the limit is over, the process ends with a sentence and the reason se-stuck: no record is half
 * written, and systemd starts the daemon again.
 *
 *   what                                        seconds
 *   a step with the SE or a card                [se] answer-seconds (10)
 *   the same when readers are looked for first  twice that
 *   a call to a service                         25 (services/service_call.c)
 *   anything else of the daemon                 120 (desk/desk.c)
 *   generation of keys                          unlimited */
#pragma once

#include <stdbool.h>

#define WATCHDOG_REASON "se-stuck"

/* Sets the time limit until the next call of this function; 0: unlimited. Returns whether a limit was set before. */
bool watchdog_expect(unsigned seconds);
/* Sets the time limit of each step of lib/p11; 0: the default. */
void watchdog_expect_answers(long seconds);
/* Writes the sentence as JSON on standard output. Call it before the two functions above. */
void watchdog_speak_json(void);
/* When the time limit ends the process, it leaves an empty file at path for the clients that waited for its answer. */
void watchdog_leave_mark(const char *path);
/* The sentence, in the thread's language. */
const char *watchdog_sentence(void);
