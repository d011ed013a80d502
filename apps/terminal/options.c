/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define WORD_LENGTH_MAX 63
#define TYPING_ERRORS_MAX 3

typedef enum kind { TEXT, SWITCH, DESCRIPTOR, WHOSE, HELP, VERSION } kind;

/* Every option: its name, what it takes, where its value goes, what the help says, and which commands it is for. */
static const struct {
    const char *name, *argument; /* argument NULL: none */
    kind kind;
    size_t offset;
    const char *help;
    const char *commands[7]; /* closed by NULL; none: all */
    /* clang-format off */
} table[] = {
    {"config", "FILE", TEXT, offsetof(options, configuration_path), N_("configuration (default $UKETSUKE_CONFIG)"),
     {NULL}},
    {"json", NULL, SWITCH, offsetof(options, json), N_("one JSON object instead of lines"), {NULL}},
    {"pin-fd", "N", DESCRIPTOR, offsetof(options, pin_fd), N_("read the PIN from file descriptor N instead of asking"),
     {"login", "person", "unlock", "se replace", "clock confirm", "enroll begin"}},
    {"sign-pin-fd", "N", DESCRIPTOR, offsetof(options, sign_pin_fd),
     N_("read the signature PIN from file descriptor N instead of asking"),
     {"visit", "signature make"}},
    {"evidence", "ID", TEXT, offsetof(options, evidence_id), N_("which reception"), {"visit", "evidence export"}},
    {"from", "DAY", TEXT, offsetof(options, from), N_("from this day on (2026-04-01)"), {"evidence export"}},
    {"to", "DAY", TEXT, offsetof(options, to), N_("up to this day, itself included"), {"evidence export"}},
    {"output", "PATH", TEXT, offsetof(options, output), N_("where to write: a folder, or for a signature a file"),
     {"evidence export", "enroll begin", "enroll finish", "signature make"}},
    {"card", "WHOSE", WHOSE, offsetof(options, patient_card), N_("whose card signs: operator (default) or patient"),
     {"signature make"}},
    {"attached", NULL, SWITCH, offsetof(options, attached), N_("put the file itself into the signature"),
     {"signature make"}},
    {"content", "FILE", TEXT, offsetof(options, content), N_("the file that was signed, if not inside"),
     {"signature verify"}},
    /* Elsewhere trust is not the user's to choose. */
    {"anchors", "FOLDER", TEXT, offsetof(options, anchors), N_("trust anchors instead of the terminal's"),
     {"evidence verify", "signature verify"}},
    {"platform-cvc", "FILE", TEXT, offsetof(options, platform_cvc),
     N_("the platform's certificates, for evidence made online"), {"evidence verify"}},
    {"help", NULL, HELP, 0, N_("this text"), {NULL}},
    {"version", NULL, VERSION, 0, N_("the version"), {NULL}},
};
/* clang-format on */
#define OPTION_COUNT ((int)(sizeof table / sizeof *table))

static bool is_for(int row, const command *c) {
    for (int i = 0; table[row].commands[i] != NULL; i++)
        if (strcmp(table[row].commands[i], c->name) == 0)
            return true;
    return table[row].commands[0] == NULL;
}

static bool descriptor_of(const char *text, int *fd) {
    char *end;
    long number = strtol(text, &end, 10);
    *fd = (int)number;
    return end != text && *end == 0 && number >= 0 && number < 65536;
}

/* One option's value. false: wrong. */
static bool take(int row, const char *value, options *out) {
    void *member = (char *)out + table[row].offset;
    switch (table[row].kind) {
    case TEXT: *(const char **)member = value; return true;
    case SWITCH: *(bool *)member = true; return true;
    case DESCRIPTOR: return descriptor_of(value, member);
    case WHOSE:
        *(bool *)member = strcmp(value, "patient") == 0;
        return *(bool *)member || strcmp(value, "operator") == 0;
    case HELP:
    case VERSION: break;
    }
    return false;
}

/* --- which command ------------------------------------------------------------------------------------------------ */

/* "evidence verify" is two words, "login" is one. Returns how many were used. */
static int find(int count, char **words, const command **chosen) {
    char two[64];
    if (count > 1 && snprintf(two, sizeof two, "%s %s", words[0], words[1]) < (int)sizeof two &&
        (*chosen = command_named(two)) != NULL)
        return 2;
    *chosen = command_named(words[0]);
    return 1;
}

/* Whether the command is of this family: "evidence" for "evidence verify". */
static bool is_of(const command *c, const char *word) {
    const size_t length = strlen(word);
    return strncmp(c->name, word, length) == 0 && (c->name[length] == 0 || c->name[length] == ' ');
}

/* Levenshtein's distance, by rows. */
static size_t distance(const char *a, const char *b) {
    size_t row[WORD_LENGTH_MAX + 1];
    const size_t length = strlen(b);
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != 0; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            const size_t changed = diagonal + (a[i - 1] != b[j - 1]), above = row[j] + 1, left = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = changed < above ? changed : above;
            row[j] = row[j] < left ? row[j] : left;
        }
    }
    return row[length];
}

/* The command that was meant, probably; NULL: none is near. */
static const command *nearest(const char *words) {
    const command *best = NULL;
    size_t min = TYPING_ERRORS_MAX + 1;
    for (const command *c = commands; c->name != NULL && strlen(words) <= WORD_LENGTH_MAX; c++) {
        const size_t d = distance(words, c->name);
        if (d < min) {
            min = d;
            best = c;
        }
    }
    return best;
}

/* "enroll" alone: not unknown, but only half of a command. */
static bool is_family(const char *word) {
    for (const command *c = commands; c->name != NULL; c++)
        if (is_of(c, word))
            return true;
    return false;
}

static options_result unknown_command(int count, char **words, command_line *out) {
    if (count == 1 && is_family(words[0])) {
        snprintf(out->problem, sizeof out->problem, _("\"%s\" needs a subcommand. See: uketsuke %s --help"), words[0],
                 words[0]);
        return OPTIONS_WRONG;
    }
    char typed[WORD_LENGTH_MAX + 1];
    const bool two = count > 1 && snprintf(typed, sizeof typed, "%s %s", words[0], words[1]) < (int)sizeof typed;
    const command *meant = nearest(words[0]);
    if (meant == NULL && two)
        meant = nearest(typed);
    if (meant != NULL)
        snprintf(out->problem, sizeof out->problem, _("There is no command \"%s\". Did you mean: uketsuke %s"),
                 words[0], meant->name);
    else
        snprintf(out->problem, sizeof out->problem, _("There is no command \"%s\". All commands: uketsuke --help"),
                 words[0]);
    return OPTIONS_WRONG;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static options_result read_all(int count, char **arguments, command_line *out, bool given[OPTION_COUNT]) {
    struct option rows[OPTION_COUNT + 1] = {0};
    options_result code = OPTIONS_RUN;
    int row, found;
    for (int i = 0; i < OPTION_COUNT; i++)
        rows[i] = (struct option){table[i].name, table[i].argument != NULL ? required_argument : no_argument, NULL,
                                  256 + i};
    opterr = 0;
    while ((found = getopt_long(count, arguments, "h", rows, NULL)) != -1) {
        row = found - 256;
        if (found == 'h' || (row >= 0 && table[row].kind == HELP))
            code = code == OPTIONS_WRONG ? code : OPTIONS_HELP;
        else if (row >= 0 && table[row].kind == VERSION)
            return OPTIONS_VERSION;
        else if (row >= 0 && take(row, optarg, &out->options))
            given[row] = true;
        else if (code != OPTIONS_WRONG) { /* goes on: --json may follow */
            snprintf(out->problem, sizeof out->problem, _("The option \"%s\" is not valid. All options: uketsuke --help"),
                     optind > 0 && optind <= count ? arguments[optind - 1] : "");
            code = OPTIONS_WRONG;
        }
    }
    return code;
}

/* The command is known: are these its options, and as many arguments as it takes? */
static options_result check(command_line *out, const bool given[OPTION_COUNT]) {
    const command *c = out->chosen;
    const bool takes = c->arguments != NULL, needs = takes && *c->arguments != '[';
    for (int i = 0; i < OPTION_COUNT; i++)
        if (given[i] && !is_for(i, c)) {
            snprintf(out->problem, sizeof out->problem, _("This command has no option --%s. See: uketsuke %s --help"),
                     table[i].name, c->name);
            return OPTIONS_WRONG;
        }
    if (out->options.argument_count > (takes ? 1 : 0))
        snprintf(out->problem, sizeof out->problem, _("\"%s\" is an unexpected argument. See: uketsuke %s --help"),
                 out->options.arguments[takes ? 1 : 0], c->name);
    else if (needs && out->options.argument_count == 0)
        snprintf(out->problem, sizeof out->problem, _("An argument is missing: uketsuke %s %s"), c->name, c->arguments);
    else
        return OPTIONS_RUN;
    return OPTIONS_WRONG;
}

options_result options_read(int count, char **arguments, command_line *out) {
    bool given[OPTION_COUNT] = {false};
    *out = (command_line){.options = {.pin_fd = -1, .sign_pin_fd = -1}};
    options_result code = read_all(count, arguments, out, given);
    char **words = arguments + optind;
    int left = count - optind;
    if (code == OPTIONS_WRONG || code == OPTIONS_VERSION)
        return code;
    if (left > 0 && strcmp(words[0], "help") == 0) {
        code = OPTIONS_HELP;
        words++;
        left--;
    }
    if (left <= 0)
        return OPTIONS_HELP;
    const int used = find(left, words, &out->chosen);
    if (code == OPTIONS_HELP) {
        out->word = out->chosen != NULL ? out->chosen->name : words[0];
        return out->chosen != NULL || is_family(words[0]) ? code : unknown_command(left, words, out);
    }
    if (out->chosen == NULL)
        return unknown_command(left, words, out);
    out->options.arguments = words + used;
    out->options.argument_count = left - used;
    return check(out, given);
}

/* --- help --------------------------------------------------------------------------------------------------------- */

static void help_commands(FILE *to, const char *word) {
    char left[64];
    for (const command *c = commands; c->name != NULL; c++) {
        if (word != NULL && !is_of(c, word))
            continue;
        snprintf(left, sizeof left, "%s %s", c->name, c->arguments != NULL ? c->arguments : "");
        fprintf(to, "  %-28s %s\n", left, language_text(c->help));
    }
}

void options_help(FILE *to, const char *word) {
    char left[40], words[64];
    const command *only = word != NULL ? command_named(word) : NULL;
    if (only != NULL && only->arguments != NULL)
        snprintf(words, sizeof words, "%s %s", only->name, only->arguments);
    else
        snprintf(words, sizeof words, "%s", only != NULL ? only->name : _("COMMAND"));
    fprintf(to, _("Usage: uketsuke %s [OPTION ...]"), words);
    fputs("\n\n", to);
    help_commands(to, word);
    fprintf(to, "\n%s\n", _("Options:"));
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (only != NULL ? !is_for(i, only) : table[i].commands[0] != NULL)
            continue;
        snprintf(left, sizeof left, "--%s %s", table[i].name, table[i].argument != NULL ? table[i].argument : "");
        fprintf(to, "  %-28s %s\n", left, language_text(table[i].help));
    }
    if (only == NULL)
        fprintf(to, "\n%s\n", _("The options of one command: uketsuke COMMAND --help"));
    fprintf(to, "\n%s",
            _("Exit status: 0 done; 1 refused by a rule; 2 usage or configuration; 3 card, reader, PIN or SE;\n"
              "4 platform or history service; 5 internal.\n"));
}
