/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* softcard: emulated cards in emulated readers. `softcard serve` plays; the other commands speak to it. */
#include "applet_loader.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/log.h"
#include "base/secret.h"
#include "softcard_control.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAIRS_MAX CONTROL_READERS_MAX
#define WAIT_MS 10000
#define WAIT_STEP_MS 10

typedef struct options {
    const char *control;
    const char *readers[PAIRS_MAX], *cards[PAIRS_MAX], *contactless[PAIRS_MAX];
    const char *applets[PAIRS_MAX];
    size_t reader_count, card_count, contactless_count, applet_count;
    const card_timing *timing;
    const char *log;
    int log_level;
    long peer;
    bool reset;
    char **words; /* what follows the options */
    int word_count;
} options;

static int serve(const char *name, const options *o);
static int tell(const char *name, const options *o);
static int tell_image(const char *name, const options *o);
static int wait_ready(const char *name, const options *o);
static int stats(const char *name, const options *o);

static const struct subcommand {
    const char *name;
    int words;
    int (*run)(const char *name, const options *o);
    const char *arguments, *help;
} subcommands[] = {
    {"serve", 0, serve,
     "--reader NAME=SOCKET [--reader ...] [--card NAME=IMAGE ...] [--log FILE] [--log-level LEVEL] [--peer UID] "
     "[--contactless NAME ...] [--applet FILE ...] [--timing contact|contactless|none]",
     "play cards in the readers; SOCKET as in the reader's DEVICENAME behind \"cardlink:\"; "
     "--contactless: the reader has no contacts; --applet: an application from a file of its own; "
     "--timing: as slow as a card may be"},
    {"insert", 2, tell_image, "NAME IMAGE", "put a card (an image folder) into the reader"},
    {"remove", 1, tell, "NAME", "take the card out, also in the middle of a command"},
    {"swap", 2, tell_image, "NAME IMAGE", "remove and insert without a pause"},
    {"fault", 2, tell, "NAME FAULT", "remove-before=N, delay=MS, status=HHHH, truncate=N, flip=N, clear"},
    {"wait", 1, wait_ready, "NAME", "return when the reader is linked and its card powered (10 s at most)"},
    {"stats", 0, stats, "[--reset]", "what was exchanged, as JSON"},
    {"stop", 0, tell, "", "end softcard; cards keep their state"},
};
#define SUBCOMMANDS (sizeof subcommands / sizeof *subcommands)

static int usage(FILE *to, int status) {
    fputs("usage: softcard COMMAND --control SOCKET [ARGUMENTS]\n\n", to);
    for (size_t i = 0; i < SUBCOMMANDS; i++)
        fprintf(to, "  %s %s\n      %s\n", subcommands[i].name, subcommands[i].arguments, subcommands[i].help);
    return status;
}

static int fail(const char *what, const char *why) {
    fprintf(stderr, "softcard: %s: %s\n", what, why);
    return 1;
}

/* clang-format off */
static const struct option long_options[] = {
    {"control", required_argument, NULL, 'c'},   {"reader", required_argument, NULL, 'r'},
    {"card", required_argument, NULL, 'i'},      {"log", required_argument, NULL, 'l'},
    {"log-level", required_argument, NULL, 'v'}, {"peer", required_argument, NULL, 'p'},
    {"reset", no_argument, NULL, 'z'},           {"contactless", required_argument, NULL, 'n'},
    {"applet", required_argument, NULL, 'a'},    {"timing", required_argument, NULL, 't'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};
/* clang-format on */

static bool take_option(int option, options *o) {
    char *end;
    if (option == 'c')
        o->control = optarg;
    else if (option == 'r' && o->reader_count < PAIRS_MAX && strchr(optarg, '=') != NULL)
        o->readers[o->reader_count++] = optarg;
    else if (option == 'i' && o->card_count < PAIRS_MAX && strchr(optarg, '=') != NULL)
        o->cards[o->card_count++] = optarg;
    else if (option == 'n' && o->contactless_count < PAIRS_MAX)
        o->contactless[o->contactless_count++] = optarg;
    else if (option == 'a' && o->applet_count < PAIRS_MAX)
        o->applets[o->applet_count++] = optarg;
    else if (option == 't')
        return (o->timing = card_timing_find(optarg)) != NULL;
    else if (option == 'l')
        o->log = optarg;
    else if (option == 'v')
        return (o->log_level = log_level_of(optarg)) >= 0;
    else if (option == 'p')
        return (o->peer = strtol(optarg, &end, 10)) >= 0 && *end == 0;
    else if (option == 'z')
        o->reset = true;
    else
        return false;
    return true;
}

static char *name_of(const char *pair) {
    return strndup(pair, strcspn(pair, "="));
}

static const char *value_of(const char *pair) {
    return strchr(pair, '=') + 1;
}

static int add_readers(control *c, const options *o) {
    for (size_t i = 0; i < o->reader_count; i++) {
        char *name = name_of(o->readers[i]);
        result code = name == NULL ? RESULT_NO_MEMORY : control_find(c, name) != NULL ? RESULT_EXISTS : RESULT_OK;
        if (code == RESULT_OK)
            code = reader_new(name, value_of(o->readers[i]), (uid_t)o->peer, &c->readers[c->count]);
        free(name);
        if (code != RESULT_OK)
            return fail(o->readers[i], code == RESULT_EXISTS ? "a reader of this name is there" : result_text(code));
        reader_set_timing(c->readers[c->count], o->timing);
        c->count++;
    }
    for (size_t i = 0; i < o->contactless_count; i++) {
        reader *r = control_find(c, o->contactless[i]);
        if (r == NULL)
            return fail(o->contactless[i], "no such reader: name it with --reader");
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
    for (size_t i = 0; i < o->applet_count; i++) {
        const char *problem;
        if (applet_load(o->applets[i], &problem) != RESULT_OK)
            return fail(o->applets[i], problem);
    }
    return 0;
}

static int play(const options *o) {
    control c = {0};
    int status = load_applets(o);
    if (status == 0)
        status = add_readers(&c, o);
    for (size_t i = 0; status == 0 && i < o->card_count; i++)
        status = insert_card(&c, o->cards[i]);
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
    FILE *stream = NULL;
    sigset_t set;
    if (o->reader_count == 0)
        return fail(name, "no --reader NAME=SOCKET given");
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
    secret_forbid_core_dumps();
    if (argc < 2)
        return usage(stderr, 2);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
        return usage(stdout, 0);
    for (int option; (option = getopt_long(argc - 1, argv + 1, "", long_options, NULL)) != -1;) {
        if (option == 'h')
            return usage(stdout, 0);
        if (!take_option(option, &o))
            return usage(stderr, 2);
    }
    o.words = argv + 1 + optind;
    o.word_count = argc - 1 - optind;
    for (size_t i = 0; i < SUBCOMMANDS; i++) {
        if (strcmp(subcommands[i].name, argv[1]) != 0)
            continue;
        if (o.control == NULL)
            return fail(argv[1], "--control SOCKET is missing");
        return o.word_count == subcommands[i].words ? subcommands[i].run(argv[1], &o) : usage(stderr, 2);
    }
    return usage(stderr, 2);
}
