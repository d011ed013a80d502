/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Calls that fail when a test says so: memory here, the libraries' calls in failing-openssl.c and failing-gnutls.c. The
 * program is linked with -Wl,--wrap=NAME for each of them (failing.am), so that the code under test gets the wrapper; the
 * libraries' own calls are not touched. */
#pragma once

#include "base/result.h"

#include <stdbool.h>

/* What is done again and again, each time with another call failing. It must leave nothing behind. */
typedef result failing_step(void *context);

/* Runs the step with its first call failing, then with its second, until none is left. Each time it must fail by a code of
 * its own accord, but for harmless calls, whose failure changes nothing that is done; without a failing call it must
 * succeed. Returns how many calls there were. The sanitizers, in a build with them, say what leaks. */
unsigned failing_walk(failing_step *step, void *context, unsigned harmless);

/* The same with several calls failing, as chance has it: one in eight, for seeds 1 to count. Nothing may crash or leak. */
void failing_at_random(failing_step *step, void *context, unsigned count);

/* For wrappers: whether this call is to fail. */
bool failing_now(void);

/* A wrapper of one function: its type, what it returns when it fails, name, parameters with types, and their names. */
#define FAILING(type, failure, name, parameters, arguments)                                                            \
    type __real_##name parameters;                                                                                     \
    type __wrap_##name parameters;                                                                                     \
    type __wrap_##name parameters {                                                                                    \
        return failing_now() ? (failure) : __real_##name arguments;                                                    \
    }
