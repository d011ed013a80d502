/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The commands of uketsuke-relay besides `serve`. */
#pragma once

#include "base/buffer.h"
#include "service/program.h"

/* Asks a running relay over its socket (main/relay_control.h); the log says why that is not possible. */
result relay_command_ask(const program_arguments *a, bytes line, buffer *answer);

/* About a running relay: its state; unlocks its SE with a PIN from standard input. */
result relay_command_status(const program_arguments *a);
result relay_command_unlock(const program_arguments *a);

/* The list of terminals. a->first: the terminal's id; a->second: its certificate's file. */
result relay_command_terminals(const program_arguments *a);
result relay_command_admit(const program_arguments *a);
result relay_command_withdraw(const program_arguments *a);
result relay_command_unlock_terminal(const program_arguments *a);

/* The ledger of uses: printed; its chain recomputed. */
result relay_command_export(const program_arguments *a);
result relay_command_check(const program_arguments *a);
