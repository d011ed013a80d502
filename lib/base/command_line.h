/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The command line of a program: PROGRAM COMMAND [OPTION ...] [WORD ...]. A table of commands and a table of options say
 * everything; reading (getopt_long), help, --version and what is said about mistakes follow from them, for every program
 * alike. Texts are shown in the thread's language (base/language.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What the option's member is. */
typedef enum command_line_kind {
    COMMAND_LINE_TEXT,   /* const char *: the value as it stands */
    COMMAND_LINE_SWITCH, /* bool: true when given; no value, or one that take turns into a bool */
    COMMAND_LINE_OTHER,  /* anything else: take puts it there */
} command_line_kind;

/* Turns a value into what the member holds. false: it is none for this option. */
typedef bool command_line_take(const char *value, void *member);

/* One option. Their table is indexed by the program's enumerators; two of these, for help and version, are at its end
 * without being in it. */
typedef struct command_line_option {
    const char *name;     /* without "--" */
    const char *argument; /* what the help calls its value; NULL: it has none */
    const char *help;     /* marked with N_() where a catalogue has it */
    size_t offset;        /* of its member in the program's struct */
    command_line_kind kind;
    command_line_take *take; /* NULL: by kind */
    const char *wire;        /* its name in a message to another process of the program; NULL: it does not travel */
    bool path;               /* the value is a file's or folder's name */
} command_line_option;

/* A set of options: bit n is row n of the table. */
typedef uint64_t command_line_set;
#define COMMAND_LINE_OPTIONS_MAX 64
#define COMMAND_LINE_OPTION(row) ((command_line_set)1 << (row))

/* The first member of a program's own row for a command. */
typedef struct command_line_command {
    const char *name;       /* one word, or two with one blank between */
    const char *arguments;  /* the words after it: "NAME IMAGE"; in brackets when it may be left away; NULL: none */
    const char *help;       /* one line, marked with N_() where a catalogue has it */
    command_line_set takes; /* besides those that all commands take */
    command_line_set needs; /* of both, those without which it cannot work */
} command_line_command;

typedef struct command_line_program {
    const char *name, *summary; /* summary: what it is for, or NULL */
    const command_line_option *options;
    size_t option_count;
    command_line_set common; /* the options that all commands take */
    const void *commands;    /* rows that begin with a command_line_command */
    size_t command_count, command_size;
    const char *notes; /* further lines of the help, or NULL */
} command_line_program;

typedef enum command_line_result {
    COMMAND_LINE_RUN,
    COMMAND_LINE_NOTHING, /* not one word: help is what is wanted */
    COMMAND_LINE_HELP,    /* about .about, or all of it when that is NULL */
    COMMAND_LINE_VERSION,
    COMMAND_LINE_WRONG, /* .problem: a sentence or two, with what to do */
} command_line_result;

#define COMMAND_LINE_PROBLEM_SIZE 512

typedef struct command_line {
    const command_line_command *chosen; /* the program's row; NULL: none */
    char **words;                       /* what follows the command */
    int word_count;
    command_line_set given; /* which options were */
    const char *about;
    char problem[COMMAND_LINE_PROBLEM_SIZE];
} command_line;

/* options: the program's struct, in which offsets count; what is not given stays as it is. The order of options and
 * words is free; "--" ends the options. After COMMAND_LINE_WRONG, too, what was understood is in options. */
command_line_result command_line_read(const command_line_program *p, int count, char **arguments, void *options,
                                      command_line *out);

/* All of it, or about one command ("reception") or a family of them ("evidence"). */
void command_line_help(const command_line_program *p, FILE *to, const char *about);
/* "NAME VERSION". */
void command_line_version(const command_line_program *p, FILE *to);

#define COMMAND_LINE_MISUSED 2

/* For a program that has nothing else to say about its command line: reads it, and answers everything but
 * COMMAND_LINE_RUN itself. true: go on. false: *status is the program's (0, or COMMAND_LINE_MISUSED). */
bool command_line_begin(const command_line_program *p, int count, char **arguments, void *options, command_line *out,
                        int *status);

/* The row of this name, or NULL. */
const command_line_command *command_line_find(const command_line_program *p, const char *name);
/* Whether it takes so many words after its name: also for a command that did not come by command_line_read. */
bool command_line_takes_words(const command_line_command *c, size_t count);
/* NULL, or the first thing that is wrong with the tables themselves, for a test: a set that names a row which is not
 * there, a name twice, an option that no command takes. */
const char *command_line_fault(const command_line_program *p);
