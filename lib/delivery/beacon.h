/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The platform's time as last received, and changes of the terminal's own clock since. It is stored with two clocks of
 * the machine: the wall clock, which people and NTP set, and the time since start, which cannot be set. When they
 * diverge, the wall clock was set. */
#pragma once

#include "delivery/remote.h"
#include "delivery/store_access.h"

#include "evidence/clock_quality.h"
#include "fhir/time_beacon.h"

/* A new one is asked for when the last one is older, or the clock was set since. */
#define CLOCK_BEACON_AGE_S 600
#define CLOCK_BEACON_OFF_S EVIDENCE_CLOCK_OFF_S /* a larger difference from the platform's time is reported */
#define CLOCK_BEACON_BOOT_SIZE 64

typedef struct clock_beacon {
    /* what the three clocks showed, wall and boot half-way between question and answer */
    int64_t platform_ms, wall_ms, boot_ms;
    char boot[CLOCK_BEACON_BOOT_SIZE]; /* which start of the machine (boot_id of Linux) */
} clock_beacon;

/* Fills wall_ms, boot_ms and boot. */
void clock_beacon_now(clock_beacon *out);
/* Needs the open store. */
result clock_beacon_keep(store_access *s, const clock_beacon *b);
/* The state of the clock now, for a statement. */
void clock_beacon_state(store_access *s, statement_clock *out);
/* Whether it is time to ask again. */
bool clock_beacon_is_due(store_access *s);

/* A question for the platform's time, not answered yet. */
typedef struct clock_question {
    char nonce[TIME_BEACON_NONCE_SIZE];
    clock_beacon asked; /* what the machine's clocks showed */
} clock_question;
/* RESULT_INTERNAL: no random bytes. */
result clock_question_begin(clock_question *out);
/* Stores the platform's signed time, if it answers this question and came soon enough. Returns whether
 * this machine's clock differs from it by more than CLOCK_BEACON_OFF_S. */
bool clock_question_answer(store_access *s, const clock_question *question, const time_beacon *heard);

/* Asks the platform for its time when that is due, signed and with a nonce of ours, and keeps it. Without a valid
 * answer the last one stays: this is never a reason to stop work. Returns whether this machine's clock differs from it
 * by more than CLOCK_BEACON_OFF_S. */
bool clock_beacon_refresh(store_access *s, const remote *platform);
