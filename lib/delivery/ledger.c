/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/ledger.h"

#include "delivery/sealed_record.h"

#include "base/hex.h"
#include "base/language.h"
#include "crypt/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define _(text) language_text(text)

#define SETTINGS_MAX 40
#define GROUPS_MAX 40
#define TEXT_MAX 16384
#define ROW_MAX 512
#define IDS_MAX (64 * 1024 * 1024)

typedef struct group {
    char kind[TERMINAL_WORD_SIZE], state[TERMINAL_WORD_SIZE];
    int64_t count;
    uint8_t sum[CRYPT_SHA256_LENGTH];
} group;

typedef struct ledger {
    int64_t number, counter; /* counter -1: never noted */
    struct {
        char name[TERMINAL_WORD_SIZE];
        int64_t version;
    } settings[SETTINGS_MAX];
    group groups[GROUPS_MAX];
    size_t setting_count, group_count;
} ledger;

/* --- as text ------------------------------------------------------------------------------------------------------ */

static result write_text(const ledger *l, buffer *out) {
    char sum[2 * CRYPT_SHA256_LENGTH + 1];
    result code = buffer_append_format(out, "counter %lld\n", (long long)l->counter);
    for (size_t i = 0; code == RESULT_OK && i < l->setting_count; i++)
        code = buffer_append_format(out, "setting %s %lld\n", l->settings[i].name, (long long)l->settings[i].version);
    for (size_t i = 0; code == RESULT_OK && i < l->group_count; i++) {
        const group *g = &l->groups[i];
        hex_encode(BYTES(g->sum), sum, sizeof sum);
        code = buffer_append_format(out, "records %s %s %lld %s\n", g->kind, g->state, (long long)g->count, sum);
    }
    return code;
}

static result read_line(ledger *l, const char *line) {
    long long number;
    char sum[2 * CRYPT_SHA256_LENGTH + 1];
    group *g = &l->groups[l->group_count];
    if (sscanf(line, "counter %lld", &number) == 1) {
        l->counter = number;
        return RESULT_OK;
    }
    if (l->setting_count < SETTINGS_MAX &&
        sscanf(line, "setting %64s %lld", l->settings[l->setting_count].name, &number) == 2) {
        l->settings[l->setting_count++].version = number;
        return RESULT_OK;
    }
    if (l->group_count < GROUPS_MAX &&
        sscanf(line, "records %64s %64s %lld %64s", g->kind, g->state, &number, sum) == 4 &&
        hex_decode_exactly(sum, g->sum, sizeof g->sum) == RESULT_OK) {
        g->count = number;
        l->group_count++;
        return RESULT_OK;
    }
    return RESULT_INVALID;
}

static result read_text(char *text, ledger *l) {
    char *rest = text;
    result code = RESULT_OK;
    for (const char *line = strtok_r(text, "\n", &rest); code == RESULT_OK && line != NULL;
         line = strtok_r(NULL, "\n", &rest))
        code = read_line(l, line);
    return code;
}

/* --- account of records and settings ------------------------------------------------------------------------------ */

static group *find_group(ledger *l, const char *kind, const char *state) {
    for (size_t i = 0; i < l->group_count; i++)
        if (strcmp(l->groups[i].kind, kind) == 0 && strcmp(l->groups[i].state, state) == 0)
            return &l->groups[i];
    return NULL;
}

static group *make_group(ledger *l, const char *kind, const char *state) {
    group *g = find_group(l, kind, state);
    if (g != NULL || l->group_count == GROUPS_MAX)
        return g;
    g = &l->groups[l->group_count++];
    *g = (group){0};
    snprintf(g->kind, sizeof g->kind, "%s", kind);
    snprintf(g->state, sizeof g->state, "%s", state);
    return g;
}

/* Puts a record into its group, or takes it out: the same operation. */
static result move(const store_access *s, group *g, const terminal_record *r, int by) {
    char row[ROW_MAX];
    uint8_t mac[CRYPT_SHA256_LENGTH];
    const int length = record_place(r, row, sizeof row);
    result code = crypt_hmac_sha256(BYTES(s->ledger_key), bytes_of(row, (size_t)length), mac);
    for (size_t i = 0; i < sizeof mac; i++)
        g->sum[i] ^= mac[i];
    g->count += by;
    return code;
}

static size_t index_of(const ledger *l, const char *name) {
    size_t i = 0;
    while (i < l->setting_count && strcmp(l->settings[i].name, name) != 0)
        i++;
    return i;
}

static result take_setting(ledger *l, const terminal_setting *s) {
    const size_t i = index_of(l, s->name);
    if (s->gone) {
        if (i < l->setting_count)
            l->settings[i] = l->settings[--l->setting_count];
        return RESULT_OK;
    }
    if (i == SETTINGS_MAX)
        return RESULT_TOO_LONG;
    if (i == l->setting_count)
        l->setting_count++;
    snprintf(l->settings[i].name, sizeof l->settings[i].name, "%s", s->name);
    l->settings[i].version = s->version;
    return RESULT_OK;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static result account(store_access *s, ledger *next, const terminal_record *before, const terminal_change *c) {
    result code = RESULT_OK;
    group *g;
    if (before != NULL) {
        g = find_group(next, before->kind, before->state);
        code = g != NULL && g->count > 0 ? move(s, g, before, -1) : RESULT_BAD_SIGNATURE;
    }
    if (code == RESULT_OK && c->record != NULL) {
        g = make_group(next, c->record->kind, c->record->state);
        code = g != NULL ? move(s, g, c->record, 1) : RESULT_TOO_LONG;
    }
    for (size_t i = 0; code == RESULT_OK && i < TERMINAL_SETTINGS && c->settings[i].name != NULL; i++)
        code = take_setting(next, &c->settings[i]);
    next->number++;
    return code;
}

static result write_change(store_access *s, const ledger *next, terminal_change *change) {
    buffer text = BUFFER_INIT(TEXT_MAX), sealed = BUFFER_INIT(TEXT_MAX);
    terminal_setting *place = change->settings;
    while (place->name != NULL)
        place++;
    result code = write_text(next, &text);
    if (code == RESULT_OK)
        code = record_seal_setting(s, SETTING_LEDGER, next->number, buffer_bytes(&text), &sealed);
    if (code == RESULT_OK) {
        *place = (terminal_setting){.name = SETTING_LEDGER, .version = next->number, .value = buffer_bytes(&sealed)};
        code = terminal_store_change(s->file, change);
    }
    buffer_wipe(&text);
    buffer_wipe(&sealed);
    return code;
}

result ledger_write(store_access *s, const terminal_record *before, terminal_change *change) {
    if (s->ledger == NULL || change->settings[TERMINAL_SETTINGS - 1].name != NULL)
        return RESULT_INTERNAL;
    ledger *next = malloc(sizeof *next);
    if (next == NULL)
        return RESULT_NO_MEMORY;
    *next = *s->ledger;
    result code = account(s, next, before, change);
    if (code == RESULT_OK)
        code = write_change(s, next, change);
    if (code == RESULT_OK)
        *s->ledger = *next;
    free(next);
    return code;
}

int64_t ledger_next(const store_access *s) {
    return s->ledger != NULL ? s->ledger->number + 1 : 0;
}

result ledger_begin(store_access *s) {
    terminal_change change = {0};
    ledger_forget(s);
    s->ledger = calloc(1, sizeof *s->ledger);
    if (s->ledger == NULL)
        return RESULT_NO_MEMORY;
    s->ledger->counter = -1;
    const result code = ledger_write(s, NULL, &change);
    return code == RESULT_OK ? terminal_store_others(s->file, &s->ledger_seen) : code;
}

void ledger_forget(store_access *s) {
    free(s->ledger);
    s->ledger = NULL;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

int64_t ledger_setting(const store_access *s, const char *name) {
    const size_t i = s->ledger != NULL ? index_of(s->ledger, name) : 0;
    return s->ledger != NULL && i < s->ledger->setting_count ? s->ledger->settings[i].version : 0;
}

int64_t ledger_count(const store_access *s, const char *kind, const char *state) {
    int64_t count = 0;
    for (size_t i = 0; s->ledger != NULL && i < s->ledger->group_count; i++) {
        const group *g = &s->ledger->groups[i];
        if (strcmp(g->kind, kind) == 0 && (state == NULL || strcmp(g->state, state) == 0))
            count += g->count;
    }
    return count;
}

bool ledger_counter(const store_access *s, uint32_t *counter) {
    const bool noted = s->ledger != NULL && s->ledger->counter >= 0;
    *counter = noted ? (uint32_t)s->ledger->counter : 0;
    return noted;
}

result ledger_note_counter(store_access *s, uint32_t counter) {
    terminal_change change = {0};
    if (s->ledger == NULL || s->ledger->counter == counter)
        return RESULT_OK;
    const int64_t before = s->ledger->counter;
    s->ledger->counter = counter;
    const result code = ledger_write(s, NULL, &change);
    if (code != RESULT_OK)
        s->ledger->counter = before;
    return code;
}

/* --- comparing ---------------------------------------------------------------------------------------------------- */

typedef struct comparison {
    store_access *store;
    ledger found;  /* what is there, counted anew */
    char *problem; /* "": none yet */
} comparison;

static result add_found(void *context, const terminal_record *record) {
    comparison *c = context;
    group *g = make_group(&c->found, record->kind, record->state);
    return g != NULL ? move(c->store, g, record, 1) : RESULT_BAD_SIGNATURE;
}

static result collect_id(void *context, const terminal_record *record) {
    return buffer_append(context, bytes_of(record->id, sizeof record->id));
}

/* Whether the record opens as what it is said to be. */
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

/* The first that does not. */
static void name_changed(comparison *c) {
    enum { ID_SIZE = sizeof((terminal_record *)0)->id };
    buffer ids = BUFFER_INIT(IDS_MAX);
    terminal_store_each(c->store->file, collect_id, &ids);
    for (size_t at = 0; at + ID_SIZE <= ids.length; at += ID_SIZE)
        if (is_changed(c, (const char *)ids.data + at))
            break;
    buffer_wipe(&ids);
}

static void name_group(comparison *c, const group *wanted, const group *there) {
    const group *g = wanted != NULL ? wanted : there;
    const int64_t ought = wanted != NULL ? wanted->count : 0, is = there != NULL ? there->count : 0;
    if (ought != is)
        snprintf(c->problem, LEDGER_PROBLEM_SIZE, _("of kind %s, state %s, there are %lld rows instead of %lld"),
                 g->kind, g->state, (long long)is, (long long)ought);
    else
        snprintf(c->problem, LEDGER_PROBLEM_SIZE, _("a row of kind %s, state %s, is not the one that was written last"),
                 g->kind, g->state);
}

static bool groups_agree(const group *wanted, const group *there) {
    static const group none;
    const group *a = wanted != NULL ? wanted : &none, *b = there != NULL ? there : &none;
    return a->count == b->count && memcmp(a->sum, b->sum, sizeof a->sum) == 0;
}

/* The first group that differs: looked for in both directions. */
static bool find_difference(comparison *c, const group **wanted, const group **there) {
    ledger *l = c->store->ledger;
    for (size_t i = 0; i < l->group_count; i++) {
        *wanted = &l->groups[i];
        *there = find_group(&c->found, l->groups[i].kind, l->groups[i].state);
        if (!groups_agree(*wanted, *there))
            return true;
    }
    for (size_t i = 0; i < c->found.group_count; i++) {
        *there = &c->found.groups[i];
        *wanted = find_group(l, c->found.groups[i].kind, c->found.groups[i].state);
        if (!groups_agree(*wanted, *there))
            return true;
    }
    return false;
}

static result compare_records(comparison *c) {
    const group *wanted, *there;
    result code = terminal_store_each(c->store->file, add_found, c);
    if (code != RESULT_OK || !find_difference(c, &wanted, &there))
        return code;
    name_group(c, wanted, there);
    char in_general[LEDGER_PROBLEM_SIZE];
    snprintf(in_general, sizeof in_general, "%s", c->problem);
    *c->problem = 0;
    name_changed(c);
    if (*c->problem == 0)
        snprintf(c->problem, LEDGER_PROBLEM_SIZE, "%s", in_general);
    return RESULT_BAD_SIGNATURE;
}

static result add_found_setting(void *context, const char *name, int64_t version) {
    comparison *c = context;
    const terminal_setting s = {.name = name, .version = version};
    return strcmp(name, SETTING_LEDGER) == 0 ? RESULT_OK : take_setting(&c->found, &s);
}

static result setting_problem(comparison *c, const char *name, const char *what) {
    snprintf(c->problem, LEDGER_PROBLEM_SIZE, "%s %s %s", _("the setting"), name, what);
    return RESULT_BAD_SIGNATURE;
}

/* The head of the evidence chain can be read anew from the records (core/chain_head.h): one that is damaged is no
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
        const size_t at = index_of(&c->found, name);
        if (at == c->found.setting_count)
            return setting_problem(c, name, _("is missing"));
        if (c->found.settings[at].version != l->settings[i].version)
            return setting_problem(c, name, _("is not the one that was written last"));
        code = try_setting(c, name);
    }
    for (size_t i = 0; code == RESULT_OK && i < c->found.setting_count; i++)
        if (index_of(l, c->found.settings[i].name) == l->setting_count)
            return setting_problem(c, c->found.settings[i].name, _("was added"));
    return code;
}

static result read_ledger(store_access *s) {
    buffer sealed = BUFFER_INIT(TEXT_MAX), text = BUFFER_INIT(TEXT_MAX);
    ledger_forget(s);
    s->ledger = calloc(1, sizeof *s->ledger);
    result code = s->ledger != NULL ? terminal_store_setting(s->file, SETTING_LEDGER, &s->ledger->number, &sealed)
                                    : RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        code = record_open_setting(s, SETTING_LEDGER, s->ledger->number, buffer_bytes(&sealed), &text);
    if (code == RESULT_OK) {
        s->ledger->counter = -1;
        code = read_text((char *)(uintptr_t)buffer_text(&text), s->ledger);
    }
    buffer_wipe(&sealed);
    buffer_wipe(&text);
    return code == RESULT_NOT_FOUND || code == RESULT_TRUNCATED || code == RESULT_INVALID ? RESULT_BAD_SIGNATURE : code;
}

static result compare(store_access *s, char problem[LEDGER_PROBLEM_SIZE]) {
    comparison *c = calloc(1, sizeof *c);
    if (c == NULL)
        return RESULT_NO_MEMORY;
    c->store = s;
    c->problem = problem;
    result code = compare_settings(c);
    if (code == RESULT_OK)
        code = compare_records(c);
    free(c);
    return code;
}

result ledger_load(store_access *s, char problem[LEDGER_PROBLEM_SIZE]) {
    *problem = 0;
    /* Before anything is read: what is written meanwhile makes it stale. */
    result code = terminal_store_others(s->file, &s->ledger_seen);
    if (code == RESULT_OK)
        code = terminal_store_check(s->file);
    if (code == RESULT_BAD_SIGNATURE)
        snprintf(problem, LEDGER_PROBLEM_SIZE, "%s", _("its tables are not those of this program"));
    if (code == RESULT_OK && (code = read_ledger(s)) == RESULT_BAD_SIGNATURE)
        snprintf(problem, LEDGER_PROBLEM_SIZE, "%s %s %s", _("the setting"), SETTING_LEDGER, _("was changed"));
    if (code == RESULT_OK)
        code = compare(s, problem);
    if (code != RESULT_OK)
        ledger_forget(s);
    return code;
}

result ledger_load_again(store_access *s, char problem[LEDGER_PROBLEM_SIZE]) {
    int64_t now = 0;
    *problem = 0;
    const result code = terminal_store_others(s->file, &now);
    if (code != RESULT_OK || (s->ledger != NULL && now == s->ledger_seen))
        return code;
    return ledger_load(s, problem);
}
