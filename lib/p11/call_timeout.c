/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "p11/call_timeout.h"

#include <stddef.h>

static void (*told_begins)(bool opening);
static void (*told_ends)(void);
static unsigned depth; /* steps may be nested */

void token_tell_steps(void (*begins)(bool opening), void (*ends)(void)) {
    told_begins = begins;
    told_ends = ends;
}

int token_step_begins(bool opening) {
    if (depth++ == 0 && told_begins != NULL)
        told_begins(opening);
    return 0;
}

void token_step_ends(const int *step) {
    (void)step;
    if (--depth == 0 && told_ends != NULL)
        told_ends();
}
