/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One of the hospital's hooks, run as a program: no shell, an environment of its own, no open file of ours, a time
 * limit, and only the first line of what it writes is read. */
#pragma once

#include "base/result.h"

#include <stdatomic.h>
#include <stdbool.h>

#define GATE_WORDS_SIZE 201

/* path: absolute. Its one argument is the hook's name. It ends within timeout_ms, and at once when *ending becomes true:
 * its process group is killed then. words: the first line that it has written, control characters as '?'.
 * RESULT_OK: status 0. RESULT_DENIED: another status, or a signal. RESULT_TIMEOUT. RESULT_NOT_FOUND: it cannot be run.
 * RESULT_INVALID: others than root and our own user can change it (base/file_guard.h); words say what to do. */
result gate_command_run(const char *path, const char *name, long timeout_ms, const _Atomic bool *ending,
                        char words[GATE_WORDS_SIZE]);
