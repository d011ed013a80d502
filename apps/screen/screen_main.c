/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* uketsuke-screen: what happens at the desk, on a screen for the patient and one for staff. It has no key and no card:
 * it reads the desk's events, and hands commands of the staff's page on. The way of a request: lib/net/http_local.c
 * (which user, from where) -> screen.c (admitted or not) -> feed.c (events) or staff_commands.c -> desk_call.c => the
 * desk. */
#include "address_socket.h"
#include "phrases.h"
#include "screen.h"

#include "base/environment.h"
#include "base/file.h"
#include "base/log.h"
#include "base/ready_notice.h"
#include "base/secret.h"
#include "desk/desk_wire.h"
#include "service/program.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PORT 8790
#define SECTION "screen"

/* --- configuration ------------------------------------------------------------------------------------------------ */

/* User names separated by blanks; the program's own user is always permitted. */
static bool read_users(const char *names, screen_options *o) {
    char copy[512] = "";
    char *rest = copy;
    o->users[0] = geteuid();
    o->user_count = 1;
    snprintf(copy, sizeof copy, "%s", names != NULL ? names : "");
    for (char *name = strtok_r(copy, " ", &rest); name != NULL; name = strtok_r(NULL, " ", &rest)) {
        const struct passwd *found = getpwnam(name);
        if (found == NULL || o->user_count == SCREEN_USERS_MAX) {
            log_error("[" SECTION "] users: %s %s", name,
                      found == NULL ? "is no user of this machine" : "is one too many");
            return false;
        }
        o->users[o->user_count++] = found->pw_uid;
    }
    return true;
}

static result read_options(const configuration *c, screen_options *o) {
    bool complete = true;
    *o = (screen_options){
        .desk = configuration_need(c, SECTION, "desk", &complete),
        .folder = configuration_need(c, SECTION, "folder", &complete),
        .port = (uint16_t)configuration_number(c, SECTION, "port", PORT, 0, 65535, &complete),
        .pages = configuration_get(c, SECTION, "pages"),
        .phrases = configuration_get(c, SECTION, "phrases"),
    };
    if (o->pages == NULL)
        o->pages = PAGES_FOLDER;
    return read_users(configuration_get(c, SECTION, "users"), o) && complete && configuration_all_asked(c)
               ? RESULT_OK
               : RESULT_INVALID;
}

/* --- serving ------------------------------------------------------------------------------------------------------ */

static volatile sig_atomic_t ended;

static void note_end(int number) {
    (void)number;
    ended = 1;
}

static void block_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL); /* before any thread is made */
    sigaction(SIGINT, &(struct sigaction){.sa_handler = note_end}, NULL);
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = note_end}, NULL);
}

static void stand(const screen *s) {
    struct pollfd one = {.fd = screen_descriptor(s), .events = POLLIN};
    sigset_t none;
    sigemptyset(&none);
    printf("pages at 127.0.0.1:%u; addresses to open: uketsuke-screen address patient|staff\n", screen_port(s));
    fflush(stdout);
    ready_notice("READY=1");
    while (!ended)
        if (ppoll(&one, 1, NULL, &none) > 0)
            screen_answer_address(s);
}

static result serve(const program_arguments *a) {
    screen_options options;
    screen *s = NULL;
    secret_forbid_core_dumps();
    block_signals();
    result code = read_options(a->configuration, &options);
    if (code == RESULT_OK)
        code = screen_start(&options, &s);
    if (code == RESULT_OK)
        stand(s);
    screen_stop(&s);
    return code;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static result address(const program_arguments *a) {
    screen_options options;
    char found[SCREEN_ADDRESS_SIZE];
    result code = read_options(a->configuration, &options);
    if (code != RESULT_OK)
        return code;
    if (strcmp(a->first, "patient") != 0 && strcmp(a->first, "staff") != 0) {
        log_error("%s: there are the views patient and staff", a->first);
        return RESULT_INVALID;
    }
    char *path = file_join(options.folder, ADDRESS_SOCKET_NAME);
    code = path != NULL ? address_socket_ask(path, a->first, found) : RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        puts(found);
    else if (code == RESULT_DENIED)
        log_error("this user may not open pages: an administrator adds it to [" SECTION "] users");
    else
        log_error("%s: no answer there. Start it: systemctl start uketsuke-screen", path != NULL ? path : "-");
    free(path);
    return code;
}

/* For supervision: whether the pages' server and the desk are there for this user. */
static result check(const program_arguments *a) {
    screen_options options;
    char found[SCREEN_ADDRESS_SIZE];
    int fd = -1;
    const result code = read_options(a->configuration, &options);
    if (code != RESULT_OK)
        return code;
    char *path = file_join(options.folder, ADDRESS_SOCKET_NAME);
    const bool pages = path != NULL && address_socket_ask(path, "patient", found) == RESULT_OK;
    const bool desk = desk_wire_connect(options.desk, &fd) == RESULT_OK;
    if (fd >= 0)
        close(fd);
    free(path);
    if (a->json)
        printf("{\"desk\":%s,\"pages\":%s}\n", desk ? "true" : "false", pages ? "true" : "false");
    else
        printf("pages: %s\ndesk: %s\n", pages ? "answer" : "do not answer", desk ? "answers" : "does not answer");
    return desk && pages ? RESULT_OK : RESULT_UNAVAILABLE;
}

/* --- recordings ----------------------------------------------------------------------------------------------------- */

static const char *state_of_recording(const char *folder, const char *name) {
    buffer recording = BUFFER_INIT(PHRASE_BYTES_MAX);
    const result code = phrase_read(folder, name, &recording);
    buffer_wipe(&recording);
    return code == RESULT_OK ? "recorded" : code == RESULT_NOT_FOUND ? "missing" : "unusable";
}

/* For uketsuke-phrases, and to see what is still to be recorded: name, state, text; tabs between them. */
static result phrases(const program_arguments *a) {
    screen_options options;
    json_t *list = json_array();
    const result code = read_options(a->configuration, &options);
    for (size_t i = 0; code == RESULT_OK && i < PHRASE_RECORDINGS; i++) {
        char name[PHRASE_NAME_SIZE];
        phrase_name(i, name);
        const char *state = state_of_recording(options.phrases, name), *text = phrase_text(i);
        if (a->json)
            json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "name", name, "state", state, "text", text));
        else
            printf("%s\t%s\t%s\n", name, state, text);
    }
    if (code == RESULT_OK && a->json && json_dumpf(list, stdout, JSON_COMPACT) == 0)
        puts("");
    json_decref(list);
    return code;
}

#define ROW(name_, words_, options_, help_, run_)                                                                      \
    {.line = {.name = (name_),                                                                                         \
              .arguments = (words_),                                                                                   \
              .help = (help_),                                                                                         \
              .takes = PROGRAM_TAKES(CONFIG) | (options_),                                                             \
              .needs = PROGRAM_TAKES(CONFIG)},                                                                         \
     .run = (run_)}

static const program_command commands[] = {
    ROW("serve", NULL, 0, "serve the pages until SIGINT or SIGTERM", serve),
    ROW("address", "VIEW", 0, "print an address that opens the view patient or staff once, for this user", address),
    ROW("phrases", NULL, PROGRAM_TAKES(JSON), "list what the patient is told, and what of it is recorded", phrases),
    ROW("check", NULL, PROGRAM_TAKES(JSON), "say whether the pages and the desk answer", check),
};

ENVIRONMENT_CLEARED_AT_START;

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    static const program screen_program = {.name = "uketsuke-screen",
                                           .summary = "The reception desk on a screen, for patients and for staff.",
                                           .commands = commands,
                                           .command_count = sizeof commands / sizeof commands[0]};
    return program_run(&screen_program, argc, argv);
}
