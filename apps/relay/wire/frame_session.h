/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Serves one authenticated terminal: each request frame goes to p11-kit's server call, which calls our filter, and its
 * answer goes back. */
#pragma once

#include "p11_rpc/rpc_end.h"
#include "se/relay_client.h"

typedef struct frame_session_rules {
    int idle_ms;                      /* how long the terminal may be silent */
    _Atomic uint64_t *frames;         /* counts those handed on */
    bool (*may_go_on)(void *context); /* asked before each question is handed on; false ends the session */
    void *context;
} frame_session_rules;

/* Returns when the terminal closes the connection, is silent for too long, sends an invalid frame, or may not go on. */
void frame_session_run(relay_desk *desk, const char *terminal, const rpc_end *end, const frame_session_rules *rules);
