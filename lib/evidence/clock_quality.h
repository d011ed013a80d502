/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The quality of the terminal's clock when it made a piece of evidence, from the statement. An implausible clock does
 * not make evidence bad: it is a warning for users of its time. */
#pragma once

#include "evidence/statement.h"

#define EVIDENCE_CLOCK_OFF_S 300    /* from the platform's time */
#define EVIDENCE_CLOCK_JUMP_S 60    /* set since the platform's time was last heard */
#define EVIDENCE_CLOCK_ROUNDING_S 3 /* three values in whole seconds */

typedef enum evidence_clock {
    EVIDENCE_CLOCK_PLAUSIBLE = 0,
    EVIDENCE_CLOCK_UNCONFIRMED,  /* the terminal never received the platform's time, or was restarted since */
    EVIDENCE_CLOCK_OFF,          /* far from the platform's time */
    EVIDENCE_CLOCK_JUMPED,       /* near it, but only because it was set in between */
    EVIDENCE_CLOCK_INCONSISTENT, /* the times in the statement contradict each other */
} evidence_clock;

/* Uses only the statement, no clock of this machine. */
evidence_clock evidence_clock_check(const statement *s);
/* The platform's own time when the evidence was made, as the statement has it from the last signed time that the
 * terminal heard; the terminal's clock may have been fast. 0: it says nothing about it. */
int64_t evidence_clock_platform_time(const statement *s);
/* Worth a warning: the last three. */
bool evidence_clock_is_implausible(evidence_clock clock);
/* "plausible", "clock-off"; and one English sentence. */
const char *evidence_clock_name(evidence_clock clock);
const char *evidence_clock_text(evidence_clock clock);
