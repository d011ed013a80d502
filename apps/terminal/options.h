/* The command line: uketsuke COMMAND [OPTION ...] [ARGUMENT ...]. */
#pragma once

#include "desk/command.h"

#include <stdio.h>

typedef enum options_result { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_WRONG } options_result;

/* Finds the command and reads the options. *problem: what is wrong. */
options_result options_read(int count, char **arguments, const command **chosen, options *out, const char **problem);
void options_help(FILE *to);
