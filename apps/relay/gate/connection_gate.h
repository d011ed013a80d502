/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The gate before every connection of the relay that leaves the hospital: programs of the hospital connect a VPN, tell
 * whether it works, and disconnect it (docs/interfaces/relay.md). While the gate is closed the relay connects to no
 * service. A thread of its own runs them. */
#pragma once

#include "gate/gate_command.h"
#include "gate/gate_rule.h"

#include <stdint.h>

typedef struct connection_gate connection_gate;

typedef struct connection_gate_options {
    const char *hooks[GATE_HOOKS]; /* absolute paths, borrowed; GATE_HEALTH must be there, the others may be NULL */
    long timeout_ms;               /* of one hook */
    long health_ms, connect_ms;    /* of gate_rule */
} connection_gate_options;

/* Begins its thread, closed; RESULT_NO_MEMORY. */
result connection_gate_start(const connection_gate_options *options, connection_gate **out);
/* Closes it, runs the hook post if the way was or may be up, and ends the thread. NULL is nothing. */
void connection_gate_stop(connection_gate **gate);

/* Whether the relay may connect to a service now. NULL: there is no gate, so it may. For any thread. */
bool connection_gate_is_open(const connection_gate *gate);
/* Changes with each opening, so that connections made before it are not used again. */
uint64_t connection_gate_openings(const connection_gate *gate);

typedef struct connection_gate_condition {
    gate_state state;
    const char *reason;          /* a word: why it is not open; "" when it is */
    char words[GATE_WORDS_SIZE]; /* the first line that the hook wrote */
    int64_t since;               /* seconds since 1970 */
    uint64_t openings, failures; /* since the start; of hooks */
} connection_gate_condition;
/* The present state, for status and metrics. */
void connection_gate_tell(connection_gate *gate, connection_gate_condition *out);
/* closed, connecting, open. */
const char *gate_state_word(gate_state state);
