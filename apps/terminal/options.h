/* The command line: uketsuke COMMAND [OPTION ...] [ARGUMENT ...]. */
#pragma once

#include "terminal.h"

#include <stdio.h>

typedef struct command {
    const char *name;
    outcome (*run)(terminal *t);
    bool needs_configuration;
    const char *arguments; /* for the help */
    const char *help;      /* marked with N_() */
} command;

typedef enum options_result { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_WRONG } options_result;

/* Finds the command in the table (closed by a row without name) and reads the options. *problem: what is wrong. */
options_result options_read(int count, char **arguments, const command *table, const command **chosen, options *out,
                            const char **problem);
void options_help(FILE *to, const command *table);
