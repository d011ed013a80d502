/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tool.h"

#include "base/command_line.h"
#include "base/environment.h"
#include "base/log.h"
#include "base/secret.h"
#include "pcsc/pcsc_service.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct tool_command {
    command_line_command line;
    int (*run)(tool *t);
    bool needs_issuer; /* --issuer-key or --factory-key */
} tool_command;

typedef enum tool_option {
    TOOL_READER,
    TOOL_ISSUER_KEY,
    TOOL_FACTORY_KEY,
    TOOL_NEW_ISSUER_KEY,
    TOOL_BINDING_KEY,
    TOOL_JSON,
    TOOL_YES,
    TOOL_OPTIONS
} tool_option;

#define TAKES(row) COMMAND_LINE_OPTION(TOOL_##row)
#define MEMBER(field) .offset = offsetof(tool, field)

/* clang-format off */
static const command_line_option options[TOOL_OPTIONS] = {
    [TOOL_READER] = {"reader", "TEXT", "part of the reader's name (default: the first reader with an SE)",
                     MEMBER(reader)},
    [TOOL_ISSUER_KEY] = {"issuer-key", "FILE", "the issuer's key set", MEMBER(issuer_key)},
    [TOOL_FACTORY_KEY] = {"factory-key", NULL, "the issuer's key is still the well-known one of a fresh SE",
                          MEMBER(factory_key), COMMAND_LINE_SWITCH},
    [TOOL_NEW_ISSUER_KEY] = {"new-issuer-key", "FILE", "where rotate writes the new one", MEMBER(new_issuer_key)},
    [TOOL_BINDING_KEY] = {"binding-key", "FILE", "the terminal's key set: opensc.conf names it as binding_key",
                          MEMBER(binding_key)},
    [TOOL_JSON] = {"json", NULL, "status as JSON", MEMBER(json), COMMAND_LINE_SWITCH},
    [TOOL_YES] = {"yes", NULL, "terminate: yes, permanently", MEMBER(confirmed), COMMAND_LINE_SWITCH},
};

static const tool_command commands[] = {
    {.line = {.name = "status",
              .help = "serial number, life cycle, counters; with --binding-key whether the SE is this terminal's",
              .takes = TAKES(JSON)},
     .run = tool_status},
    {.line = {.name = "fingerprint", .help = "the SHA-256 of each public key, by the number of its place"},
     .run = tool_fingerprint},
    {.line = {.name = "pair", .help = "makes a binding key, puts it into the SE and into a new file",
              .needs = TAKES(BINDING_KEY)},
     .run = tool_pair, .needs_issuer = true},
    {.line = {.name = "re-pair", .help = "the same for an SE that has one; the old key stops working",
              .needs = TAKES(BINDING_KEY)},
     .run = tool_pair_again, .needs_issuer = true},
    {.line = {.name = "rotate", .help = "replaces the issuer's key by a new one", .takes = TAKES(NEW_ISSUER_KEY),
              .needs = TAKES(NEW_ISSUER_KEY)},
     .run = tool_rotate, .needs_issuer = true},
    {.line = {.name = "operational", .help = "puts the SE into service: from then on it works only with its terminal"},
     .run = tool_operational, .needs_issuer = true},
    {.line = {.name = "unlock", .help = "unlocks a locked SE"}, .run = tool_operational, .needs_issuer = true},
    {.line = {.name = "lock", .help = "the SE refuses everything until unlock"}, .run = tool_lock,
     .needs_issuer = true},
    {.line = {.name = "terminate", .help = "erases all keys of the SE permanently", .takes = TAKES(YES),
              .needs = TAKES(YES)},
     .run = tool_terminate, .needs_issuer = true},
};
/* clang-format on */

static const command_line_program program = {
    .name = SE_TOOL_NAME,
    .summary = "Pairs a Secure Element with a terminal and changes its life-cycle state.",
    .options = options,
    .option_count = TOOL_OPTIONS,
    .common = TAKES(READER) | TAKES(ISSUER_KEY) | TAKES(FACTORY_KEY) | TAKES(BINDING_KEY),
    .commands = commands,
    .command_count = sizeof commands / sizeof *commands,
    .command_size = sizeof *commands,
    .notes =
        "Keys are files of five lines (version, enc, mac, dek in hexadecimal), mode 0600; they are never overwritten\n"
        "except by re-pair. UKETSUKE_OPENSC_CONF names another OpenSC configuration.\n"};

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

int tool_connect_again(tool *t) {
    sc_reader_t *reader = t->card->reader;
    sc_disconnect_card(t->card);
    t->card = NULL;
    return connect_reader(t, reader) ? TOOL_OK : tool_complain("the SE does not answer any more. Begin again");
}

static void end(tool *t) {
    if (t->card != NULL)
        sc_disconnect_card(t->card);
    if (t->context != NULL)
        sc_release_context(t->context);
}

static int run(tool *t, const tool_command *c) {
    if (c->needs_issuer && t->issuer_key == NULL && !t->factory_key)
        return tool_complain("--issuer-key FILE is needed (or --factory-key for a fresh SE)"), TOOL_USAGE;
    int code = begin_context(t);
    if (code == TOOL_OK)
        code = begin_card(t);
    if (code == TOOL_OK)
        code = c->run(t);
    end(t);
    return code;
}

ENVIRONMENT_CLEARED_AT_START;

int main(int count, char **arguments) {
    tool t = {0};
    command_line line;
    int status;
    secret_forbid_core_dumps();
    log_open(SE_TOOL_NAME, LOG_WARNING, NULL);
    secret_keep_in_memory();
    if (!command_line_begin(&program, count, arguments, &t, &line, &status))
        return status;
    return run(&t, (const tool_command *)line.chosen);
}
