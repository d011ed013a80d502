/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* uketsuke-relay: one Secure Element for the terminals of a hospital. */
#include "main/extract_commands.h"
#include "main/outcome_commands.h"
#include "main/relay_commands.h"
#include "main/relay_serve.h"

#include "base/environment.h"

static result serve(const program_arguments *a) {
    relay_service service;
    result code = relay_service_open(a->configuration, &service);
    if (code == RESULT_OK)
        code = relay_serve(&service);
    relay_service_close(&service);
    return code;
}

#define ROW(name_, words, help_, options, run_)                                                                        \
    {.line = {.name = (name_),                                                                                         \
              .arguments = (words),                                                                                    \
              .help = (help_),                                                                                         \
              .takes = PROGRAM_TAKES(CONFIG) | (options),                                                              \
              .needs = PROGRAM_TAKES(CONFIG)},                                                                         \
     .run = (run_)}

static const program_command commands[] = {
    {.line = {.name = "serve",
              .help = "serve the SE to terminals until SIGINT or SIGTERM",
              .takes = PROGRAM_TAKES(CONFIG),
              .needs = PROGRAM_TAKES(CONFIG)},
     .run = serve,
     .stays = true},
    ROW("status", NULL, "show the SE and the terminals of a running relay", PROGRAM_TAKES(JSON), relay_command_status),
    ROW("unlock", NULL, "take the SE's lock off with its PIN (a line of standard input)", 0, relay_command_unlock),
    ROW("terminals", NULL, "list the admitted terminals", PROGRAM_TAKES(JSON), relay_command_terminals),
    ROW("terminal admit", "ID CERTIFICATE", "admit a terminal by its TLS certificate (PEM)", 0, relay_command_admit),
    ROW("terminal withdraw", "ID", "withdraw it: its connections end within a second", 0, relay_command_withdraw),
    ROW("terminal unlock", "ID", "make a code that takes its lock off (uketsuke unlock)", 0,
        relay_command_unlock_terminal),
    ROW("ledger export", NULL, "print every use of the SE's keys as CSV", PROGRAM_TAKES(JSON), relay_command_export),
    ROW("ledger check", NULL, "check that no use was removed or changed", 0, relay_command_check),
    ROW("outcomes export", NULL, "print every outcome of a reception or visit as CSV", PROGRAM_TAKES(JSON),
        outcome_command_export),
    ROW("outcomes check", NULL, "check that no outcome was removed or changed, and sum them up", PROGRAM_TAKES(JSON),
        outcome_command_check),
    ROW("extract list", NULL, "show whose eligibility a running relay wants checked again, and why",
        PROGRAM_TAKES(JSON), extract_command_list),
    ROW("extract query", NULL, "have it ask the platform about them now", PROGRAM_TAKES(JSON), extract_command_query),
};

ENVIRONMENT_CLEARED_AT_START;

int main(int argc, char **argv) {
    static const program relay = {.name = "uketsuke-relay",
                                  .summary = "One Secure Element for many terminals.",
                                  .commands = commands,
                                  .command_count = sizeof commands / sizeof commands[0]};
    return program_run(&relay, argc, argv);
}
