/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* softcard: emulated cards in emulated readers. `softcard serve` plays; the other commands speak to it. */
#include "applet_loader.h"
#include "base/clock.h"
#include "base/command_line.h"
#include "base/environment.h"
#include "base/log.h"
#include "base/secret.h"
#include "softcard_control.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAIRS_MAX CONTROL_READERS_MAX
#define WAIT_MS 10000
#define WAIT_STEP_MS 10

/* What may be given more than once. */
typedef struct list {
    const char *items[PAIRS_MAX];
    size_t count;
} list;

typedef struct options {
    const char *control;
    list readers, cards, contactless, applets;
    const card_timing *timing;
    const char *log;
    int log_level;
    long peer;
    bool reset;
    char **words; /* what follows the command */
    int word_count;
} options;

static bool add(const char *value, void *member) {
    list *all = member;
    if (all->count == PAIRS_MAX)
        return false;
    all->items[all->count++] = value;
    return true;
}

static bool add_pair(const char *value, void *member) {
    return strchr(value, '=') != NULL && add(value, member);
}

static bool take_timing(const char *value, void *member) {
    const card_timing **timing = member;
    return (*timing = card_timing_find(value)) != NULL;
}

static bool take_log_level(const char *value, void *member) {
    int *level = member;
    return (*level = log_level_of(value)) >= 0;
}

static bool take_user(const char *value, void *member) {
    char *end;
    long *user = member;
    return (*user = strtol(value, &end, 10)) >= 0 && end != value && *end == 0;
}

typedef enum option_row {
    OPTION_CONTROL,
    OPTION_READER,
    OPTION_CARD,
    OPTION_CONTACTLESS,
    OPTION_APPLET,
    OPTION_TIMING,
    OPTION_LOG,
    OPTION_LOG_LEVEL,
    OPTION_PEER,
    OPTION_RESET,
    OPTION_ROWS
} option_row;

#define TAKES(row) COMMAND_LINE_OPTION(OPTION_##row)
#define OTHER(field, function) offsetof(options, field), COMMAND_LINE_OTHER, .take = (function)

/* clang-format off */
static const command_line_option option_table[OPTION_ROWS] = {
    [OPTION_CONTROL] = {"control", "SOCKET", "where softcard listens for the other commands",
                        .offset = offsetof(options, control)},
    [OPTION_READER] = {"reader", "NAME=SOCKET", "a reader; SOCKET as in DEVICENAME behind \"cardlink:\" (any number)",
                       OTHER(readers, add_pair)},
    [OPTION_CARD] = {"card", "NAME=IMAGE", "put this card (an image folder) into that reader at once (any number)",
                     OTHER(cards, add_pair)},
    [OPTION_CONTACTLESS] = {"contactless", "NAME", "the reader of this name has no contacts (any number)",
                            OTHER(contactless, add)},
    [OPTION_APPLET] = {"applet", "FILE", "an application from a file of its own (any number)", OTHER(applets, add)},
    [OPTION_TIMING] = {"timing", "contact|contactless|none", "as slow as a card may be", OTHER(timing, take_timing)},
    [OPTION_LOG] = {"log", "FILE", "append the log to this file (default: standard error)",
                    .offset = offsetof(options, log)},
    [OPTION_LOG_LEVEL] = {"log-level", "LEVEL", "error, warning, notice (default), info or debug",
                          OTHER(log_level, take_log_level)},
    [OPTION_PEER] = {"peer", "UID", "the user as whom pcscd runs", OTHER(peer, take_user)},
    [OPTION_RESET] = {"reset", NULL, "count from zero again", .offset = offsetof(options, reset),
                      .kind = COMMAND_LINE_SWITCH},
};
/* clang-format on */

static int serve(const char *name, const options *o);
static int tell(const char *name, const options *o);
static int tell_image(const char *name, const options *o);
static int wait_ready(const char *name, const options *o);
static int stats(const char *name, const options *o);

typedef struct subcommand {
    command_line_command line;
    int (*run)(const char *name, const options *o);
} subcommand;

/* clang-format off */
static const subcommand subcommands[] = {
    {.line = {.name = "serve", .help = "play cards in the readers",
              .takes = TAKES(READER) | TAKES(CARD) | TAKES(CONTACTLESS) | TAKES(APPLET) | TAKES(TIMING) | TAKES(LOG) |
                       TAKES(LOG_LEVEL) | TAKES(PEER),
              .needs = TAKES(CONTROL) | TAKES(READER)},
     .run = serve},
    {.line = {.name = "insert", .arguments = "NAME IMAGE", .help = "put a card (an image folder) into the reader",
              .needs = TAKES(CONTROL)},
     .run = tell_image},
    {.line = {.name = "remove", .arguments = "NAME", .help = "take the card out, also in the middle of a command",
              .needs = TAKES(CONTROL)},
     .run = tell},
    {.line = {.name = "swap", .arguments = "NAME IMAGE", .help = "remove and insert without a pause",
              .needs = TAKES(CONTROL)},
     .run = tell_image},
    {.line = {.name = "fault", .arguments = "NAME FAULT",
              .help = "remove-before=N, remove-after=N, delay=MS, status=HHHH, truncate=N, flip=N, clear",
              .needs = TAKES(CONTROL)},
     .run = tell},
    {.line = {.name = "wait", .arguments = "NAME",
              .help = "return when the reader is linked and its card powered (10 s at most)", .needs = TAKES(CONTROL)},
     .run = wait_ready},
    {.line = {.name = "stats", .help = "what was exchanged, as JSON", .takes = TAKES(RESET), .needs = TAKES(CONTROL)},
     .run = stats},
    {.line = {.name = "stop", .help = "end softcard; cards keep their state", .needs = TAKES(CONTROL)}, .run = tell},
};
/* clang-format on */

static const command_line_program program = {.name = "softcard",
                                             .summary = "Plays emulated cards in emulated readers.",
                                             .options = option_table,
                                             .option_count = OPTION_ROWS,
                                             .common = TAKES(CONTROL),
                                             .commands = subcommands,
                                             .command_count = sizeof subcommands / sizeof *subcommands,
                                             .command_size = sizeof *subcommands};

static int fail(const char *what, const char *why) {
    fprintf(stderr, "softcard: %s: %s\n", what, why);
    return 1;
}

static char *name_of(const char *pair) {
    return strndup(pair, strcspn(pair, "="));
}

static const char *value_of(const char *pair) {
    return strchr(pair, '=') + 1;
}

static int add_readers(control *c, const options *o) {
    for (size_t i = 0; i < o->readers.count; i++) {
        char *name = name_of(o->readers.items[i]);
        result code = name == NULL ? RESULT_NO_MEMORY : control_find(c, name) != NULL ? RESULT_EXISTS : RESULT_OK;
        if (code == RESULT_OK)
            code = reader_new(name, value_of(o->readers.items[i]), (uid_t)o->peer, &c->readers[c->count]);
        free(name);
        if (code != RESULT_OK)
            return fail(o->readers.items[i],
                        code == RESULT_EXISTS ? "a reader of this name is there" : result_text(code));
        reader_set_timing(c->readers[c->count], o->timing);
        c->count++;
    }
    for (size_t i = 0; i < o->contactless.count; i++) {
        reader *r = control_find(c, o->contactless.items[i]);
        if (r == NULL)
            return fail(o->contactless.items[i], "no such reader: name it with --reader");
        reader_make_contactless(r);
    }
    return 0;
}

static int insert_card(control *c, const char *pair) {
    const char *problem = "no such reader: name it with --reader";
    char *name = name_of(pair), *image = realpath(value_of(pair), NULL);
    reader *r = name == NULL ? NULL : control_find(c, name);
    if (image == NULL)
        problem = "the image folder does not exist";
    bool good = r != NULL && image != NULL && control_insert(c, r, image, &problem) == RESULT_OK;
    free(name);
    free(image);
    return good ? 0 : fail(pair, problem);
}

static int load_applets(const options *o) {
    for (size_t i = 0; i < o->applets.count; i++) {
        const char *problem;
        if (applet_load(o->applets.items[i], &problem) != RESULT_OK)
            return fail(o->applets.items[i], problem);
    }
    return 0;
}

static int play(const options *o) {
    control c = {0};
    int status = load_applets(o);
    if (status == 0)
        status = add_readers(&c, o);
    for (size_t i = 0; status == 0 && i < o->cards.count; i++)
        status = insert_card(&c, o->cards.items[i]);
    if (status == 0) {
        result code = control_serve(&c, o->control);
        if (code != RESULT_OK)
            status = fail(o->control, code == RESULT_EXISTS ? "another softcard uses this control socket: stop it first"
                                                            : result_text(code));
    }
    for (size_t i = 0; i < c.count; i++)
        reader_free(&c.readers[i]);
    return status;
}

static int serve(const char *name, const options *o) {
    (void)name;
    FILE *stream = NULL;
    sigset_t set;
    if (o->log != NULL && (stream = fopen(o->log, "ae")) == NULL)
        return fail(o->log, "cannot be opened for writing");
    log_open("softcard", (log_level)o->log_level, stream);
    /* Before any thread is made: all inherit it, and the control loop takes the signals from a descriptor. */
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    int status = play(o);
    if (stream != NULL)
        fclose(stream);
    return status;
}

static result ask(const options *o, const char *name, const char *first, const char *second, buffer *answer) {
    const char *words[] = {name, first, second};
    return control_ask(o->control, words, second != NULL ? 3 : first != NULL ? 2 : 1, answer);
}

static int ask_and_show(const options *o, const char *name, const char *first, const char *second) {
    buffer answer = BUFFER_INIT(1 << 20);
    result code = ask(o, name, first, second, &answer);
    int status = code == RESULT_OK ? 0 : 1;
    if (code == RESULT_UNAVAILABLE)
        fail(o->control, "no softcard answers: start it with `softcard serve`");
    else if (code != RESULT_OK && code != RESULT_REFUSED)
        fail(o->control, result_text(code));
    else
        fputs(buffer_text(&answer), code == RESULT_OK ? stdout : stderr);
    buffer_wipe(&answer);
    return status;
}

static int tell(const char *name, const options *o) {
    return ask_and_show(o, name, o->word_count > 0 ? o->words[0] : NULL, o->word_count > 1 ? o->words[1] : NULL);
}

static int tell_image(const char *name, const options *o) {
    char *image = realpath(o->words[1], NULL); /* softcard may have another working folder */
    if (image == NULL)
        return fail(o->words[1], "the image folder does not exist");
    int status = ask_and_show(o, name, o->words[0], image);
    free(image);
    return status;
}

static int wait_ready(const char *name, const options *o) {
    int64_t deadline_ms = clock_monotonic_ms() + WAIT_MS;
    buffer answer = BUFFER_INIT(1 << 16);
    (void)name;
    while (ask(o, "ready", o->words[0], NULL, &answer) != RESULT_OK) {
        if (clock_monotonic_ms() >= deadline_ms) {
            buffer_wipe(&answer);
            return ask_and_show(o, "ready", o->words[0], NULL);
        }
        buffer_clear(&answer);
        nanosleep(&(struct timespec){0, WAIT_STEP_MS * 1000000}, NULL);
    }
    buffer_wipe(&answer);
    return 0;
}

static int stats(const char *name, const options *o) {
    return ask_and_show(o, name, o->reset ? "reset" : NULL, NULL);
}

ENVIRONMENT_CLEARED_AT_START;

int main(int argc, char **argv) {
    options o = {.log_level = LOG_NOTICE, .peer = -1};
    command_line line;
    int status;
    secret_forbid_core_dumps();
    if (!command_line_begin(&program, argc, argv, &o, &line, &status))
        return status;
    o.words = line.words;
    o.word_count = line.word_count;
    return ((const subcommand *)line.chosen)->run(line.chosen->name, &o);
}
