/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a service's administrator does with the register: `terminals`, `terminal admit|revoke|restore`. */
#pragma once

#include "service/program.h"
#include "service/registrar.h"

/* For the help text. */
#define TERMINAL_COMMANDS_NOTES                                                                                        \
    "  terminal admit CERTIFICATE --terminal ID --se-serial NUMBER --tls-certificate FILE --cvc FILE --config FILE\n"  \
    "  registers by paper: the certificates of the SE instead of its report.\n"                                        \
    "  terminal revoke-se SERIAL takes an SE out of service, whatever terminals it serves.\n"                          \
    "  terminal share ID lets the SE of that terminal serve further terminals (a relay's); terminal unshare ID ends"   \
    " that\n  for new ones. --institution CODE where several institutions have a terminal of that ID.\n"

/* The options of these commands, for a program's list. */
#define TERMINAL_COMMANDS_OPTIONS "terminal", "se-serial", "institution", "tls-certificate", "cvc"

/* One line, or with --json one object, per entry. */
result terminal_commands_list(const program_arguments *a, terminal_register *terminals);

/* a->file: admit, revoke, restore, revoke-se, share or unshare; a->second: for admit a certificate's file (PEM), for
 * revoke-se the SE's serial, else a terminal's id. --terminal, --se-serial, --tls-certificate and --cvc belong to
 * admit; --institution is needed when several institutions have such a terminal. */
result terminal_commands_change(const program_arguments *a, const registrar *r);
