/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "main/outcome_commands.h"

#include "ledger/relay_store.h"

#include "base/clock.h"
#include "base/log.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUMS_MAX 32 /* more than there are services and words */

static result open_store(const program_arguments *a, relay_store **store) {
    bool complete = true;
    const char *state = configuration_need(a->configuration, "relay", "state", &complete);
    return complete ? relay_store_open(state, store) : RESULT_INVALID;
}

static void print_json(json_t *root) {
    char *text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
    if (text != NULL)
        puts(text);
    free(text);
    json_decref(root);
}

/* --- every row ---------------------------------------------------------------------------------------------------- */

static result print_row(void *context, const relay_outcome *o) {
    json_t *list = context;
    char at[CLOCK_TEXT_SIZE];
    clock_text(o->at, at);
    if (list == NULL)
        printf("%lld,%s,%s,%s,%s,%s,%s,%s,%s\n", (long long)o->number, at, o->terminal, o->service, o->subject,
               o->outcome, o->way, o->answer, o->chain);
    else
        json_array_append_new(list,
                              json_pack("{s:I,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "number", (json_int_t)o->number, "at",
                                        at, "terminal", o->terminal, "service", o->service, "subject", o->subject,
                                        "outcome", o->outcome, "way", o->way, "answer", o->answer, "chain", o->chain));
    return RESULT_OK;
}

result outcome_command_export(const program_arguments *a) {
    relay_store *store = NULL;
    json_t *list = a->json ? json_array() : NULL;
    result code = open_store(a, &store);
    if (code == RESULT_OK && !a->json)
        puts("number,at,terminal,service,subject,outcome,way,answer,chain");
    if (code == RESULT_OK)
        code = relay_store_each_outcome(store, print_row, list);
    if (code == RESULT_OK && a->json)
        print_json(json_incref(list));
    json_decref(list);
    relay_store_close(&store);
    return code;
}

/* --- sums --------------------------------------------------------------------------------------------------------- */

typedef struct sums {
    struct {
        char service[RELAY_WORD_SIZE], outcome[RELAY_WORD_SIZE];
        long long count;
    } rows[SUMS_MAX];
    size_t count;
    long long all;
} sums;

static result sum_up(void *context, const relay_outcome *o) {
    sums *s = context;
    size_t i = 0;
    while (i < s->count && (strcmp(s->rows[i].service, o->service) != 0 || strcmp(s->rows[i].outcome, o->outcome) != 0))
        i++;
    if (i == SUMS_MAX)
        return RESULT_TOO_LONG;
    if (i == s->count) {
        snprintf(s->rows[i].service, sizeof s->rows[i].service, "%s", o->service);
        snprintf(s->rows[i].outcome, sizeof s->rows[i].outcome, "%s", o->outcome);
        s->count++;
    }
    s->rows[i].count++;
    s->all++;
    return RESULT_OK;
}

static void print_sums(const sums *s, bool json) {
    json_t *list = json_array();
    if (!json)
        printf("%lld outcomes, each as it was written\n", s->all);
    for (size_t i = 0; i < s->count; i++) {
        if (!json)
            printf("%-8s  %-12s  %lld\n", s->rows[i].service, s->rows[i].outcome, s->rows[i].count);
        json_array_append_new(list, json_pack("{s:s,s:s,s:I}", "service", s->rows[i].service, "outcome",
                                              s->rows[i].outcome, "count", (json_int_t)s->rows[i].count));
    }
    if (json)
        print_json(json_pack("{s:I,s:O}", "outcomes", (json_int_t)s->all, "sums", list));
    json_decref(list);
}

result outcome_command_check(const program_arguments *a) {
    relay_store *store = NULL;
    int64_t broken = 0;
    sums found = {.count = 0};
    result code = open_store(a, &store);
    if (code == RESULT_OK)
        code = relay_store_check_outcomes(store, &broken);
    if (code == RESULT_BAD_SIGNATURE)
        log_error("row %lld of the ledger of outcomes is missing, or is not as it was written", (long long)broken);
    if (code == RESULT_OK)
        code = relay_store_each_outcome(store, sum_up, &found);
    if (code == RESULT_OK)
        print_sums(&found, a->json);
    relay_store_close(&store);
    return code;
}
