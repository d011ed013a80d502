/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* uketsuke-p11-connect: the local socket through which programs of a terminal reach a relay's Secure Element. */
#include "local_program.h"

#include "base/environment.h"
#include "base/log.h"
#include "base/ready_notice.h"
#include "net/http_listen.h"
#include "net/http_profile.h"
#include "service/program.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWER_S 20
#define CHECK_MS 4000
#define STACK_BYTES ((size_t)256 * 1024)
#define FIRST_DESCRIPTOR 3 /* sd_listen_fds(3) */
#define MODE 0600

typedef struct connector {
    relay_list relays;
    local_rules rules;
    const char *socket;
    bool for_group;
} connector;

static result open_connector(const configuration *c, connector *out) {
    bool complete = true;
    *out = (connector){.socket = configuration_need(c, "connector", "socket", &complete)};
    const char *group = configuration_get(c, "connector", "group-access");
    out->for_group = group != NULL && strcmp(group, "yes") == 0;
    out->rules = (local_rules){
        .answer_ms = 1000 * (int)configuration_number(c, "connector", "answer-seconds", ANSWER_S, 1, 600, &complete)};
    const result code = relay_list_read(c, &out->relays);
    if (code != RESULT_OK || !complete || !configuration_all_asked(c)) {
        relay_list_free(&out->relays);
        return code != RESULT_OK ? code : RESULT_INVALID;
    }
    return RESULT_OK;
}

/* --- serving ------------------------------------------------------------------------------------------------------ */

typedef struct visitor {
    const connector *connector;
    int fd;
} visitor;

static void *run_visitor(void *context) {
    visitor *v = context;
    local_program_run(&v->connector->rules, v->fd);
    free(v);
    return NULL;
}

static void receive(const connector *c, int fd) {
    pthread_attr_t attributes;
    pthread_t thread;
    visitor *v = malloc(sizeof *v);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (v != NULL)
        *v = (visitor){c, fd};
    if (v == NULL || pthread_create(&thread, &attributes, run_visitor, v) != 0) {
        close(fd);
        free(v);
    }
    pthread_attr_destroy(&attributes);
}

/* systemd's socket, when it has made one (sd_listen_fds(3)); else our own. */
static result find_socket(const connector *c, int *listener) {
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    if (pid != NULL && count != NULL && strtol(pid, NULL, 10) == getpid() && strcmp(count, "1") == 0) {
        *listener = FIRST_DESCRIPTOR;
        return RESULT_OK;
    }
    const result code = http_listen_unix(c->socket, listener);
    if (code == RESULT_OK && c->for_group && chmod(c->socket, MODE | 0060) != 0)
        return RESULT_IO;
    return code;
}

static volatile sig_atomic_t ended;

static void note_end(int number) {
    (void)number;
    ended = 1;
}

static void accept_all(const connector *c, int listener) {
    struct pollfd one = {.fd = listener, .events = POLLIN};
    sigset_t none;
    sigemptyset(&none);
    while (!ended) {
        if (ppoll(&one, 1, NULL, &none) <= 0)
            continue;
        const int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            receive(c, fd);
        else if (errno == EMFILE || errno == ENFILE)
            poll(NULL, 0, 100);
    }
}

static void await_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    sigaction(SIGINT, &(struct sigaction){.sa_handler = note_end}, NULL);
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = note_end}, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static result serve(const program_arguments *a) {
    connector c;
    int listener = -1;
    http_profile_keep_secrets();
    await_signals();
    result code = open_connector(a->configuration, &c);
    if (code != RESULT_OK)
        return code;
    c.rules.relays = &c.relays;
    code = find_socket(&c, &listener);
    if (code != RESULT_OK) {
        relay_list_free(&c.relays);
        return code;
    }
    printf("listening on %s\n", c.socket);
    fflush(stdout);
    ready_notice("READY=1");
    accept_all(&c, listener);
    if (listener != FIRST_DESCRIPTOR)
        unlink(c.socket);
    _exit(EXIT_SUCCESS); /* connections may still use what would be freed */
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

/* reached: RESULT_OK, or why not; NULL: not tried. */
static void print_place(const relay_place *place, const result *reached, json_t *json) {
    const bool answers = reached != NULL && *reached == RESULT_OK;
    const char *word = reached == NULL ? "" : answers ? "answers" : result_text(*reached);
    if (json == NULL)
        printf("%s:%s%s%s\n", place->host, place->port, *word ? "  " : "", word);
    else
        json_array_append_new(json, json_pack("{s:s,s:s,s:o*}", "host", place->host, "port", place->port, "answers",
                                              reached != NULL ? json_boolean(answers) : NULL));
}

static void print_end(json_t *json) {
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (text != NULL)
        puts(text);
    free(text);
    json_decref(json);
}

static result check(const program_arguments *a) {
    connector c;
    bool one_answers = false;
    result code = open_connector(a->configuration, &c);
    if (code != RESULT_OK)
        return code;
    json_t *json = a->json ? json_array() : NULL;
    for (size_t i = 0; i < c.relays.count; i++) {
        const relay_place *place = &c.relays.places[i];
        rpc_end end;
        const result reached = rpc_tls_connect(&c.relays.tls, place->host, place->port, CHECK_MS, &end);
        print_place(place, &reached, json);
        one_answers |= reached == RESULT_OK;
        if (reached == RESULT_OK)
            rpc_close(&end);
    }
    print_end(json);
    relay_list_free(&c.relays);
    return one_answers ? RESULT_OK : RESULT_UNAVAILABLE;
}

static result list(const program_arguments *a) {
    connector c;
    const result code = open_connector(a->configuration, &c);
    if (code != RESULT_OK)
        return code;
    json_t *json = a->json ? json_array() : NULL;
    for (size_t i = 0; i < c.relays.count; i++)
        print_place(&c.relays.places[i], NULL, json);
    print_end(json);
    relay_list_free(&c.relays);
    return RESULT_OK;
}

#define ROW(name_, help_, options, run_)                                                                               \
    {.line = {.name = (name_),                                                                                         \
              .help = (help_),                                                                                         \
              .takes = PROGRAM_TAKES(CONFIG) | (options),                                                              \
              .needs = PROGRAM_TAKES(CONFIG)},                                                                         \
     .run = (run_)}

static const program_command commands[] = {
    {.line = {.name = "serve",
              .help = "serve the local socket until SIGINT or SIGTERM",
              .takes = PROGRAM_TAKES(CONFIG),
              .needs = PROGRAM_TAKES(CONFIG)},
     .run = serve,
     .stays = true},
    ROW("check", "try each relay, and say which of them answer", PROGRAM_TAKES(JSON), check),
    ROW("relays", "list the relays of the configuration", PROGRAM_TAKES(JSON), list),
};

ENVIRONMENT_CLEARED_AT_START;

int main(int argc, char **argv) {
    static const program connect_program = {.name = "uketsuke-p11-connect",
                                            .summary = "A relay's Secure Element for the programs of this machine.",
                                            .commands = commands,
                                            .command_count = sizeof commands / sizeof commands[0]};
    return program_run(&connect_program, argc, argv);
}
