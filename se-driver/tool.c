/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tool.h"

#include "base/environment.h"
#include "base/log.h"
#include "base/secret.h"
#include "pcsc/pcsc_service.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEEDS_ISSUER 1
#define NEEDS_BINDING 2
#define NEEDS_NEW_ISSUER 4
#define NEEDS_YES 8

static const struct {
    const char *name;
    int (*run)(tool *t);
    int needs;
    const char *help;
} commands[] = {
    {"status", tool_status, 0,
     "serial number, life cycle, signature counter; with --binding-key also whether the SE is\n"
     "                   this terminal's, its sequence counter, and foreign attempts to open a channel"},
    {"fingerprint", tool_fingerprint, 0, "the SHA-256 of each public key, by the number of its place"},
    {"pair", tool_pair, NEEDS_ISSUER | NEEDS_BINDING, "makes a binding key, puts it into the SE and into a new file"},
    {"re-pair", tool_pair_again, NEEDS_ISSUER | NEEDS_BINDING,
     "the same for an SE that has one; the old key stops working"},
    {"rotate", tool_rotate, NEEDS_ISSUER | NEEDS_NEW_ISSUER, "replaces the issuer's key by a new one"},
    {"operational", tool_operational, NEEDS_ISSUER,
     "puts the SE into service: from then on it works only with its terminal"},
    {"unlock", tool_operational, NEEDS_ISSUER, "unlocks a locked SE"},
    {"lock", tool_lock, NEEDS_ISSUER, "the SE refuses everything until unlock"},
    {"terminate", tool_terminate, NEEDS_ISSUER | NEEDS_YES, "erases all keys of the SE permanently"},
};

static void usage(FILE *stream) {
    fputs("Usage: uketsuke-se-tool COMMAND [OPTION...]\n\n"
          "Pairs a Secure Element with a terminal and changes its life-cycle state.\n\nCommands:\n",
          stream);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(stream, "  %-15s  %s\n", commands[i].name, commands[i].help);
    fputs(
        "\nOptions:\n"
        "  --reader TEXT             part of the reader's name (default: the first reader with an SE)\n"
        "  --issuer-key FILE         the issuer's key set\n"
        "  --factory-key             the issuer's key is still the well-known one of a fresh SE\n"
        "  --new-issuer-key FILE     where rotate writes the new one\n"
        "  --binding-key FILE        the terminal's key set: opensc.conf names it as binding_key\n"
        "  --json                    status as JSON\n"
        "  --yes                     terminate: yes, permanently\n"
        "  --help\n\n"
        "Keys are files of five lines (version, enc, mac, dek in hexadecimal), mode 0600; they are never overwritten\n"
        "except by re-pair. UKETSUKE_OPENSC_CONF names another OpenSC configuration.\n",
        stream);
}

int tool_complain(const char *format, ...) {
    va_list arguments;
    fputs("uketsuke-se-tool: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return TOOL_FAILED;
}

result tool_send(tool *t, se_command command, buffer *answer, status_word *sw) {
    se_exchange exchange = {.command = command, .answer = answer};
    int code = sc_card_ctl(t->card, SE_CONTROL_TRANSMIT, &exchange);
    *sw = exchange.sw;
    return code == SC_SUCCESS ? RESULT_OK : RESULT_IO;
}

static int begin_context(tool *t) {
    const char *configuration = secure_getenv("UKETSUKE_OPENSC_CONF");
    sc_context_param_t parameters = {.app_name = SE_TOOL_NAME};
    if (setenv("OPENSC_CONF", configuration != NULL ? configuration : CONFIGURATION, 1) != 0)
        return tool_complain("out of memory");
    int code = sc_context_create(&t->context, &parameters);
    return code == SC_SUCCESS ? TOOL_OK : tool_complain("OpenSC does not start: %s", sc_strerror(code));
}

static bool connect_reader(tool *t, sc_reader_t *reader) {
    if (t->reader != NULL && strstr(reader->name, t->reader) == NULL)
        return false;
    if (!(sc_detect_card_presence(reader) & SC_READER_CARD_PRESENT) || sc_connect_card(reader, &t->card) != SC_SUCCESS)
        return false;
    if (strcmp(t->card->driver->short_name, SE_NAME) == 0)
        return true;
    sc_disconnect_card(t->card);
    t->card = NULL;
    return false;
}

static int begin_card(tool *t) {
    unsigned count = sc_ctx_get_reader_count(t->context);
    for (unsigned i = 0; i < count; i++)
        if (connect_reader(t, sc_ctx_get_reader(t->context, i)))
            return TOOL_OK;
    const pcsc_state state = pcsc_ask(t->reader);
    if (state != PCSC_ANSWERS)
        return tool_complain("%s", pcsc_sentence(state));
    return tool_complain("no Secure Element in %s%s: insert it, or name its reader with --reader",
                         t->reader == NULL ? "any of the readers" : "a reader named ",
                         t->reader == NULL ? "" : t->reader);
}

static void end(tool *t) {
    if (t->card != NULL)
        sc_disconnect_card(t->card);
    if (t->context != NULL)
        sc_release_context(t->context);
}

static int check_needs(const tool *t, int needs) {
    if (needs & NEEDS_ISSUER && t->issuer_key == NULL && !t->factory_key)
        return tool_complain("--issuer-key FILE is needed (or --factory-key for a fresh SE)"), TOOL_USAGE;
    if (needs & NEEDS_BINDING && t->binding_key == NULL)
        return tool_complain("--binding-key FILE is needed"), TOOL_USAGE;
    if (needs & NEEDS_NEW_ISSUER && t->new_issuer_key == NULL)
        return tool_complain("--new-issuer-key FILE is needed"), TOOL_USAGE;
    if (needs & NEEDS_YES && !t->confirmed)
        return tool_complain("this erases the SE's keys permanently: add --yes"), TOOL_USAGE;
    return TOOL_OK;
}

static int read_options(tool *t, int count, char **arguments) {
    static const struct option options[] = {
        {"reader", required_argument, NULL, 'r'},
        {"issuer-key", required_argument, NULL, 'i'},
        {"factory-key", no_argument, NULL, 'f'},
        {"new-issuer-key", required_argument, NULL, 'n'},
        {"binding-key", required_argument, NULL, 'b'},
        {"json", no_argument, NULL, 'j'},
        {"yes", no_argument, NULL, 'y'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    for (int option; (option = getopt_long(count, arguments, "", options, NULL)) != -1;) {
        switch (option) {
        case 'r': t->reader = optarg; break;
        case 'i': t->issuer_key = optarg; break;
        case 'f': t->factory_key = true; break;
        case 'n': t->new_issuer_key = optarg; break;
        case 'b': t->binding_key = optarg; break;
        case 'j': t->json = true; break;
        case 'y': t->confirmed = true; break;
        case 'h': usage(stdout); exit(TOOL_OK);
        default: return TOOL_USAGE;
        }
    }
    return TOOL_OK;
}

static int run(tool *t, const char *name) {
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, name) != 0)
            continue;
        int code = check_needs(t, commands[i].needs);
        if (code == TOOL_OK)
            code = begin_context(t);
        if (code == TOOL_OK)
            code = begin_card(t);
        if (code == TOOL_OK)
            code = commands[i].run(t);
        end(t);
        return code;
    }
    return tool_complain("no command \"%s\": --help lists them", name), TOOL_USAGE;
}

ENVIRONMENT_CLEARED_AT_START;

int main(int count, char **arguments) {
    tool t = {0};
    secret_forbid_core_dumps();
    log_open("uketsuke-se-tool", LOG_WARNING, NULL);
    secret_keep_in_memory();
    int code = read_options(&t, count, arguments);
    if (code != TOOL_OK || optind + 1 != count) {
        usage(stderr);
        return TOOL_USAGE;
    }
    return run(&t, arguments[optind]);
}
