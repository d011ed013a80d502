/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a terminal's clock stood when it made a piece of evidence, checked by what the statement says of it. A clock that
 * is not plausible does not make evidence bad: it is a warning to whoever relies on its time. */
#pragma once

#include "evidence/statement.h"

#define EVIDENCE_CLOCK_OFF_S 300    /* from the platform's time */
#define EVIDENCE_CLOCK_JUMP_S 60    /* set since the platform's time was last heard */
#define EVIDENCE_CLOCK_ROUNDING_S 3 /* three values in whole seconds */

typedef enum evidence_clock {
    EVIDENCE_CLOCK_PLAUSIBLE = 0,
    EVIDENCE_CLOCK_UNCONFIRMED,  /* the terminal never heard the platform's time, or was started again since */
    EVIDENCE_CLOCK_OFF,          /* far from the platform's time */
    EVIDENCE_CLOCK_JUMPED,       /* near it, but only because it was set in between */
    EVIDENCE_CLOCK_INCONSISTENT, /* what the statement says of time contradicts itself */
} evidence_clock;

/* Looks at nothing but the statement: no clock of this machine. */
evidence_clock evidence_clock_check(const statement *s);
/* Worth a warning: the last three. */
bool evidence_clock_is_implausible(evidence_clock clock);
/* "plausible", "clock-off"; and one English sentence. */
const char *evidence_clock_name(evidence_clock clock);
const char *evidence_clock_text(evidence_clock clock);
