/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A service as a program: `NAME COMMAND [OPTION...] [WORD...]`, by one table of commands (base/command_line.h). */
#pragma once

#include "base/command_line.h"
#include "service/service_configuration.h"

#include <stdbool.h>

typedef enum program_option_row {
    PROGRAM_CONFIG,
    PROGRAM_JSON,
    PROGRAM_LOG_LEVEL,
    /* of generate */
    PROGRAM_PEOPLE,
    PROGRAM_SEED,
    PROGRAM_DATE,
    PROGRAM_ISSUER,
    /* of a service's status */
    PROGRAM_STATE,
    /* of the commands about terminals (service/terminal_commands.h) */
    PROGRAM_TERMINAL,
    PROGRAM_SE_SERIAL,
    PROGRAM_INSTITUTION,
    PROGRAM_TLS_CERTIFICATE,
    PROGRAM_CVC,
    PROGRAM_OPTION_ROWS
} program_option_row;

/* Set bits for command rows. */
#define PROGRAM_TAKES(row) COMMAND_LINE_OPTION(PROGRAM_##row)

typedef struct program_arguments {
    const struct program_command *command; /* which was chosen */
    configuration *configuration;          /* NULL for a command that does not need --config */
    const char *first, *second;            /* the words after the command's name; NULL: none */
    bool json;
    const char *values[PROGRAM_OPTION_ROWS]; /* NULL: not given */
} program_arguments;

struct registrar;

typedef struct program_command {
    command_line_command line; /* one that needs --config gets the configuration */
    result (*run)(const program_arguments *a);
    result (*change)(const program_arguments *a, const struct registrar *r); /* see service/terminal_commands.h */
    bool stays; /* runs until a signal ends it: see program_run */
} program_command;

typedef struct program {
    const char *name, *summary;
    const program_command *commands;
    size_t command_count;
    const char *notes; /* further lines of the help text, or NULL */
} program;

/* The value of an option, or otherwise. */
const char *program_option(const program_arguments *a, program_option_row row, const char *otherwise);
/* The same as a number; a malformed one is logged and sets *good to false. */
long program_number(const program_arguments *a, program_option_row row, long otherwise, long min, long max, bool *good);

/* main: 0 done, 1 failed, 2 misused: wrong usage, a configuration that cannot be used, or, of a command that stays, a start
 * that fails again however often it is tried: a service manager need not (RestartPreventExitStatus=, systemd.service(5)). */
int program_run(const program *p, int argc, char **argv);
