/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the daemon runs: the requests of its clients, one at a time, and receptions that a card has started. */
#pragma once

#include "core/terminal.h"

#include "desk/desk_clients.h"
#include "desk/desk_events.h"

/* Runs the next complete request and answers it; nothing when there is none. Cards and signals are handled between two
 * requests. */
void desk_runner_serve(terminal *t, desk_clients *all, desk_events *seen);
/* Receives a card that was laid down. The result is shown by events, and found by the evidence id in them. */
void desk_runner_receive_card(terminal *t);
