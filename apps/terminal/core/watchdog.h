/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A time limit for calls that may hang. PKCS #11 has no time-outs: a reader or a p11-kit server that hangs below us is
 * waited for as long as it likes. Then the process ends, with a sentence and the reason se-stuck: nothing is half
 * recorded, and systemd starts the daemon again.
 *
 *   what                                        seconds
 *   a step with the SE or a card                [se] answer-seconds (10)
 *   the same when readers are looked for first  twice that
 *   a call to a service                         25 (services/service_call.c)
 *   anything else of the daemon                 120 (desk/desk.c)
 *   keys are made                               no end */
#pragma once

#include <stdbool.h>

#define WATCHDOG_REASON "se-stuck"

/* From now on the process has so long until the next call; 0: as long as it likes. Returns whether a time was
 * set before. */
bool watchdog_expect(unsigned seconds);
/* From now on each step of lib/p11 has so long; 0: the usual time. */
void watchdog_expect_answers(long seconds);
/* The sentence is said as JSON on standard output. Before the first of both above. */
void watchdog_speak_json(void);
/* An empty file is left there when the process ends so, for those who waited for its answer. */
void watchdog_leave_mark(const char *path);
/* What is said then, in the language of now. */
const char *watchdog_sentence(void);
