/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* uketsuke-history: the history service as a program. */
#include "history.h"
#include "page.h"

#include "base/clock.h"
#include "base/environment.h"
#include "base/log.h"
#include "fhir/json.h"
#include "service/daemon.h"
#include "service/program.h"
#include "service/terminal_commands.h"

#include <stdio.h>

#define LISTED_MAX 200

static const http_page_path pages[] = {{"/", HTTP_PAGE_HTML, "state", page_write}, {NULL, NULL, NULL, NULL}};

static result serve(const program_arguments *a) {
    history h;
    http_page *page = NULL;
    upkeep *tending = NULL;
    const char *where = configuration_get(a->configuration, "history", "status-page");
    result outcome = history_open(a->configuration, &h); /* until it is open a signal simply ends the process */
    daemon_block_signals();
    if (outcome == RESULT_OK && where)
        outcome = http_page_start(where, pages, h.store, &page);
    if (outcome == RESULT_OK)
        outcome = upkeep_start(history_upkeep, history_look, &h, &tending);
    if (outcome == RESULT_OK)
        outcome = daemon_serve(a->configuration, history_routes, h.admission, &h);
    upkeep_stop(&tending);
    http_page_stop(&page);
    history_close(&h);
    return outcome;
}

static json_t *submission_json(const history_submission *s) {
    char received[CLOCK_TEXT_SIZE], changed[CLOCK_TEXT_SIZE];
    clock_text(s->received_at, received);
    clock_text(s->changed_at, changed);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "submission", s->id, "visitId", s->visit_id,
                     "linkId", s->link_id, "institutionCode", s->institution_code, "terminalId", s->terminal_id,
                     "operatorId", s->operator_id, "state", s->state, "reason", s->reason, "receivedAt", received,
                     "changedAt", changed);
}

static result print_json(const history_counts *c, const history_submission *list, size_t count) {
    buffer text = BUFFER_INIT(4 * 1024 * 1024);
    json_t *submissions = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(submissions, submission_json(&list[i]));
    json_t *root = json_pack("{s:I, s:{s:I, s:I, s:I, s:I, s:I}, s:o}", "visits", (json_int_t)c->visits, "counts",
                             "received", (json_int_t)c->received, "verified", (json_int_t)c->verified, "registered",
                             (json_int_t)c->registered, "duplicate", (json_int_t)c->duplicate, "rejected",
                             (json_int_t)c->rejected, "submissions", submissions);
    result outcome = fhir_dump_and_free(root, &text);
    if (outcome == RESULT_OK)
        puts(buffer_text(&text));
    buffer_wipe(&text);
    return outcome;
}

static result print_text(const history_counts *c, const history_submission *list, size_t count) {
    printf("visits %lld; submissions received %lld, verified %lld, registered %lld, duplicate %lld, rejected %lld\n",
           (long long)c->visits, (long long)c->received, (long long)c->verified, (long long)c->registered,
           (long long)c->duplicate, (long long)c->rejected);
    for (size_t i = 0; i < count; i++) {
        char received[CLOCK_TEXT_SIZE];
        clock_text(list[i].received_at, received);
        printf("%s  %-10s  visit %s  link %s  institution %s  doctor %s%s%s\n", received, list[i].state,
               list[i].visit_id[0] ? list[i].visit_id : "-", list[i].link_id[0] ? list[i].link_id : "-",
               list[i].institution_code, list[i].operator_id[0] ? list[i].operator_id : "-",
               list[i].reason[0] ? ": " : "", list[i].reason);
    }
    return RESULT_OK;
}

static result status(const program_arguments *a) {
    static history_submission list[LISTED_MAX];
    history_store *store = NULL;
    history_counts counts;
    bool complete = true;
    size_t count = 0;
    const char *path = configuration_need(a->configuration, "history", "store", &complete);
    result outcome = complete ? history_store_open(path, &store) : RESULT_INVALID;
    if (outcome != RESULT_OK)
        return outcome;
    outcome = history_store_count(store, &counts);
    if (outcome == RESULT_OK)
        outcome = history_store_list(store, program_option(a, PROGRAM_STATE, ""), list, LISTED_MAX, &count);
    history_store_close(&store);
    if (outcome != RESULT_OK)
        return outcome;
    return a->json ? print_json(&counts, list, count) : print_text(&counts, list, count);
}

/* Opening makes the tables, or brings them to this version: by a role that may, where the one that serves may not. */
static result migrate(const program_arguments *a) {
    bool complete = true;
    history_store *store = NULL;
    const char *own = configuration_get(a->configuration, "history", "owner-store");
    const char *url = own ? own : configuration_need(a->configuration, "history", "store", &complete);
    result outcome = complete ? history_store_open(url, &store) : RESULT_INVALID;
    if (outcome == RESULT_OK) {
        puts("the history service's tables are those of this version");
        history_store_close(&store);
    }
    return outcome;
}

static result list_terminals(const program_arguments *a) {
    history_store *store = NULL;
    bool complete = true;
    const char *path = configuration_need(a->configuration, "history", "store", &complete);
    result outcome = complete ? history_store_open(path, &store) : RESULT_INVALID;
    if (outcome == RESULT_OK) {
        outcome = terminal_commands_list(a, history_store_terminals(store));
        history_store_close(&store);
    }
    return outcome;
}

static result change_terminal(const program_arguments *a) {
    history h;
    result outcome = history_open(a->configuration, &h);
    if (outcome == RESULT_OK)
        outcome = a->command->change(a, &h.registrar);
    history_close(&h);
    return outcome;
}

/* clang-format off */
static const program_command commands[] = {
    {.line = {.name = "serve", .help = "register visit records until SIGINT or SIGTERM",
              .takes = PROGRAM_TAKES(CONFIG), .needs = PROGRAM_TAKES(CONFIG)},
     .run = serve, .stays = true},
    {.line = {.name = "status", .help = "show what arrived and what became of it",
              .takes = PROGRAM_TAKES(CONFIG) | PROGRAM_TAKES(JSON) | PROGRAM_TAKES(STATE),
              .needs = PROGRAM_TAKES(CONFIG)},
     .run = status},
    {.line = {.name = "migrate", .help = "make the store's tables, or bring them to this version",
              .takes = PROGRAM_TAKES(CONFIG), .needs = PROGRAM_TAKES(CONFIG)},
     .run = migrate},
    TERMINAL_COMMANDS(list_terminals, change_terminal),
};
/* clang-format on */

ENVIRONMENT_CLEARED_AT_START;

int main(int argc, char **argv) {
    static const program service = {.name = "uketsuke-history",
                                    .summary = "The visit history service (demonstration).",
                                    .commands = commands,
                                    .command_count = sizeof commands / sizeof commands[0]};
    return program_run(&service, argc, argv);
}
