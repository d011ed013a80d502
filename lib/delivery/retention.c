/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/retention.h"

#include "delivery/ledger.h"
#include "delivery/outbox.h"
#include "delivery/paper_record.h"
#include "delivery/search_index.h"

#include <stdio.h>
#include <string.h>

#define PAGE 64
#define LOOKED_AT_MAX 512 /* in one call: a patient may be waiting */

/* --- one record --------------------------------------------------------------------------------------------------- */

static bool holds_person(const reception_record *r) {
    return r->answer.length > 0 || r->signature.length > 0 || eligibility_person_is_known(&r->person) ||
           r->assumed_insurer[0] != 0 || r->assumed_number[0] != 0 || !desk_note_is_empty(&r->note);
}

/* Removes the search tokens first: if the process ends here, the record is found again by the next run. */
static result forget_tokens(store_access *s, const char *id, const char *hospital_number, const desk_person *person) {
    terminal_tokens tokens;
    const result code = search_index_tokens(s, id, hospital_number, person, &tokens);
    return code == RESULT_OK ? terminal_store_unindex(s->file, id, &tokens) : code;
}

static result purge_reception(store_access *s, const terminal_record *row, bool *purged) {
    reception_record record;
    result code = record_get_reception(s, row->id, &record);
    const bool holds = code == RESULT_OK && holds_person(&record);
    if (holds) {
        desk_person person;
        reception_person(&record, &person);
        code = forget_tokens(s, row->id, record.note.hospital_number, &person);
    }
    if (holds && code == RESULT_OK) {
        buffer_clear(&record.answer);
        record.note = (desk_note){0};
        buffer_clear(&record.signature);
        memset(&record.person, 0, sizeof record.person);
        memset(record.assumed_insurer, 0, sizeof record.assumed_insurer);
        memset(record.assumed_number, 0, sizeof record.assumed_number);
        code = record_replace_reception(s, &record);
        *purged = code == RESULT_OK;
    }
    reception_record_wipe(&record);
    return code;
}

/* Keeps that a paper of this kind was seen, and removes whose it was. */
static result purge_paper(store_access *s, const terminal_record *row, bool *purged) {
    paper_record record;
    result code = paper_record_get(s, row->id, &record);
    if (code != RESULT_OK || desk_note_is_empty(&record.note))
        return code;
    paper_record bare = {.at = record.at, .kind = record.kind};
    memcpy(bare.id, record.id, sizeof bare.id);
    memcpy(bare.operator_id, record.operator_id, sizeof bare.operator_id);
    code = forget_tokens(s, row->id, record.note.hospital_number, &record.note.said);
    if (code == RESULT_OK)
        code = paper_record_replace(s, &bare);
    *purged = code == RESULT_OK;
    return code;
}

/* Keeps the receipt of a registered visit, and nothing of a refused one. */
static result without_bundle(bytes plain, buffer *out) {
    json_t *root = fhir_parse(plain, NULL);
    if (json_is_string(json_object_get(root, "bundle")) && json_is_string(json_object_get(root, "receipt")))
        json_object_del(root, "bundle");
    else if (root != NULL && json_object_get(root, "receipt") == NULL)
        json_object_clear(root);
    return root != NULL ? fhir_dump_and_free(root, out) : RESULT_INVALID;
}

static result purge_visit(store_access *s, const terminal_record *row, bool *purged) {
    buffer plain = BUFFER_INIT(2 * OUTBOX_VISIT_MAX), rest = BUFFER_INIT(2 * OUTBOX_VISIT_MAX);
    terminal_record read;
    result code = record_read(s, row->id, &read, &plain);
    if (code == RESULT_OK)
        code = without_bundle(buffer_bytes(&plain), &rest);
    if (code == RESULT_OK && rest.length < plain.length) {
        code = record_replace(s, row->id, row->state, buffer_bytes(&rest));
        *purged = code == RESULT_OK;
    }
    buffer_wipe(&plain);
    buffer_wipe(&rest);
    return code;
}

/* A record that cannot be read may hold a person, too, and its search tokens are unknown. */
static result purge_damaged(store_access *s, const terminal_record *row, bool *purged) {
    result code = terminal_store_unindex(s->file, row->id, NULL);
    if (code == RESULT_OK)
        code = record_replace(s, row->id, STATE_DAMAGED, bytes_of("{}", 2));
    *purged = code == RESULT_OK;
    return code;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static const struct kind {
    const char *kind, *waits[2], *cursor; /* states that must be left alone; name of the setting with the progress */
    result (*purge)(store_access *s, const terminal_record *row, bool *purged);
    size_t counter;
} kinds[RETENTION_KINDS] = {
    {RECORD_RECEPTION, {STATE_PENDING, ""}, "purged-receptions", purge_reception, offsetof(retention_run, receptions)},
    {RECORD_VISIT, {STATE_QUEUED, STATE_AWAITING}, "purged-visits", purge_visit, offsetof(retention_run, visits)},
    {RECORD_WITHOUT_CARD, {"", ""}, "purged-papers", purge_paper, offsetof(retention_run, receptions)},
};

typedef struct walk {
    store_access *store;
    const struct kind *kind;
    int64_t before;
    retention_run *out;
    struct retention_place *place;
    char done[UUID_TEXT_SIZE]; /* nothing is left to do up to this record */
    bool over;                 /* the next one is too young */
    size_t looked_at;
} walk;

static bool waits(const struct kind *kind, const terminal_record *row) {
    return strcmp(row->state, kind->waits[0]) == 0 || strcmp(row->state, kind->waits[1]) == 0;
}

/* A visit that must still be sent needs the platform's proof, which is in its reception. */
static result visit_waits(store_access *s, const char *reception, bool *out) {
    static const char *const states[] = {STATE_QUEUED, STATE_AWAITING};
    terminal_record row;
    result code = RESULT_OK;
    size_t count = 0;
    for (size_t i = 0; i < sizeof states / sizeof *states && code == RESULT_OK && count == 0; i++) {
        if (ledger_count(s, RECORD_VISIT, states[i]) == 0)
            continue;
        const terminal_filter same = {.kind = RECORD_VISIT, .subject = reception, .state = states[i]};
        code = terminal_store_list(s->file, &same, &row, 1, &count);
    }
    *out = count > 0;
    return code;
}

static result purge_row(walk *w, const terminal_record *row) {
    bool purged = false, needed = false;
    if (row->at >= w->before) {
        w->over = true;
        return RESULT_OK;
    }
    result code = visit_waits(w->store, row->id, &needed);
    if (code != RESULT_OK)
        return code;
    if (needed || waits(w->kind, row))
        w->place->left = true;
    else
        code = strcmp(row->state, STATE_DAMAGED) == 0 ? purge_damaged(w->store, row, &purged)
                                                      : w->kind->purge(w->store, row, &purged);
    if (record_is_damage(code))
        code = purge_damaged(w->store, row, &purged);
    *(long long *)(void *)((char *)w->out + w->kind->counter) += purged;
    snprintf(w->place->last, sizeof w->place->last, "%.36s", row->id);
    if (!w->place->left)
        memcpy(w->done, w->place->last, sizeof w->done);
    w->looked_at++;
    return code;
}

static result purge_page(walk *w, bool *more) {
    terminal_record rows[PAGE];
    size_t count = 0;
    const terminal_filter after = {.kind = w->kind->kind, .after = w->place->last};
    result code = terminal_store_list(w->store->file, &after, rows, PAGE, &count);
    for (size_t i = 0; i < count && code == RESULT_OK && !w->over; i++)
        code = purge_row(w, &rows[i]);
    *more = code == RESULT_OK && count == PAGE && !w->over;
    return code;
}

/* Begins where the call before has stopped; a run's first call begins behind the records that earlier runs have purged.
 * Records that wait for an answer are passed by, or a run would meet them again in each call. */
static void begin_at(walk *w, const char *cursor) {
    snprintf(w->done, sizeof w->done, "%.36s", cursor);
    if (!w->place->begun)
        memcpy(w->place->last, w->done, sizeof w->done);
    w->place->begun = true;
}

static result purge_kind(store_access *s, size_t number, int64_t before, retention_run *out) {
    walk w = {.store = s, .kind = &kinds[number], .before = before, .out = out, .place = &out->places[number]};
    buffer cursor = BUFFER_INIT(UUID_TEXT_SIZE);
    bool more = true;
    result code = record_setting(s, w.kind->cursor, &cursor);
    if (code == RESULT_NOT_FOUND)
        code = RESULT_OK;
    begin_at(&w, buffer_text(&cursor));
    while (code == RESULT_OK && more && w.looked_at < LOOKED_AT_MAX)
        code = purge_page(&w, &more);
    out->more |= more && code == RESULT_OK;
    if (code == RESULT_OK && strcmp(w.done, buffer_text(&cursor)) != 0)
        code = record_set(s, w.kind->cursor, bytes_of(w.done, strlen(w.done)));
    buffer_wipe(&cursor);
    return code;
}

result retention_purge(store_access *s, int64_t before, retention_run *run) {
    result code = RESULT_OK;
    if (!run->more)
        *run = (retention_run){0};
    run->receptions = run->visits = 0;
    run->more = false;
    for (size_t i = 0; i < RETENTION_KINDS && code == RESULT_OK; i++)
        code = purge_kind(s, i, before, run);
    return code == RESULT_OK && run->receptions + run->visits > 0 ? terminal_store_forget(s->file) : code;
}
