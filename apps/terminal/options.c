#include "options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef enum kind { TEXT, SWITCH, DESCRIPTOR, WHOSE, HELP, VERSION } kind;

/* Every option: its name, what it takes, where its value goes, what the help says. */
static const struct {
    const char *name, *argument; /* argument NULL: none */
    kind kind;
    size_t offset;
    const char *help;
} table[] = {
    {"config", "FILE", TEXT, offsetof(options, configuration_path), N_("configuration (default $UKETSUKE_CONFIG)")},
    {"json", NULL, SWITCH, offsetof(options, json), N_("one JSON object instead of lines")},
    {"pin-fd", "N", DESCRIPTOR, offsetof(options, pin_fd), N_("read the PIN from file descriptor N instead of asking")},
    {"sign-pin-fd", "N", DESCRIPTOR, offsetof(options, sign_pin_fd), N_("the same for the signature PIN")},
    {"evidence", "ID", TEXT, offsetof(options, evidence_id), N_("which reception (visit, evidence export)")},
    {"output", "PATH", TEXT, offsetof(options, output),
     N_("where to write: a folder (evidence export, enroll), a file (signature make)")},
    {"card", "WHOSE", WHOSE, offsetof(options, patient_card),
     N_("whose card signs: operator (default) or patient (signature make)")},
    {"attached", NULL, SWITCH, offsetof(options, attached), N_("put the file itself into the signature (signature make)")},
    {"content", "FILE", TEXT, offsetof(options, content), N_("the file that was signed, if not inside (signature verify)")},
    {"anchors", "FOLDER", TEXT, offsetof(options, anchors), N_("trust anchors (evidence verify, signature verify)")},
    {"platform-cvc", "FILE", TEXT, offsetof(options, platform_cvc),
     N_("the platform's certificates, for evidence made online (evidence verify)")},
    {"help", NULL, HELP, 0, N_("this text")},
    {"version", NULL, VERSION, 0, N_("the version")},
};
#define OPTION_COUNT ((int)(sizeof table / sizeof *table))

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
    case TEXT:
        *(const char **)member = value;
        return true;
    case SWITCH:
        *(bool *)member = true;
        return true;
    case DESCRIPTOR:
        return descriptor_of(value, member);
    case WHOSE:
        *(bool *)member = strcmp(value, "patient") == 0;
        return *(bool *)member || strcmp(value, "operator") == 0;
    case HELP:
    case VERSION:
        break;
    }
    return false;
}

/* "evidence verify" is two words, "login" is one. Returns how many were used. */
static int find(int count, char **words, const command **chosen) {
    char two[64];
    if (count > 1 && snprintf(two, sizeof two, "%s %s", words[0], words[1]) < (int)sizeof two &&
        (*chosen = command_named(two)) != NULL)
        return 2;
    *chosen = command_named(words[0]);
    return 1;
}

static options_result read_all(int count, char **arguments, options *out, const char **problem) {
    struct option rows[OPTION_COUNT + 1] = {0};
    int row, given;
    for (int i = 0; i < OPTION_COUNT; i++)
        rows[i] = (struct option){table[i].name, table[i].argument != NULL ? required_argument : no_argument, NULL, 256 + i};
    opterr = 0;
    while ((given = getopt_long(count, arguments, "h", rows, NULL)) != -1) {
        row = given - 256;
        if (given == 'h' || (row >= 0 && table[row].kind == HELP))
            return OPTIONS_HELP;
        if (row >= 0 && table[row].kind == VERSION)
            return OPTIONS_VERSION;
        if (row < 0 || !take(row, optarg, out)) {
            *problem = optind > 0 && optind <= count ? arguments[optind - 1] : "";
            return OPTIONS_WRONG;
        }
    }
    return OPTIONS_RUN;
}

options_result options_read(int count, char **arguments, const command **chosen, options *out, const char **problem) {
    *chosen = NULL;
    *problem = NULL;
    *out = (options){.pin_fd = -1, .sign_pin_fd = -1};
    const options_result code = read_all(count, arguments, out, problem);
    if (code != OPTIONS_RUN)
        return code;
    if (optind >= count)
        return OPTIONS_HELP;
    *problem = arguments[optind];
    int words = find(count - optind, arguments + optind, chosen);
    out->arguments = arguments + optind + words;
    out->argument_count = count - optind - words;
    if (*chosen != NULL && out->anchors != NULL && !(*chosen)->takes_anchors) {
        *problem = "--anchors";
        *chosen = NULL;
    }
    return *chosen != NULL ? OPTIONS_RUN : OPTIONS_WRONG;
}

void options_help(FILE *to) {
    char left[40];
    fprintf(to, "%s\n\n", _("Usage: uketsuke COMMAND [OPTION ...]"));
    for (const command *c = commands; c->name != NULL; c++)
        fprintf(to, "  %-16s %-15s %s\n", c->name, c->arguments != NULL ? c->arguments : "", gettext(c->help));
    fprintf(to, "\n%s\n", _("Options:"));
    for (int i = 0; i < OPTION_COUNT; i++) {
        snprintf(left, sizeof left, "--%s %s", table[i].name, table[i].argument != NULL ? table[i].argument : "");
        fprintf(to, "  %-20s %s\n", left, gettext(table[i].help));
    }
    fprintf(to, "\n%s",
            _("Exit status: 0 done; 1 refused by a rule; 2 usage or configuration; 3 card, reader, PIN or SE;\n"
              "4 platform or history service; 5 internal.\n"));
}
