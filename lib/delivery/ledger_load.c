/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/ledger_load.h"

#include "delivery/ledger_internal.h"
#include "delivery/record_seal.h"
#include "delivery/sealed_record.h"

#include "base/language.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define _(text) language_text(text)

#define IDS_MAX (64 * 1024 * 1024)

typedef struct comparison {
    store_access *store;
    ledger wanted; /* the stored ledger */
    ledger found;  /* counted from the records */
    char *problem; /* "": none yet */
    const _Atomic bool *must_stop;
} comparison;

static result add_found(void *context, const terminal_record *record) {
    comparison *c = context;
    if (c->must_stop != NULL && *c->must_stop)
        return RESULT_TIMEOUT;
    ledger_group *g = ledger_make_group(&c->found, record->kind, record->state);
    return g != NULL ? ledger_count_record(c->store, g, record, 1) : RESULT_BAD_SIGNATURE;
}

static result collect_id(void *context, const terminal_record *record) {
    return buffer_append(context, bytes_of(record->id, sizeof record->id));
}

/* Whether the record cannot be unsealed as this row's. */
static bool is_changed(comparison *c, const char *id) {
    buffer plain = BUFFER_INIT(RECORD_SIZE_MAX);
    terminal_record row = {0};
    const result code = record_read(c->store, id, &row, &plain);
    buffer_wipe(&plain);
    if (code == RESULT_OK || code == RESULT_NO_MEMORY || strcmp(row.state, STATE_DAMAGED) == 0)
        return false;
    snprintf(c->problem, LEDGER_PROBLEM_SIZE, _("%s %s was changed"), row.kind, id);
    return true;
}

/* Names the first changed record. */
static void name_changed(comparison *c) {
    enum { ID_SIZE = sizeof((terminal_record *)0)->id };
    buffer ids = BUFFER_INIT(IDS_MAX);
    terminal_store_each(c->store->file, collect_id, &ids);
    for (size_t at = 0; at + ID_SIZE <= ids.length; at += ID_SIZE)
        if (is_changed(c, (const char *)ids.data + at))
            break;
    buffer_wipe(&ids);
}

static void name_group(comparison *c, const ledger_group *wanted, const ledger_group *there) {
    const ledger_group *g = wanted != NULL ? wanted : there;
    const int64_t ought = wanted != NULL ? wanted->count : 0, is = there != NULL ? there->count : 0;
    if (ought != is)
        snprintf(c->problem, LEDGER_PROBLEM_SIZE, _("of kind %s, state %s, there are %lld rows instead of %lld"),
                 g->kind, g->state, (long long)is, (long long)ought);
    else
        snprintf(c->problem, LEDGER_PROBLEM_SIZE, _("a row of kind %s, state %s, is not the one that was written last"),
                 g->kind, g->state);
}

static bool groups_agree(const ledger_group *wanted, const ledger_group *there) {
    static const ledger_group none;
    const ledger_group *a = wanted != NULL ? wanted : &none, *b = there != NULL ? there : &none;
    return a->count == b->count && memcmp(a->sum, b->sum, sizeof a->sum) == 0;
}

/* The first group that differs: looked for in both directions. */
static bool find_difference(comparison *c, const ledger_group **wanted, const ledger_group **there) {
    ledger *l = &c->wanted;
    for (size_t i = 0; i < l->group_count; i++) {
        *wanted = &l->groups[i];
        *there = ledger_find_group(&c->found, l->groups[i].kind, l->groups[i].state);
        if (!groups_agree(*wanted, *there))
            return true;
    }
    for (size_t i = 0; i < c->found.group_count; i++) {
        *there = &c->found.groups[i];
        *wanted = ledger_find_group(l, c->found.groups[i].kind, c->found.groups[i].state);
        if (!groups_agree(*wanted, *there))
            return true;
    }
    return false;
}

static void name_difference(comparison *c, const ledger_group *wanted, const ledger_group *there) {
    name_changed(c);
    if (*c->problem == 0)
        name_group(c, wanted, there);
}

static result add_found_setting(void *context, const char *name, int64_t version) {
    comparison *c = context;
    const terminal_setting s = {.name = name, .version = version};
    return strcmp(name, SETTING_LEDGER) == 0 ? RESULT_OK : ledger_take_setting(&c->found, &s);
}

static result setting_problem(comparison *c, const char *name, const char *what) {
    snprintf(c->problem, LEDGER_PROBLEM_SIZE, "%s %s %s", _("the setting"), name, what);
    return RESULT_BAD_SIGNATURE;
}

/* The head of the evidence chain can be computed again from the records (core/chain_head.h), so a damaged one is no
 * reason to stop. */
static result try_setting(comparison *c, const char *name) {
    buffer value = BUFFER_INIT(RECORD_MAX);
    result code = strcmp(name, SETTING_CHAIN_HEAD) != 0 ? record_setting(c->store, name, &value) : RESULT_OK;
    buffer_wipe(&value);
    return code == RESULT_BAD_SIGNATURE || code == RESULT_TRUNCATED ? setting_problem(c, name, _("was changed")) : code;
}

static result compare_settings(comparison *c) {
    const ledger *l = c->store->ledger;
    result code = terminal_store_each_setting(c->store->file, add_found_setting, c);
    for (size_t i = 0; code == RESULT_OK && i < l->setting_count; i++) {
        const char *name = l->settings[i].name;
        const size_t at = ledger_index(&c->found, name);
        if (at == c->found.setting_count)
            return setting_problem(c, name, _("is missing"));
        if (c->found.settings[at].version != l->settings[i].version)
            return setting_problem(c, name, _("is not the one that was written last"));
        code = try_setting(c, name);
    }
    for (size_t i = 0; code == RESULT_OK && i < c->found.setting_count; i++)
        if (ledger_index(l, c->found.settings[i].name) == l->setting_count)
            return setting_problem(c, c->found.settings[i].name, _("was added"));
    return code;
}

/* RESULT_BAD_SIGNATURE: it is not one of this store's. */
static result unseal_ledger(const store_access *s, int64_t number, bytes sealed, ledger *out) {
    buffer text = BUFFER_INIT(LEDGER_TEXT_MAX);
    *out = (ledger){.number = number, .counter = -1};
    result code = record_open_setting(s, SETTING_LEDGER, number, sealed, &text);
    if (code == RESULT_OK)
        code = ledger_read_text((char *)(uintptr_t)buffer_text(&text), out);
    buffer_wipe(&text);
    return code == RESULT_TRUNCATED || code == RESULT_INVALID ? RESULT_BAD_SIGNATURE : code;
}

static result read_ledger(store_access *s) {
    buffer sealed = BUFFER_INIT(LEDGER_TEXT_MAX);
    int64_t number = 0;
    ledger_forget(s);
    s->ledger = calloc(1, sizeof *s->ledger);
    result code = s->ledger != NULL ? terminal_store_setting(s->file, SETTING_LEDGER, &number, &sealed)
                                    : RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        code = unseal_ledger(s, number, buffer_bytes(&sealed), s->ledger);
    buffer_wipe(&sealed);
    return code == RESULT_NOT_FOUND ? RESULT_BAD_SIGNATURE : code;
}

static result ledger_problem(result code, char problem[LEDGER_PROBLEM_SIZE]) {
    if (code == RESULT_BAD_SIGNATURE)
        snprintf(problem, LEDGER_PROBLEM_SIZE, "%s %s %s", _("the setting"), SETTING_LEDGER, _("was changed"));
    return code;
}

static result compare_all_settings(store_access *s, char problem[LEDGER_PROBLEM_SIZE]) {
    comparison *c = calloc(1, sizeof *c);
    if (c == NULL)
        return RESULT_NO_MEMORY;
    c->store = s;
    c->problem = problem;
    const result code = compare_settings(c);
    free(c);
    return code;
}

result ledger_load_quickly(store_access *s, char problem[LEDGER_PROBLEM_SIZE]) {
    *problem = 0;
    /* Taken before reading: a write meanwhile makes the comparison stale. */
    result code = terminal_store_others(s->file, &s->ledger_seen);
    if (code == RESULT_OK)
        code = terminal_store_check_form(s->file);
    if (code == RESULT_BAD_SIGNATURE)
        snprintf(problem, LEDGER_PROBLEM_SIZE, "%s", _("its tables are not those of this program"));
    if (code == RESULT_OK)
        code = ledger_problem(read_ledger(s), problem);
    if (code == RESULT_OK)
        code = compare_all_settings(s, problem);
    if (code != RESULT_OK)
        ledger_forget(s);
    return code;
}

/* Reads ledger and records in one snapshot, so that concurrent writes do not matter. */
static result compare_records(comparison *c, int64_t since) {
    const ledger_group *wanted, *there;
    buffer sealed = BUFFER_INIT(LEDGER_TEXT_MAX);
    int64_t number = 0;
    result code = terminal_store_each_beside(c->store->file, SETTING_LEDGER, &number, &sealed, add_found, c);
    if (code == RESULT_NOT_FOUND || (code == RESULT_OK && number < since))
        code = ledger_problem(RESULT_BAD_SIGNATURE, c->problem);
    else if (code == RESULT_OK)
        code = ledger_problem(unseal_ledger(c->store, number, buffer_bytes(&sealed), &c->wanted), c->problem);
    buffer_wipe(&sealed);
    if (code != RESULT_OK || !find_difference(c, &wanted, &there))
        return code;
    name_difference(c, wanted, there);
    return RESULT_BAD_SIGNATURE;
}

result ledger_compare(store_access *s, int64_t since, const _Atomic bool *must_stop,
                      char problem[LEDGER_PROBLEM_SIZE]) {
    comparison *c = calloc(1, sizeof *c);
    if (c == NULL)
        return RESULT_NO_MEMORY;
    *problem = 0;
    c->store = s;
    c->problem = problem;
    c->must_stop = must_stop;
    result code = terminal_store_check(s->file);
    if (code == RESULT_OK)
        code = compare_records(c, since);
    free(c);
    return code;
}

static result load_since(store_access *s, int64_t since, char problem[LEDGER_PROBLEM_SIZE]) {
    result code = ledger_load_quickly(s, problem);
    if (code == RESULT_OK)
        code = ledger_compare(s, since > s->ledger->number ? since : s->ledger->number, NULL, problem);
    if (code != RESULT_OK)
        ledger_forget(s);
    return code;
}

result ledger_load(store_access *s, char problem[LEDGER_PROBLEM_SIZE]) {
    return load_since(s, 0, problem);
}

/* Nobody else has the keys meanwhile, so the number never falls: a store with a lower one was put back. */
result ledger_load_again(store_access *s, char problem[LEDGER_PROBLEM_SIZE]) {
    int64_t now = 0;
    *problem = 0;
    const result code = terminal_store_others(s->file, &now);
    if (code != RESULT_OK || (s->ledger != NULL && now == s->ledger_seen))
        return code;
    return load_since(s, s->ledger != NULL ? s->ledger->number : 0, problem);
}
