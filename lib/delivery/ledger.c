/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/ledger.h"

#include "delivery/ledger_internal.h"
#include "delivery/record_seal.h"

#include "base/hex.h"
#include "crypt/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- as text ------------------------------------------------------------------------------------------------------ */

static result write_text(const ledger *l, buffer *out) {
    char sum[2 * CRYPT_SHA256_LENGTH + 1];
    result code = buffer_append_format(out, "counter %lld\n", (long long)l->counter);
    for (size_t i = 0; code == RESULT_OK && i < l->setting_count; i++)
        code = buffer_append_format(out, "setting %s %lld\n", l->settings[i].name, (long long)l->settings[i].version);
    for (size_t i = 0; code == RESULT_OK && i < l->group_count; i++) {
        const ledger_group *g = &l->groups[i];
        hex_encode(BYTES(g->sum), sum, sizeof sum);
        code = buffer_append_format(out, "records %s %s %lld %s\n", g->kind, g->state, (long long)g->count, sum);
    }
    return code;
}

static result read_line(ledger *l, const char *line) {
    long long number;
    char sum[2 * CRYPT_SHA256_LENGTH + 1];
    ledger_group *g = &l->groups[l->group_count];
    if (sscanf(line, "counter %lld", &number) == 1) {
        l->counter = number;
        return RESULT_OK;
    }
    if (l->setting_count < LEDGER_SETTINGS_MAX &&
        sscanf(line, "setting %64s %lld", l->settings[l->setting_count].name, &number) == 2) {
        l->settings[l->setting_count++].version = number;
        return RESULT_OK;
    }
    if (l->group_count < LEDGER_GROUPS_MAX &&
        sscanf(line, "records %64s %64s %lld %64s", g->kind, g->state, &number, sum) == 4 &&
        hex_decode_exactly(sum, g->sum, sizeof g->sum) == RESULT_OK) {
        g->count = number;
        l->group_count++;
        return RESULT_OK;
    }
    return RESULT_INVALID;
}

result ledger_read_text(char *text, ledger *l) {
    char *rest = text;
    result code = RESULT_OK;
    for (const char *line = strtok_r(text, "\n", &rest); code == RESULT_OK && line != NULL;
         line = strtok_r(NULL, "\n", &rest))
        code = read_line(l, line);
    return code;
}

/* --- account of records and settings ------------------------------------------------------------------------------ */

ledger_group *ledger_find_group(ledger *l, const char *kind, const char *state) {
    for (size_t i = 0; i < l->group_count; i++)
        if (strcmp(l->groups[i].kind, kind) == 0 && strcmp(l->groups[i].state, state) == 0)
            return &l->groups[i];
    return NULL;
}

ledger_group *ledger_make_group(ledger *l, const char *kind, const char *state) {
    ledger_group *g = ledger_find_group(l, kind, state);
    if (g != NULL || l->group_count == LEDGER_GROUPS_MAX)
        return g;
    g = &l->groups[l->group_count++];
    *g = (ledger_group){0};
    snprintf(g->kind, sizeof g->kind, "%s", kind);
    snprintf(g->state, sizeof g->state, "%s", state);
    return g;
}

result ledger_count_record(const store_access *s, ledger_group *g, const terminal_record *r, int by) {
    char row[RECORD_PLACE_SIZE];
    uint8_t mac[CRYPT_SHA256_LENGTH];
    const int length = record_place(r, row, sizeof row);
    result code = crypt_hmac_sha256(BYTES(s->ledger_key), bytes_of(row, (size_t)length), mac);
    for (size_t i = 0; i < sizeof mac; i++)
        g->sum[i] ^= mac[i];
    g->count += by;
    return code;
}

size_t ledger_index(const ledger *l, const char *name) {
    size_t i = 0;
    while (i < l->setting_count && strcmp(l->settings[i].name, name) != 0)
        i++;
    return i;
}

result ledger_take_setting(ledger *l, const terminal_setting *s) {
    const size_t i = ledger_index(l, s->name);
    if (s->gone) {
        if (i < l->setting_count)
            l->settings[i] = l->settings[--l->setting_count];
        return RESULT_OK;
    }
    if (i == LEDGER_SETTINGS_MAX)
        return RESULT_TOO_LONG;
    if (i == l->setting_count)
        l->setting_count++;
    snprintf(l->settings[i].name, sizeof l->settings[i].name, "%s", s->name);
    l->settings[i].version = s->version;
    return RESULT_OK;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static result count_new(store_access *s, ledger *next, const terminal_record *r) {
    ledger_group *g = ledger_make_group(next, r->kind, r->state);
    return g != NULL ? ledger_count_record(s, g, r, 1) : RESULT_TOO_LONG;
}

static result account(store_access *s, ledger *next, const terminal_record *before, const terminal_change *c) {
    result code = RESULT_OK;
    ledger_group *g;
    if (before != NULL) {
        g = ledger_find_group(next, before->kind, before->state);
        code = g != NULL && g->count > 0 ? ledger_count_record(s, g, before, -1) : RESULT_BAD_SIGNATURE;
    }
    if (code == RESULT_OK && c->record != NULL)
        code = count_new(s, next, c->record);
    for (size_t i = 0; code == RESULT_OK && i < c->addition_count; i++)
        code = count_new(s, next, &c->additions[i].record);
    for (size_t i = 0; code == RESULT_OK && i < TERMINAL_SETTINGS && c->settings[i].name != NULL; i++)
        code = ledger_take_setting(next, &c->settings[i]);
    next->number++;
    return code;
}

static result write_change(store_access *s, const ledger *next, terminal_change *change) {
    buffer text = BUFFER_INIT(LEDGER_TEXT_MAX), sealed = BUFFER_INIT(LEDGER_TEXT_MAX);
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
    const size_t i = s->ledger != NULL ? ledger_index(s->ledger, name) : 0;
    return s->ledger != NULL && i < s->ledger->setting_count ? s->ledger->settings[i].version : 0;
}

int64_t ledger_count(const store_access *s, const char *kind, const char *state) {
    int64_t count = 0;
    for (size_t i = 0; s->ledger != NULL && i < s->ledger->group_count; i++) {
        const ledger_group *g = &s->ledger->groups[i];
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
