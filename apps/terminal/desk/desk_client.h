/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The client's side of the daemon: a command typed at a shell runs in the daemon. */
#pragma once

#include "core/terminal.h"
#include "desk/command.h"

/* Sends the command to the daemon of this state folder, if one runs, and shows its answer. true: done, with the exit
 * code in *done (also when the connection broke half-way). false: no daemon runs, so this process must run the
 * command. */
bool desk_client_forward(terminal *t, const command *chosen, outcome *done);

/* For a command that takes the cards for itself: a failure when a daemon has them. */
outcome desk_client_refuse_beside(terminal *t, const command *chosen);
