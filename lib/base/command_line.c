/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/command_line.h"

#include "base/language.h"
#include "base/spelling.h"

#include <getopt.h>
#include <string.h>

#define _(text) language_text(text)
#define FIRST_ROW 256 /* getopt_long's value of row 0 */
#define HELP "help"
#define VERSION "version"

static const command_line_command *command_at(const command_line_program *p, size_t index) {
    const void *row = (const char *)p->commands + index * p->command_size;
    return row;
}

const command_line_command *command_line_find(const command_line_program *p, const char *name) {
    for (size_t i = 0; i < p->command_count; i++)
        if (strcmp(command_at(p, i)->name, name) == 0)
            return command_at(p, i);
    return NULL;
}

static bool has(command_line_set set, size_t row) {
    return (set & COMMAND_LINE_OPTION(row)) != 0;
}

/* --- which command ------------------------------------------------------------------------------------------------ */

/* "evidence verify" is two words, "login" is one. Returns how many were used. */
static int find(const command_line_program *p, int count, char **words, const command_line_command **chosen) {
    char two[SPELLING_LENGTH_MAX + 1];
    if (count > 1 && snprintf(two, sizeof two, "%s %s", words[0], words[1]) < (int)sizeof two &&
        (*chosen = command_line_find(p, two)) != NULL)
        return 2;
    *chosen = command_line_find(p, words[0]);
    return 1;
}

/* Whether the command is of this family: "evidence" for "evidence verify". */
static bool is_of(const command_line_command *c, const char *word) {
    const size_t length = strlen(word);
    return strncmp(c->name, word, length) == 0 && (c->name[length] == 0 || c->name[length] == ' ');
}

/* "enroll" alone: not unknown, but only half of a command. */
static bool is_family(const command_line_program *p, const char *word) {
    for (size_t i = 0; i < p->command_count; i++)
        if (is_of(command_at(p, i), word))
            return true;
    return false;
}

static const char *command_name(const void *table, size_t index) {
    const command_line_program *p = table;
    return index < p->command_count ? command_at(p, index)->name : NULL;
}

static command_line_result unknown_command(const command_line_program *p, int count, char **words, command_line *out) {
    char typed[SPELLING_LENGTH_MAX + 1];
    if (count == 1 && is_family(p, words[0])) {
        snprintf(out->problem, sizeof out->problem, _("\"%s\" needs a subcommand. See: %s %s --help"), words[0],
                 p->name, words[0]);
        return COMMAND_LINE_WRONG;
    }
    const bool two = count > 1 && snprintf(typed, sizeof typed, "%s %s", words[0], words[1]) < (int)sizeof typed;
    const char *meant = spelling_nearest(words[0], command_name, p);
    if (meant == NULL && two)
        meant = spelling_nearest(typed, command_name, p);
    if (meant != NULL)
        snprintf(out->problem, sizeof out->problem, _("There is no command \"%s\". Did you mean: %s %s"), words[0],
                 p->name, meant);
    else
        snprintf(out->problem, sizeof out->problem, _("There is no command \"%s\". All commands: %s --help"), words[0],
                 p->name);
    return COMMAND_LINE_WRONG;
}

/* --- options ------------------------------------------------------------------------------------------------------ */

static const char *option_name(const void *table, size_t index) {
    static const char *const fixed[] = {HELP, VERSION, NULL};
    const command_line_program *p = table;
    return index < p->option_count ? p->options[index].name : fixed[index - p->option_count];
}

static bool take(const command_line_option *row, const char *value, void *options) {
    void *member = (char *)options + row->offset;
    if (row->take != NULL)
        return row->take(value, member);
    if (row->kind == COMMAND_LINE_TEXT)
        *(const char **)member = value;
    else if (row->kind == COMMAND_LINE_SWITCH)
        *(bool *)member = true;
    return row->kind != COMMAND_LINE_OTHER;
}

static void complain_unknown(const command_line_program *p, const char *typed, command_line *out) {
    const char *meant = strncmp(typed, "--", 2) == 0 ? spelling_nearest(typed + 2, option_name, p) : NULL;
    if (meant != NULL)
        snprintf(out->problem, sizeof out->problem, _("The option \"%s\" is not valid. Did you mean: --%s"), typed,
                 meant);
    else
        snprintf(out->problem, sizeof out->problem, _("The option \"%s\" is not valid. All options: %s --help"), typed,
                 p->name);
}

/* What getopt_long did not take. Only the first mistake is told. */
static command_line_result complain(const command_line_program *p, int found, const char *typed, command_line *out) {
    const size_t row = found < FIRST_ROW ? (size_t)(optopt - FIRST_ROW) : (size_t)(found - FIRST_ROW);
    if (*out->problem != 0)
        return COMMAND_LINE_WRONG;
    if (found == ':' && row < p->option_count)
        snprintf(out->problem, sizeof out->problem, _("A value is missing: --%s %s"), p->options[row].name,
                 p->options[row].argument);
    else if (found >= FIRST_ROW)
        snprintf(out->problem, sizeof out->problem, _("The value \"%s\" is not valid: --%s %s. All options: %s --help"),
                 typed, p->options[row].name, p->options[row].argument, p->name);
    else
        complain_unknown(p, typed, out);
    return COMMAND_LINE_WRONG;
}

static void list_rows(const command_line_program *p, struct option *rows) {
    const int count = (int)p->option_count;
    for (int i = 0; i < count; i++)
        rows[i] = (struct option){p->options[i].name, p->options[i].argument != NULL ? required_argument : no_argument,
                                  NULL, FIRST_ROW + i};
    rows[count] = (struct option){HELP, no_argument, NULL, 'h'};
    rows[count + 1] = (struct option){VERSION, no_argument, NULL, 'V'};
}

static command_line_result read_options(const command_line_program *p, int count, char **arguments, void *options,
                                        command_line *out) {
    struct option rows[COMMAND_LINE_OPTIONS_MAX + 3] = {0};
    command_line_result code = COMMAND_LINE_RUN;
    int found;
    list_rows(p, rows);
    opterr = 0;
    optind = 0; /* of glibc: from the beginning */
    while ((found = getopt_long(count, arguments, ":h", rows, NULL)) != -1) {
        const size_t row = (size_t)(found - FIRST_ROW);
        if (found == 'V')
            return COMMAND_LINE_VERSION;
        if (found == 'h')
            code = code == COMMAND_LINE_WRONG ? code : COMMAND_LINE_HELP;
        else if (row < p->option_count && take(&p->options[row], optarg, options))
            out->given |= COMMAND_LINE_OPTION(row);
        else /* goes on: what says how to answer may follow */
            code = complain(p, found,
                            found >= FIRST_ROW              ? optarg
                            : optind > 0 && optind <= count ? arguments[optind - 1]
                                                            : "",
                            out);
    }
    return code;
}

/* --- is it complete? ---------------------------------------------------------------------------------------------- */

typedef struct word_limits {
    int min, max;
} word_limits;

static word_limits limits_of(const command_line_command *c) {
    word_limits limits = {0, 0};
    for (const char *next = c->arguments; next != NULL && *next != 0; next += strspn(next, " ")) {
        limits.max++;
        limits.min += *next != '[';
        next += strcspn(next, " ");
    }
    return limits;
}

bool command_line_takes_words(const command_line_command *c, size_t count) {
    const word_limits limits = limits_of(c);
    return count >= (size_t)limits.min && count <= (size_t)limits.max;
}

static const command_line_option *first_of(const command_line_program *p, command_line_set set) {
    for (size_t i = 0; i < p->option_count; i++)
        if (has(set, i))
            return &p->options[i];
    return NULL;
}

/* The command is known: are these its options, and as many words as it takes? */
static command_line_result check(const command_line_program *p, command_line *out) {
    const command_line_command *c = out->chosen;
    const word_limits limits = limits_of(c);
    const command_line_option *strange = first_of(p, out->given & ~(p->common | c->takes)),
                              *missing = first_of(p, c->needs & ~out->given);
    if (strange != NULL)
        snprintf(out->problem, sizeof out->problem, _("This command has no option --%s. See: %s %s --help"),
                 strange->name, p->name, c->name);
    else if (out->word_count > limits.max)
        snprintf(out->problem, sizeof out->problem, _("\"%s\" is an unexpected argument. See: %s %s --help"),
                 out->words[limits.max], p->name, c->name);
    else if (out->word_count < limits.min)
        snprintf(out->problem, sizeof out->problem, _("An argument is missing: %s %s %s"), p->name, c->name,
                 c->arguments);
    else if (missing != NULL)
        snprintf(out->problem, sizeof out->problem, _("An option is missing: --%s%s%s. See: %s %s --help"),
                 missing->name, missing->argument != NULL ? " " : "",
                 missing->argument != NULL ? missing->argument : "", p->name, c->name);
    else
        return COMMAND_LINE_RUN;
    return COMMAND_LINE_WRONG;
}

command_line_result command_line_read(const command_line_program *p, int count, char **arguments, void *options,
                                      command_line *out) {
    *out = (command_line){0};
    command_line_result code = read_options(p, count, arguments, options, out);
    char **words = arguments + optind;
    int left = count - optind;
    if (code == COMMAND_LINE_WRONG || code == COMMAND_LINE_VERSION)
        return code;
    if (left > 0 && strcmp(words[0], HELP) == 0) {
        code = COMMAND_LINE_HELP;
        words++;
        left--;
    }
    if (left <= 0)
        return code == COMMAND_LINE_HELP ? code : COMMAND_LINE_NOTHING;
    const int used = find(p, left, words, &out->chosen);
    if (code == COMMAND_LINE_HELP) {
        out->about = out->chosen != NULL ? out->chosen->name : words[0];
        return out->chosen != NULL || is_family(p, words[0]) ? code : unknown_command(p, left, words, out);
    }
    if (out->chosen == NULL)
        return unknown_command(p, left, words, out);
    out->words = words + used;
    out->word_count = left - used;
    return check(p, out);
}

bool command_line_begin(const command_line_program *p, int count, char **arguments, void *options, command_line *out,
                        int *status) {
    *status = 0;
    switch (command_line_read(p, count, arguments, options, out)) {
    case COMMAND_LINE_RUN: return true;
    case COMMAND_LINE_HELP: command_line_help(p, stdout, out->about); return false;
    case COMMAND_LINE_VERSION: command_line_version(p, stdout); return false;
    case COMMAND_LINE_NOTHING: command_line_help(p, stderr, NULL); break;
    case COMMAND_LINE_WRONG: fprintf(stderr, "%s: %s\n", p->name, out->problem); break;
    }
    *status = COMMAND_LINE_MISUSED;
    return false;
}

/* --- help --------------------------------------------------------------------------------------------------------- */

#define LEFT_COLUMN 30

/* Two columns; what does not fit on the left pushes the right one into a line of its own. */
static void help_row(FILE *to, const char *left, const char *right) {
    const int width = (int)strlen(left);
    if (width <= LEFT_COLUMN)
        fprintf(to, "  %-*s %s\n", LEFT_COLUMN, left, right);
    else
        fprintf(to, "  %s\n  %*s %s\n", left, LEFT_COLUMN, "", right);
}

static void help_commands(const command_line_program *p, FILE *to, const char *about) {
    char left[96];
    for (size_t i = 0; i < p->command_count; i++) {
        const command_line_command *c = command_at(p, i);
        if (about != NULL && !is_of(c, about))
            continue;
        snprintf(left, sizeof left, "%s%s%s", c->name, c->arguments != NULL ? " " : "",
                 c->arguments != NULL ? c->arguments : "");
        help_row(to, left, language_text(c->help));
    }
}

static void help_options(const command_line_program *p, FILE *to, command_line_set shown) {
    char left[96];
    for (size_t i = 0; i < p->option_count; i++) {
        const command_line_option *row = &p->options[i];
        if (!has(shown, i))
            continue;
        snprintf(left, sizeof left, "--%s%s%s", row->name, row->argument != NULL ? " " : "",
                 row->argument != NULL ? row->argument : "");
        help_row(to, left, language_text(row->help));
    }
    help_row(to, "--" HELP, _("this text"));
    help_row(to, "--" VERSION, _("the version"));
}

void command_line_help(const command_line_program *p, FILE *to, const char *about) {
    char words[96];
    const command_line_command *only = about != NULL ? command_line_find(p, about) : NULL;
    snprintf(words, sizeof words, "%s%s%s", only != NULL ? only->name : _("COMMAND"),
             only != NULL && only->arguments != NULL ? " " : "",
             only != NULL && only->arguments != NULL ? only->arguments : "");
    fprintf(to, _("Usage: %s %s [OPTION ...]"), p->name, words);
    fputs("\n\n", to);
    if (about == NULL && p->summary != NULL)
        fprintf(to, "%s\n\n", language_text(p->summary));
    help_commands(p, to, about);
    fprintf(to, "\n%s\n", _("Options:"));
    help_options(p, to, only != NULL ? p->common | only->takes : p->common);
    if (only == NULL) {
        fputc('\n', to);
        fprintf(to, _("The options of one command: %s COMMAND --help\n"), p->name);
    }
    if (p->notes != NULL)
        fprintf(to, "\n%s", language_text(p->notes));
}

void command_line_version(const command_line_program *p, FILE *to) {
    fprintf(to, "%s %s\n", p->name, UKETSUKE_VERSION);
}

/* --- are the tables in order? ------------------------------------------------------------------------------------- */

static const char *repeated(const char *(*name)(const void *, size_t), const void *table, size_t count) {
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(name(table, i), name(table, j)) == 0)
                return name(table, i);
    return NULL;
}

const char *command_line_fault(const command_line_program *p) {
    if (p->option_count > COMMAND_LINE_OPTIONS_MAX)
        return "too many options";
    const command_line_set all = p->option_count == COMMAND_LINE_OPTIONS_MAX ? ~(command_line_set)0
                                                                             : COMMAND_LINE_OPTION(p->option_count) - 1;
    command_line_set taken = p->common;
    for (size_t i = 0; i < p->option_count; i++)
        if (p->options[i].name == NULL || p->options[i].help == NULL ||
            (p->options[i].kind == COMMAND_LINE_OTHER && p->options[i].take == NULL))
            return "a row of the table of options is not filled in";
    for (size_t i = 0; i < p->command_count; i++) {
        const command_line_command *c = command_at(p, i);
        taken |= c->takes;
        if ((c->needs & ~(p->common | c->takes)) != 0)
            return c->name; /* needs what it does not take */
    }
    if ((taken & ~all) != 0)
        return "an option that is not in the table";
    if (taken != all)
        return first_of(p, all & ~taken)->name; /* no command takes it */
    const char *twice = repeated(option_name, p, p->option_count + 2);
    return twice != NULL ? twice : repeated(command_name, p, p->command_count);
}
