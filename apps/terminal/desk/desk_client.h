/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The client's side of the daemon: a command typed at a shell is done there. */
#pragma once

#include "core/terminal.h"
#include "desk/command.h"

/* Hands the command over when a daemon serves this state folder, and shows what it answers. true: done, with
 * its exit code in *done (also when it broke off half-way). false: nobody is there, so the command runs by itself. */
bool desk_client_forward(terminal *t, const command *chosen, outcome *done);

/* For a command that takes the cards for itself: a failure when a daemon has them. */
outcome desk_client_refuse_beside(terminal *t, const command *chosen);
