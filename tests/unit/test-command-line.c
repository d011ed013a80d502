/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Commands and options from two tables: what is read, what is said about mistakes, what the help shows, and which tables
 * are not in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/command_line.h"

#define WORDS_MAX 12

typedef struct options {
    const char *file, *key;
    bool loud;
    int level;
} options;

enum { FILE_ROW, LOUD, LEVEL, KEY, ROWS };

static bool take_level(const char *value, void *member) {
    *(int *)member = atoi(value);
    return *(int *)member > 0;
}

static const command_line_option table[ROWS] = {
    [FILE_ROW] = {"file", "FILE", "which file", .offset = offsetof(options, file)},
    [LOUD] = {"loud", NULL, "say more", .offset = offsetof(options, loud), .kind = COMMAND_LINE_SWITCH},
    [LEVEL] = {"level", "N", "how high", offsetof(options, level), COMMAND_LINE_OTHER, take_level, .wire = NULL},
    [KEY] = {"key", "FILE", "which key", .offset = offsetof(options, key)},
};

typedef struct row {
    command_line_command line;
    int number;
} row;

static const row commands[] = {
    {{.name = "open", .arguments = "DOOR [KEY]", .help = "opens a door"}, 1},
    {{.name = "close", .help = "closes it", .takes = COMMAND_LINE_OPTION(LEVEL)}, 2},
    {{.name = "door paint",
      .arguments = "COLOUR",
      .help = "paints it",
      .takes = COMMAND_LINE_OPTION(KEY),
      .needs = COMMAND_LINE_OPTION(KEY)},
     3},
    {{.name = "door sell", .help = "sells it"}, 4},
};

static command_line_program program(void) {
    return (command_line_program){.name = "doors",
                                  .summary = "Opens and closes doors.",
                                  .options = table,
                                  .option_count = ROWS,
                                  .common = COMMAND_LINE_OPTION(FILE_ROW) | COMMAND_LINE_OPTION(LOUD),
                                  .commands = commands,
                                  .command_count = sizeof commands / sizeof *commands,
                                  .command_size = sizeof *commands,
                                  .notes = "Doors are heavy.\n"};
}

static options heard;
static command_line line;

/* The words of one string. getopt_long changes their order. */
static command_line_result reading(const char *text) {
    static char copy[200];
    static char *words[WORDS_MAX + 1];
    int count = 0;
    const command_line_program p = program();
    snprintf(copy, sizeof copy, "doors %s", text);
    for (char *word = strtok(copy, " "); word != NULL && count < WORDS_MAX; word = strtok(NULL, " "))
        words[count++] = word;
    words[count] = NULL;
    heard = (options){0};
    return command_line_read(&p, count, words, &heard, &line);
}

static void what_is_typed_is_read(void **state) {
    (void)state;
    assert_int_equal(reading("open --file f front --loud"), COMMAND_LINE_RUN);
    assert_int_equal(((const row *)line.chosen)->number, 1);
    assert_int_equal(line.word_count, 1);
    assert_string_equal(line.words[0], "front");
    assert_string_equal(heard.file, "f");
    assert_true(heard.loud);
    assert_int_equal(line.given, COMMAND_LINE_OPTION(FILE_ROW) | COMMAND_LINE_OPTION(LOUD));
    assert_int_equal(reading("open front golden"), COMMAND_LINE_RUN);
    assert_int_equal(line.word_count, 2);
    assert_int_equal(reading("--level=3 close"), COMMAND_LINE_RUN);
    assert_int_equal(heard.level, 3);
    assert_false(heard.loud);
    assert_int_equal(reading("door paint red --key k"), COMMAND_LINE_RUN);
    assert_int_equal(((const row *)line.chosen)->number, 3);
    assert_string_equal(line.words[0], "red");
    assert_int_equal(reading("open -- --loud"), COMMAND_LINE_RUN);
    assert_string_equal(line.words[0], "--loud");
}

static void help_and_version_are_found_anywhere(void **state) {
    (void)state;
    assert_int_equal(reading(""), COMMAND_LINE_NOTHING);
    assert_int_equal(reading("--loud"), COMMAND_LINE_NOTHING);
    assert_int_equal(reading("--help"), COMMAND_LINE_HELP);
    assert_null(line.about);
    assert_int_equal(reading("help"), COMMAND_LINE_HELP);
    assert_null(line.about);
    assert_int_equal(reading("open -h"), COMMAND_LINE_HELP);
    assert_string_equal(line.about, "open");
    assert_int_equal(reading("help door"), COMMAND_LINE_HELP);
    assert_string_equal(line.about, "door");
    assert_int_equal(reading("help door paint"), COMMAND_LINE_HELP);
    assert_string_equal(line.about, "door paint");
    assert_int_equal(reading("opne --help"), COMMAND_LINE_WRONG);
    assert_int_equal(reading("open --version front back"), COMMAND_LINE_VERSION);
}

static void mistakes_are_named_with_the_next_step(void **state) {
    static const struct {
        const char *typed, *said;
    } rows[] = {
        {"opne front", "There is no command \"opne\". Did you mean: doors open"},
        {"door pant red", "There is no command \"door\". Did you mean: doors door paint"},
        {"door", "\"door\" needs a subcommand. See: doors door --help"},
        {"xylophone", "There is no command \"xylophone\". All commands: doors --help"},
        {"open", "An argument is missing: doors open DOOR [KEY]"},
        {"open a b c", "\"c\" is an unexpected argument. See: doors open --help"},
        {"close it", "\"it\" is an unexpected argument. See: doors close --help"},
        {"open front --level 3", "This command has no option --level. See: doors open --help"},
        {"close --levle 3", "The option \"--levle\" is not valid. Did you mean: --level"},
        {"close --hepl", "The option \"--hepl\" is not valid. Did you mean: --help"},
        {"close --xylophone", "The option \"--xylophone\" is not valid. All options: doors --help"},
        {"close -x", "The option \"-x\" is not valid. All options: doors --help"},
        {"close --file", "A value is missing: --file FILE"},
        {"close --level none", "The value \"none\" is not valid: --level N. All options: doors --help"},
        {"door paint red", "An option is missing: --key FILE. See: doors door paint --help"},
        {"close --bogus --level none", "The option \"--bogus\" is not valid. All options: doors --help"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(reading(rows[i].typed), COMMAND_LINE_WRONG);
        assert_string_equal(line.problem, rows[i].said);
    }
}

static void what_follows_a_mistake_is_read(void **state) {
    (void)state;
    assert_int_equal(reading("close --bogus --loud"), COMMAND_LINE_WRONG);
    assert_true(heard.loud);
}

static const char *help(const char *about) {
    static char text[4096];
    const command_line_program p = program();
    FILE *to = fmemopen(text, sizeof text, "w");
    assert_non_null(to);
    command_line_help(&p, to, about);
    fclose(to);
    return text;
}

static void help_shows_what_belongs_there(void **state) {
    (void)state;
    assert_string_equal(help(NULL), "Usage: doors COMMAND [OPTION ...]\n\n"
                                    "Opens and closes doors.\n\n"
                                    "  open DOOR [KEY]                opens a door\n"
                                    "  close                          closes it\n"
                                    "  door paint COLOUR              paints it\n"
                                    "  door sell                      sells it\n"
                                    "\nOptions:\n"
                                    "  --file FILE                    which file\n"
                                    "  --loud                         say more\n"
                                    "  --help                         this text\n"
                                    "  --version                      the version\n"
                                    "\nThe options of one command: doors COMMAND --help\n"
                                    "\nDoors are heavy.\n");
    assert_non_null(strstr(help("door paint"), "Usage: doors door paint COLOUR [OPTION ...]\n"));
    assert_non_null(strstr(help("door paint"), "--key FILE"));
    assert_null(strstr(help("door paint"), "--level"));
    assert_null(strstr(help("close"), "--key"));
    assert_non_null(strstr(help("door"), "sells it"));
    assert_null(strstr(help("door"), "closes it"));
}

static void tables_out_of_order_are_found(void **state) {
    (void)state;
    const command_line_program good = program();
    assert_null(command_line_fault(&good));
    command_line_program p = good;
    p.option_count = KEY; /* a command takes a row that is not there */
    assert_string_equal(command_line_fault(&p), "an option that is not in the table");
    p = good;
    p.command_count = 2; /* nobody takes --key any more */
    assert_string_equal(command_line_fault(&p), "key");
    row rows[4];
    memcpy(rows, commands, sizeof rows);
    p = good;
    p.commands = rows;
    rows[1].line.name = "open";
    assert_string_equal(command_line_fault(&p), "open");
    rows[1].line.name = "close";
    rows[1].line.needs = COMMAND_LINE_OPTION(KEY); /* and does not take it */
    assert_string_equal(command_line_fault(&p), "close");
    command_line_option options_twice[ROWS];
    memcpy(options_twice, table, sizeof table);
    p = good;
    p.options = options_twice;
    options_twice[KEY].name = "help";
    assert_string_equal(command_line_fault(&p), "help");
    options_twice[KEY] = (command_line_option){0};
    assert_non_null(command_line_fault(&p));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_typed_is_read),
        cmocka_unit_test(help_and_version_are_found_anywhere),
        cmocka_unit_test(mistakes_are_named_with_the_next_step),
        cmocka_unit_test(what_follows_a_mistake_is_read),
        cmocka_unit_test(help_shows_what_belongs_there),
        cmocka_unit_test(tables_out_of_order_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
