/* uketsuke-history: the history service as a program. */
#include "history.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "service/daemon.h"
#include "service/outcome.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTED_MOST 200

typedef struct arguments {
    configuration *configuration;
    const char *state; /* "" for all */
    bool json;
} arguments;

static result serve(const arguments *a) {
    history h;
    daemon_block_signals();
    result outcome = history_open(a->configuration, &h);
    if (outcome == RESULT_OK)
        outcome = daemon_serve(a->configuration, history_routes, &h);
    history_close(&h);
    return outcome;
}

static json_t *submission_json(const history_submission *s) {
    char received[CLOCK_TEXT_SIZE], changed[CLOCK_TEXT_SIZE];
    clock_text(s->received_at, received);
    clock_text(s->changed_at, changed);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "submission", s->id, "visitId", s->visit_id,
                     "linkId", s->link_id, "institutionCode", s->institution_code, "terminalId", s->terminal_id, "operatorId",
                     s->operator_id, "state", s->state, "reason", s->reason, "receivedAt", received, "changedAt",
                     changed);
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
    result outcome = root ? json_append(&text, root) : RESULT_NO_MEMORY;
    if (outcome == RESULT_OK)
        puts(buffer_text(&text));
    json_decref(root);
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
               list[i].reason[0] ? ": " : "",
               list[i].reason);
    }
    return RESULT_OK;
}

static result status(const arguments *a) {
    static history_submission list[LISTED_MOST];
    history_store *store = NULL;
    history_counts counts;
    bool complete = true;
    size_t count = 0;
    const char *path = configuration_need(a->configuration, "history", "store", &complete);
    result outcome = complete ? history_store_open_sqlite(path, &store) : RESULT_INVALID;
    if (outcome != RESULT_OK)
        return outcome;
    outcome = store->count(store, &counts);
    if (outcome == RESULT_OK)
        outcome = store->list(store, a->state, list, LISTED_MOST, &count);
    store->close(&store);
    if (outcome != RESULT_OK)
        return outcome;
    return a->json ? print_json(&counts, list, count) : print_text(&counts, list, count);
}

static const struct {
    const char *name, *usage, *help;
    result (*run)(const arguments *a);
} commands[] = {
    {"serve", "serve --config FILE", "register visit records until SIGINT or SIGTERM", serve},
    {"status", "status --config FILE [--json] [--state STATE]", "show what arrived and what became of it", status},
};

static void print_help(void) {
    puts("uketsuke-history: the visit history service (demonstration)\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        printf("  uketsuke-history %-46s %s\n", commands[i].usage, commands[i].help);
    puts("\n  STATE: received, verified, registered, duplicate, rejected\n"
         "  --log-level error|warning|notice|info|debug   (default notice)\n  --help");
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
    log_error("%s is no command. uketsuke-history --help lists them.", name);
    return 2;
}

int main(int argc, char **argv) {
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},    {"json", no_argument, NULL, 'j'}, {"state", required_argument,
                                                                                        NULL, 's'},
        {"log-level", required_argument, NULL, 'l'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    arguments a = {.state = ""};
    const char *path = NULL;
    int option, level = LOG_NOTICE;
    secret_forbid_core_dumps();
    while ((option = getopt_long(argc, argv, "c:js:l:h", options, NULL)) != -1) {
        if (option == 'c')
            path = optarg;
        else if (option == 'j')
            a.json = true;
        else if (option == 's')
            a.state = optarg;
        else if (option == 'l')
            level = log_level_of(optarg);
        else {
            print_help();
            return option == 'h' ? 0 : 2;
        }
    }
    log_open("uketsuke-history", level < 0 ? LOG_NOTICE : (log_level)level, NULL);
    if (optind >= argc) {
        print_help();
        return 2;
    }
    return run(argv[optind], &a, path);
}
