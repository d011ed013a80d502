/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A command of `uketsuke`. Their table is command_table.c, on the top floor: it includes every folder, and no folder
 * includes it. */
#pragma once

#include "core/terminal.h"

/* Which PIN a command wants typed. The daemon has no keyboard: its client asks before it sends. */
typedef enum command_asks { ASKS_NOTHING, ASKS_PIN, ASKS_SIGN_PIN } command_asks;

typedef struct command {
    const char *name; /* one word, or two with one blank between */
    outcome (*run)(terminal *t);
    bool needs_configuration;
    bool resident; /* done by the daemon when there is one */
    bool alone;    /* takes cards and SE for itself: not beside a daemon */
    command_asks asks;
    outcome (*before_pin)(terminal *t); /* what can be refused before anybody types; NULL: nothing */
    const char *prompt;                 /* marked with N_() */
    bool paths;                         /* its arguments are names of files */
    bool writes_files;                  /* where an option says */
    bool personal;                      /* what it shows disappears after a while (private_screen.h) */
    const char *arguments; /* NULL: none; else the name of the only one, in brackets when it may be left away */
    const char *help;      /* marked with N_() */
} command;

extern const command commands[]; /* commands.c; closed by a row without name */

/* The row of this name, or NULL. */
const command *command_named(const char *name);
/* Reads the configuration that the command needs. */
outcome command_configure(terminal *t, const command *chosen);
/* Runs it, and notes in the audit log that it was run. */
outcome command_run(terminal *t, const command *chosen);
