/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Serves one authenticated terminal: each request frame goes to p11-kit's server call, which calls our filter, and its
 * answer goes back. */
#pragma once

#include "p11_rpc/rpc_end.h"
#include "se/relay_client.h"

/* Returns when the terminal closes the connection, is silent for idle_ms, or sends an invalid frame. frames: counts
 * those handed on. */
void frame_session_run(relay_desk *desk, const char *terminal, const rpc_end *end, int idle_ms,
                       _Atomic uint64_t *frames);
