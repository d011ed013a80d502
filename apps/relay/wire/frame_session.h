/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A terminal that is known, and p11-kit's serving call behind our filter: question by question, answer by answer. */
#pragma once

#include "p11_rpc/rpc_end.h"
#include "se/relay_client.h"

typedef struct frame_session_rules {
    int idle_ms;                      /* how long the terminal may be silent */
    _Atomic uint64_t *frames;         /* counts those handed on */
    bool (*may_go_on)(void *context); /* asked before each question is handed on; false ends the session */
    void *context;
} frame_session_rules;

/* Until the terminal hangs up, is silent for too long, sends what is no frame, or may not go on. */
void frame_session_run(relay_desk *desk, const char *terminal, const rpc_end *end, const frame_session_rules *rules);
