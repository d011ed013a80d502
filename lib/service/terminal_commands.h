/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a service's administrator does with the register: `terminals`, `terminal admit`, `terminal revoke` and so on. */
#pragma once

#include "service/program.h"
#include "service/registrar.h"

/* The rows of these commands, for a program's table: list is its function that opens the register for
 * terminal_commands_list, change the one that opens the registrar and calls a->command->change with it. */
#define TERMINAL_COMMANDS(list, change_)                                                                               \
    {.line = {.name = "terminals",                                                                                     \
              .help = "list the registered and the revoked terminals",                                                 \
              .takes = PROGRAM_TAKES(CONFIG) | PROGRAM_TAKES(JSON),                                                    \
              .needs = PROGRAM_TAKES(CONFIG)},                                                                         \
     .run = (list)},                                                                                                   \
        TERMINAL_COMMANDS_ROW("admit", "CERTIFICATE",                                                                  \
                              "register by paper: the SE's certificates (PEM), not its report",                        \
                              TERMINAL_COMMANDS_ADMIT, TERMINAL_COMMANDS_ADMIT, change_, terminal_commands_admit),     \
        TERMINAL_COMMANDS_ROW("revoke", "ID", "take a terminal's SE out of service", PROGRAM_TAKES(INSTITUTION), 0,    \
                              change_, terminal_commands_revoke),                                                      \
        TERMINAL_COMMANDS_ROW("restore", "ID", "take it back", PROGRAM_TAKES(INSTITUTION), 0, change_,                 \
                              terminal_commands_restore),                                                              \
        TERMINAL_COMMANDS_ROW("revoke-se", "SERIAL", "take an SE out of service, whatever terminals it serves", 0, 0,  \
                              change_, terminal_commands_revoke_se),                                                   \
        TERMINAL_COMMANDS_ROW("share", "ID", "let its SE serve further terminals (a relay's)",                         \
                              PROGRAM_TAKES(INSTITUTION), 0, change_, terminal_commands_share),                        \
        TERMINAL_COMMANDS_ROW("unshare", "ID", "end that for new ones", PROGRAM_TAKES(INSTITUTION), 0, change_,        \
                              terminal_commands_unshare)

#define TERMINAL_COMMANDS_ADMIT                                                                                        \
    (PROGRAM_TAKES(TERMINAL) | PROGRAM_TAKES(SE_SERIAL) | PROGRAM_TAKES(TLS_CERTIFICATE) | PROGRAM_TAKES(CVC))
#define TERMINAL_COMMANDS_ROW(name_, words, help_, options, needed, run_, change_)                                     \
    {.line = {.name = "terminal " name_,                                                                               \
              .arguments = (words),                                                                                    \
              .help = (help_),                                                                                         \
              .takes = PROGRAM_TAKES(CONFIG) | (options),                                                              \
              .needs = PROGRAM_TAKES(CONFIG) | (needed)},                                                              \
     .run = (run_),                                                                                                    \
     .change = (change_)}

/* One line, or with --json one object, per entry. */
result terminal_commands_list(const program_arguments *a, terminal_register *terminals);

/* a->first: for admit a certificate's file (PEM), for revoke-se the SE's serial, else a terminal's id. --institution is
 * needed when several institutions have such a terminal. */
result terminal_commands_admit(const program_arguments *a, const registrar *r);
result terminal_commands_revoke(const program_arguments *a, const registrar *r);
result terminal_commands_restore(const program_arguments *a, const registrar *r);
result terminal_commands_revoke_se(const program_arguments *a, const registrar *r);
result terminal_commands_share(const program_arguments *a, const registrar *r);
result terminal_commands_unshare(const program_arguments *a, const registrar *r);
