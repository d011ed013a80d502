/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The command line: uketsuke COMMAND [OPTION ...] [ARGUMENT]. */
#pragma once

#include "desk/command.h"

#include <stdio.h>

typedef enum options_result { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_WRONG } options_result;

#define OPTIONS_PROBLEM_SIZE 512

/* What was asked for: a command with its options; help (word: about which command, or NULL); or what is wrong. */
typedef struct command_line {
    const command *chosen;
    options options;
    const char *word;
    char problem[OPTIONS_PROBLEM_SIZE];
} command_line;

options_result options_read(int count, char **arguments, command_line *out);
/* All of it, or about one command ("reception") or a family of them ("evidence"). */
void options_help(FILE *to, const char *word);
