/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A terminal that is known, and p11-kit's serving call behind our filter: question by question, answer by answer. */
#pragma once

#include "p11_rpc/rpc_end.h"
#include "se/relay_client.h"

/* Until the terminal hangs up, is silent for idle_ms, or sends what is no frame. frames: counts those handed on. */
void frame_session_run(relay_desk *desk, const char *terminal, const rpc_end *end, int idle_ms,
                       _Atomic uint64_t *frames);
