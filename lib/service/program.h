/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A service as a program: `NAME COMMAND --config FILE [OPTION...] [FILE]`. One table says which commands there are; the
 * help text comes from it. */
#pragma once

#include "service/service_configuration.h"

#include <stdbool.h>

#define PROGRAM_OPTIONS_MAX 12

typedef struct program program;

typedef struct program_arguments {
    const program *program;
    configuration *configuration; /* NULL for a command that needs none */
    const char *file, *second;    /* what follows the command's name; NULL: nothing */
    bool json;
    const char *options[PROGRAM_OPTIONS_MAX]; /* program.options' values in their order; NULL: not given */
} program_arguments;

typedef struct program_command {
    const char *name, *usage, *help;
    result (*run)(const program_arguments *a);
    bool without_configuration;
} program_command;

struct program {
    const char *name, *summary;
    const program_command *commands; /* ends with a row of name NULL */
    const char *const *options;      /* names of further options, each with a value; ends with NULL; may be NULL */
    const char *notes;               /* further lines of the help text, or NULL */
};

/* The value of a further option, or otherwise. */
const char *program_option(const program_arguments *a, const char *name, const char *otherwise);
/* The same as a number; a malformed one is said in the log and sets *good to false. */
long program_number(const program_arguments *a, const char *name, long otherwise, long min, long max, bool *good);

/* main: 0 done, 1 failed, 2 misused. */
int program_run(const program *p, int argc, char **argv);
