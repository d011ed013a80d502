#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { CONFIG = 256, JSON, PIN_FD, SIGN_PIN_FD, EVIDENCE, OUTPUT, ANCHORS, PLATFORM_CVC, HELP, VERSION };

static const struct option long_options[] = {
    {"config", required_argument, NULL, CONFIG},
    {"json", no_argument, NULL, JSON},
    {"pin-fd", required_argument, NULL, PIN_FD},
    {"sign-pin-fd", required_argument, NULL, SIGN_PIN_FD},
    {"evidence", required_argument, NULL, EVIDENCE},
    {"output", required_argument, NULL, OUTPUT},
    {"anchors", required_argument, NULL, ANCHORS},
    {"platform-cvc", required_argument, NULL, PLATFORM_CVC},
    {"help", no_argument, NULL, HELP},
    {"version", no_argument, NULL, VERSION},
    {NULL, 0, NULL, 0},
};

static bool descriptor_of(const char *text, int *fd) {
    char *end;
    long number = strtol(text, &end, 10);
    *fd = (int)number;
    return end != text && *end == 0 && number >= 0 && number < 65536;
}

/* One option. false: wrong value. */
static bool take(int option, options *out) {
    switch (option) {
    case CONFIG:
        out->configuration_path = optarg;
        return true;
    case JSON:
        out->json = true;
        return true;
    case PIN_FD:
        return descriptor_of(optarg, &out->pin_fd);
    case SIGN_PIN_FD:
        return descriptor_of(optarg, &out->sign_pin_fd);
    case EVIDENCE:
        out->evidence_id = optarg;
        return true;
    case OUTPUT:
        out->output = optarg;
        return true;
    case ANCHORS:
        out->anchors = optarg;
        return true;
    case PLATFORM_CVC:
        out->platform_cvc = optarg;
        return true;
    default:
        return false;
    }
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

options_result options_read(int count, char **arguments, const command **chosen, options *out, const char **problem) {
    int option;
    *chosen = NULL;
    *problem = NULL;
    *out = (options){.pin_fd = -1, .sign_pin_fd = -1};
    opterr = 0;
    while ((option = getopt_long(count, arguments, "h", long_options, NULL)) != -1) {
        if (option == HELP || option == 'h')
            return OPTIONS_HELP;
        if (option == VERSION)
            return OPTIONS_VERSION;
        if (!take(option, out)) {
            *problem = optind > 0 && optind <= count ? arguments[optind - 1] : "";
            return OPTIONS_WRONG;
        }
    }
    if (optind >= count)
        return OPTIONS_HELP;
    *problem = arguments[optind];
    int words = find(count - optind, arguments + optind, chosen);
    out->arguments = arguments + optind + words;
    out->argument_count = count - optind - words;
    return *chosen != NULL ? OPTIONS_RUN : OPTIONS_WRONG;
}

void options_help(FILE *to) {
    fprintf(to, "%s\n\n", _("Usage: uketsuke COMMAND [OPTION ...]"));
    for (const command *c = commands; c->name != NULL; c++)
        fprintf(to, "  %-15s %-15s %s\n", c->name, c->arguments, gettext(c->help));
    fprintf(to, "\n%s",
            _("Options:\n"
              "  --config FILE        configuration (default $UKETSUKE_CONFIG)\n"
              "  --json               one JSON object instead of lines\n"
              "  --pin-fd N           read the operator card's PIN from file descriptor N instead of asking\n"
              "  --sign-pin-fd N      the same for the signature PIN\n"
              "  --evidence ID        which reception (visit, evidence export)\n"
              "  --output FOLDER      where to write (evidence export)\n"
              "  --anchors FOLDER     trust anchors (evidence verify)\n"
              "  --platform-cvc FILE  the platform's certificates, for evidence made online (evidence verify)\n"
              "  --help, --version\n\n"
              "Exit status: 0 done; 1 refused by a rule; 2 usage or configuration; 3 card, reader, PIN or SE;\n"
              "4 platform or history service; 5 internal.\n"));
}
