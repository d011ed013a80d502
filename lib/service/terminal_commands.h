/* What a service's administrator does with the register: `terminals`, `terminal admit|revoke|restore`. */
#pragma once

#include "service/program.h"
#include "service/registrar.h"

/* For the help text. */
#define TERMINAL_COMMANDS_NOTES                                                                                        \
    "  terminal admit CERTIFICATE --terminal ID --se-serial NUMBER --config FILE registers by paper: the certificate"  \
    " of\n  the SE instead of its report. --institution CODE where several institutions have a terminal of that ID.\n"

/* One line, or with --json one object, per entry. */
result terminal_commands_list(const program_arguments *a, terminal_register *terminals);

/* a->file: admit, revoke or restore; a->second: for admit a certificate's file (PEM), else a terminal's id. --terminal
 * and --se-serial belong to admit; --institution is needed when several institutions have such a terminal. */
result terminal_commands_change(const program_arguments *a, const registrar *r);
