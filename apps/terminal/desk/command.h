/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A command of `uketsuke`. Their table is command_table.c, on the top floor: it includes every folder's header, and no
 * folder includes it. */
#pragma once

#include "core/terminal.h"
#include "desk/option_table.h"

/* Which PIN a command wants typed. The daemon has no keyboard: its client asks before it sends. */
typedef enum command_asks { ASKS_NOTHING, ASKS_PIN, ASKS_SIGN_PIN } command_asks;

typedef struct command {
    command_line_command line; /* its name, words and options */
    outcome (*run)(terminal *t);
    bool needs_configuration;
    bool resident; /* runs in the daemon if there is one */
    bool alone;    /* needs cards and SE exclusively: refused while a daemon runs */
    command_asks asks;
    bool (*asks_when)(const options *o); /* whether it asks, by its options; NULL: always */
    outcome (*before_pin)(terminal *t);  /* what can be refused before the PIN is typed; NULL: nothing */
    const char *prompt;                  /* marked with N_() */
    bool confirms;                       /* needs --patient; the client asks for it at the keyboard, before the PIN */
    bool paths;                          /* its arguments are names of files */
    bool writes_files;                   /* it writes where an option says */
    bool office;                         /* for administrators and auditors: its failures name files and commands */
    bool personal;                       /* what it shows disappears after a while (private_screen.h) */
} command;

extern const command_line_program terminal_program; /* command_table.c */

/* What it asks for with these options. */
static inline command_asks command_asks_for(const command *c, const options *o) {
    return c->asks_when != NULL && !c->asks_when(o) ? ASKS_NOTHING : c->asks;
}

/* The row of this name, or NULL. */
const command *command_named(const char *name);
/* Reads the configuration that the command needs. */
outcome command_configure(terminal *t, const command *chosen);
/* Runs it, and notes in the audit log that it was run. */
outcome command_run(terminal *t, const command *chosen);
