/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* uketsuke-pf: the eligibility platform as a program. */
#include "generator.h"
#include "old_answers.h"
#include "pf_people.h"
#include "platform.h"
#include "platform_page.h"
#include "progress.h"

#include "base/clock.h"
#include "base/environment.h"
#include "base/log.h"
#include "fhir/json.h"
#include "service/daemon.h"
#include "service/program.h"
#include "service/terminal_commands.h"

#include <stdio.h>
#include <stdlib.h>

#define LISTED_MAX 50
#define LINE_LENGTH_MAX 65536
#define MOCK_ISSUER                                                                                                    \
    "OU=Uketsuke mock CA,OU=JPKI for user authentication,O=JPKI-MOCK,C=JP" /* of mock-ca's patient cards */

static result open_store(const program_arguments *a, platform_store **out) {
    return platform_open_store(a->configuration, out);
}

/* Opening makes the tables, or brings them to this version: by a role that may, where the one that serves may not. */
static result migrate(const program_arguments *a) {
    bool complete = true;
    platform_store *store = NULL;
    const char *own = configuration_get(a->configuration, "platform", "owner-store");
    const char *url = own ? own : configuration_need(a->configuration, "platform", "store", &complete);
    result outcome = complete ? platform_store_open(url, &store) : RESULT_INVALID;
    if (outcome == RESULT_OK) {
        puts("the platform's tables are those of this version");
        platform_store_close(&store);
    }
    return outcome;
}

static result serve(const program_arguments *a) {
    platform p;
    http_page *page = NULL;
    upkeep *tending = NULL;
    const char *where = configuration_get(a->configuration, "platform", "status-page");
    result outcome = platform_open(a->configuration, &p); /* until it is open a signal simply ends the process */
    daemon_block_signals();
    if (outcome == RESULT_OK && where != NULL)
        outcome = http_page_start(where, platform_pages, p.store, &page);
    if (outcome == RESULT_OK)
        outcome = upkeep_start(platform_upkeep, platform_look, &p, &tending);
    if (outcome == RESULT_OK)
        outcome = old_answers_mark(&p);
    if (outcome == RESULT_OK)
        outcome = daemon_serve(a->configuration, platform_routes, p.admission, &p);
    upkeep_stop(&tending);
    http_page_stop(&page);
    platform_close(&p);
    return outcome;
}

static result load(const program_arguments *a) {
    platform_store *store = NULL;
    size_t count = 0;
    result outcome = open_store(a, &store);
    if (outcome != RESULT_OK)
        return outcome;
    outcome = people_load(store, a->first, &count);
    platform_store_close(&store);
    if (outcome == RESULT_OK)
        printf("%zu people loaded\n", count);
    return outcome;
}

static result generate(const program_arguments *a) {
    bool good = true;
    char today[CLOCK_DATE_SIZE];
    clock_date_in_japan(clock_wall_s(), today);
    long people = program_number(a, PROGRAM_PEOPLE, 1000, 1, 100000000, &good);
    generator g = {.seed = (uint64_t)program_number(a, PROGRAM_SEED, 1, 0, 1000000000, &good),
                   .day = program_option(a, PROGRAM_DATE, today),
                   .issuer = program_option(a, PROGRAM_ISSUER, MOCK_ISSUER)};
    if (clock_check_date(g.day) != RESULT_OK) {
        log_error("--date %s: expected a day as YYYY-MM-DD", g.day);
        good = false;
    }
    platform_person *person = calloc(1, sizeof *person);
    buffer line = BUFFER_INIT(LINE_LENGTH_MAX);
    result outcome = !good ? RESULT_INVALID : person ? RESULT_OK : RESULT_NO_MEMORY;
    progress told = {0};
    for (long i = 0; outcome == RESULT_OK && i < people; i++) {
        if (progress_is_due(&told, clock_monotonic_ms()))
            log_notice("%ld of %ld people", i, people);
        buffer_clear(&line);
        generator_next(&g, person);
        outcome = people_write(person, &line);
        if (outcome == RESULT_OK && puts(buffer_text(&line)) < 0)
            outcome = RESULT_IO;
    }
    buffer_wipe(&line);
    free(person);
    return outcome == RESULT_OK && fflush(stdout) != 0 ? RESULT_IO : outcome;
}

static void print_counts(const platform_counts *c) {
    printf("people %lld, coverages %lld\nanswers online %lld, offline %lld; refused %lld\n", (long long)c->people,
           (long long)c->coverages, (long long)c->answers_online, (long long)c->answers_offline,
           (long long)c->refusals);
}

static result print_json(const platform_counts *c, const platform_answer *answers, size_t count) {
    buffer text = BUFFER_INIT(1024 * 1024);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        char time[CLOCK_TEXT_SIZE];
        clock_text(answers[i].at, time);
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "evidenceId", answers[i].evidence_id,
                                              "institutionCode", answers[i].institution_code, "terminalId",
                                              answers[i].terminal_id, "mode", answers[i].mode, "validity",
                                              answers[i].validity, "answeredAt", time));
    }
    json_t *root = json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "people", (json_int_t)c->people, "coverages",
                             (json_int_t)c->coverages, "answersOnline", (json_int_t)c->answers_online, "answersOffline",
                             (json_int_t)c->answers_offline, "refusals", (json_int_t)c->refusals, "answers", list);
    result outcome = fhir_dump_and_free(root, &text);
    if (outcome == RESULT_OK)
        puts(buffer_text(&text));
    buffer_wipe(&text);
    return outcome;
}

static result status(const program_arguments *a) {
    platform_store *store = NULL;
    platform_counts counts;
    static platform_answer answers[LISTED_MAX];
    size_t count = 0;
    result outcome = open_store(a, &store);
    if (outcome != RESULT_OK)
        return outcome;
    outcome = platform_store_count(store, &counts);
    if (outcome == RESULT_OK)
        outcome = platform_store_list_answers(store, answers, LISTED_MAX, &count);
    platform_store_close(&store);
    if (outcome != RESULT_OK)
        return outcome;
    if (a->json)
        return print_json(&counts, answers, count);
    print_counts(&counts);
    for (size_t i = 0; i < count; i++) {
        char time[CLOCK_TEXT_SIZE];
        clock_text(answers[i].at, time);
        printf("%s  %s  %-7s  institution %s  terminal %s  validity %s\n", time, answers[i].evidence_id,
               answers[i].mode, answers[i].institution_code, answers[i].terminal_id, answers[i].validity);
    }
    return RESULT_OK;
}

static result list_terminals(const program_arguments *a) {
    platform_store *store = NULL;
    result outcome = open_store(a, &store);
    if (outcome == RESULT_OK) {
        outcome = terminal_commands_list(a, platform_store_terminals(store));
        platform_store_close(&store);
    }
    return outcome;
}

static result change_terminal(const program_arguments *a) {
    platform p;
    result outcome = platform_open(a->configuration, &p);
    if (outcome == RESULT_OK)
        outcome = a->command->change(a, &p.registrar);
    platform_close(&p);
    return outcome;
}

static result forget_link_key(const program_arguments *a) {
    platform_store *store = NULL;
    result outcome = open_store(a, &store);
    if (outcome == RESULT_OK) {
        outcome = link_key_forget(store);
        platform_store_close(&store);
    }
    if (outcome == RESULT_OK)
        puts("the store takes the next link-key that comes; ids of people given before stay in answers already sent");
    return outcome;
}

/* clang-format off */
static const program_command commands[] = {
    {.line = {.name = "serve", .help = "answer terminals until SIGINT or SIGTERM", .takes = PROGRAM_TAKES(CONFIG),
              .needs = PROGRAM_TAKES(CONFIG)},
     .run = serve, .stays = true},
    {.line = {.name = "load", .arguments = "PERSONS", .help = "replace the data set; PERSONS: .json, .jsonl or - (lines)",
              .takes = PROGRAM_TAKES(CONFIG), .needs = PROGRAM_TAKES(CONFIG)},
     .run = load},
    {.line = {.name = "migrate", .help = "make the store's tables, or bring them to this version",
              .takes = PROGRAM_TAKES(CONFIG), .needs = PROGRAM_TAKES(CONFIG)},
     .run = migrate},
    {.line = {.name = "generate", .help = "print synthetic people as JSON Lines",
              .takes = PROGRAM_TAKES(PEOPLE) | PROGRAM_TAKES(SEED) | PROGRAM_TAKES(DATE) | PROGRAM_TAKES(ISSUER)},
     .run = generate},
    {.line = {.name = "status", .help = "show counts and the newest answers",
              .takes = PROGRAM_TAKES(CONFIG) | PROGRAM_TAKES(JSON), .needs = PROGRAM_TAKES(CONFIG)},
     .run = status},
    TERMINAL_COMMANDS(list_terminals, change_terminal),
    {.line = {.name = "forget-link-key", .help = "after its loss: let a new key of link ids be made",
              .takes = PROGRAM_TAKES(CONFIG), .needs = PROGRAM_TAKES(CONFIG)},
     .run = forget_link_key},
};
/* clang-format on */

ENVIRONMENT_CLEARED_AT_START;

int main(int argc, char **argv) {
    static const program service = {.name = "uketsuke-pf",
                                    .summary = "The eligibility platform (demonstration).",
                                    .commands = commands,
                                    .command_count = sizeof commands / sizeof commands[0]};
    return program_run(&service, argc, argv);
}
