/* uketsuke-pf: the eligibility platform as a program. */
#include "people.h"
#include "platform.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "service/daemon.h"
#include "service/outcome.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTED_MOST 50

typedef struct arguments {
    configuration *configuration;
    const char *file; /* what follows the command's name */
    bool json;
} arguments;

static result open_store(const arguments *a, platform_store **out) {
    bool complete = true;
    const char *path = configuration_need(a->configuration, "platform", "store", &complete);
    return complete ? platform_store_open_sqlite(path, out) : RESULT_INVALID;
}

static result serve(const arguments *a) {
    platform p;
    daemon_block_signals();
    result outcome = platform_open(a->configuration, &p);
    if (outcome == RESULT_OK)
        outcome = daemon_serve(a->configuration, platform_routes, &p);
    platform_close(&p);
    return outcome;
}

static result load(const arguments *a) {
    platform_store *store = NULL;
    size_t count = 0;
    if (!a->file) {
        log_error("load: which file? Give the path of a persons.json.");
        return RESULT_INVALID;
    }
    result outcome = open_store(a, &store);
    if (outcome != RESULT_OK)
        return outcome;
    outcome = people_load(store, a->file, &count);
    store->close(&store);
    if (outcome == RESULT_OK)
        printf("%zu people loaded\n", count);
    return outcome;
}

static void print_counts(const platform_counts *c) {
    printf("people %lld, coverages %lld\nanswers online %lld, offline %lld; refused %lld; open sessions %lld\n",
           (long long)c->people, (long long)c->coverages, (long long)c->answers_online, (long long)c->answers_offline,
           (long long)c->refusals, (long long)c->sessions_open);
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
    json_t *root = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "people", (json_int_t)c->people, "coverages",
                             (json_int_t)c->coverages, "answersOnline", (json_int_t)c->answers_online, "answersOffline",
                             (json_int_t)c->answers_offline, "refusals", (json_int_t)c->refusals, "openSessions",
                             (json_int_t)c->sessions_open, "answers", list);
    result outcome = root ? json_append(&text, root) : RESULT_NO_MEMORY;
    if (outcome == RESULT_OK)
        puts(buffer_text(&text));
    json_decref(root);
    buffer_wipe(&text);
    return outcome;
}

static result status(const arguments *a) {
    platform_store *store = NULL;
    platform_counts counts;
    static platform_answer answers[LISTED_MOST];
    size_t count = 0;
    result outcome = open_store(a, &store);
    if (outcome != RESULT_OK)
        return outcome;
    outcome = store->count(store, clock_wall_s(), &counts);
    if (outcome == RESULT_OK)
        outcome = store->list_answers(store, answers, LISTED_MOST, &count);
    store->close(&store);
    if (outcome != RESULT_OK)
        return outcome;
    if (a->json)
        return print_json(&counts, answers, count);
    print_counts(&counts);
    for (size_t i = 0; i < count; i++) {
        char time[CLOCK_TEXT_SIZE];
        clock_text(answers[i].at, time);
        printf("%s  %s  %-7s  institution %s  terminal %s  validity %s\n", time, answers[i].evidence_id,
               answers[i].mode,
               answers[i].institution_code, answers[i].terminal_id, answers[i].validity);
    }
    return RESULT_OK;
}

static const struct {
    const char *name, *usage, *help;
    result (*run)(const arguments *a);
} commands[] = {
    {"serve", "serve --config FILE", "answer terminals until SIGINT or SIGTERM", serve},
    {"load", "load --config FILE PERSONS.JSON", "replace the data set of people and their coverage", load},
    {"status", "status --config FILE [--json]", "show counts and the newest answers", status},
};

static void print_help(void) {
    puts("uketsuke-pf: the eligibility platform (demonstration)\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        printf("  uketsuke-pf %-34s %s\n", commands[i].usage, commands[i].help);
    puts("\n  --log-level error|warning|notice|info|debug   (default notice)\n  --help");
}

static int run(const char *name, arguments *a, const char *path) {
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, name) != 0)
            continue;
        if (!path) {
            log_error("%s needs --config FILE", name);
            return 2;
        }
        result outcome = configuration_read(path, &a->configuration);
        if (outcome == RESULT_OK)
            outcome = commands[i].run(a);
        configuration_free(&a->configuration);
        return outcome == RESULT_OK ? 0 : 1;
    }
    log_error("%s is no command. uketsuke-pf --help lists them.", name);
    return 2;
}

int main(int argc, char **argv) {
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"log-level", required_argument, NULL, 'l'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    arguments a = {0};
    const char *path = NULL;
    int option, level = LOG_NOTICE;
    secret_forbid_core_dumps();
    while ((option = getopt_long(argc, argv, "c:jl:h", options, NULL)) != -1) {
        if (option == 'c')
            path = optarg;
        else if (option == 'j')
            a.json = true;
        else if (option == 'l')
            level = log_level_of(optarg);
        else {
            print_help();
            return option == 'h' ? 0 : 2;
        }
    }
    log_open("uketsuke-pf", level < 0 ? LOG_NOTICE : (log_level)level, NULL);
    if (optind >= argc) {
        print_help();
        return 2;
    }
    a.file = optind + 1 < argc ? argv[optind + 1] : NULL;
    return run(argv[optind], &a, path);
}
