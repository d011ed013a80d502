/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The daemon's work without a client: queued records are sent, the audit log is signed, persons whose retention is over
 * are removed, an SE in another process is opened again, requests of other programs are answered. */
#pragma once

#include "core/terminal.h"

#include "delivery/pacing.h"

typedef struct desk_background {
    struct desk_try {
        pacing pacing;
        int64_t told_s; /* the time that a service gave, in seconds since 1970; 0: none */
    } next[TERMINAL_SERVICES];
    int64_t back_due_ms;  /* next check whether the SE is back; monotonic, like all of them */
    int64_t audit_due_ms; /* next check whether the audit log must be signed */
    int64_t neighbours_due_ms;
    int64_t purge_due_ms; /* next check for persons whose retention is over; 0: at once */
    int64_t clock_gap_ms; /* between wall clock and boot clock, at the last turn */
} desk_background;

/* Before the first turn. */
void desk_background_begin(desk_background *b);
/* Does what is due. urgent(context): whether more urgent work waits, for which sending must stop. */
void desk_background_turn(terminal *t, desk_background *b, bool (*urgent)(void *context), void *context);

/* Runs a step of background work: the reason of a failure goes to the log, other output (it may be about patients) is
 * dropped. */
outcome desk_background_quietly(terminal *t, outcome (*run)(terminal *t, pacing_wait *told), const char *what,
                                pacing_wait *told);
/* Signs the audit log by this function, outside of a command, and notes the signature as this terminal's. */
void desk_background_sign(terminal *t, void (*sign)(token *se, store_access *store));
