/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "today/day_list.h"

#include "core/local_store_file.h"
#include "delivery/search_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 64
#define DAY_S 86400
#define RECENT_MAX 1024 /* of each kind: how many are looked through for a short number before the index is asked */

static const char *const kinds[] = {RECORD_RECEPTION, RECORD_WITHOUT_CARD};
#define KINDS (sizeof kinds / sizeof *kinds)

/* --- in one order ------------------------------------------------------------------------------------------------- */

/* One kind's records, the newest first, a page at a time. */
typedef struct source {
    terminal_record rows[PAGE];
    size_t count, next;
    char last[37];
    bool over;
} source;

static result turn_page(store_access *s, const char *kind, source *from) {
    const terminal_filter wanted = {
        .kind = kind, .newest_first = true, .after = from->last[0] != 0 ? from->last : NULL};
    from->next = 0;
    const result code = terminal_store_list(s->file, &wanted, from->rows, PAGE, &from->count);
    from->over = from->count < PAGE;
    if (code == RESULT_OK && from->count > 0)
        memcpy(from->last, from->rows[from->count - 1].id, sizeof from->last);
    return code;
}

static result fill(store_access *s, const char *kind, source *from) {
    return from->next == from->count && !from->over ? turn_page(s, kind, from) : RESULT_OK;
}

/* The newer of both; NULL: there is none left. */
static const terminal_record *newest(source from[KINDS]) {
    source *best = NULL;
    for (size_t i = 0; i < KINDS; i++)
        if (from[i].next < from[i].count &&
            (best == NULL || strcmp(from[i].rows[from[i].next].id, best->rows[best->next].id) > 0))
            best = &from[i];
    return best != NULL ? &best->rows[best->next++] : NULL;
}

/* The first id of that millisecond (UUIDv7, RFC 9562, 5.7: the time stands in front). */
static void first_id(int64_t at_s, char id[37]) {
    const unsigned long long ms = at_s > 0 ? (unsigned long long)at_s * 1000 : 0;
    snprintf(id, 37, "%08llx-%04llx-0000-0000-000000000000", ms >> 16 & 0xFFFFFFFF, ms & 0xFFFF);
}

static result walk(store_access *s, source *sources, int64_t from, result (*use)(void *context, const list_row *row),
                   void *context, size_t *count) {
    static list_row row; /* large: kept off the stack */
    const terminal_record *record = NULL;
    result code = RESULT_OK;
    while (code == RESULT_OK) {
        for (size_t i = 0; code == RESULT_OK && i < KINDS; i++)
            code = fill(s, kinds[i], &sources[i]);
        if (code != RESULT_OK || (record = newest(sources)) == NULL || record->at < from)
            return code;
        code = list_row_read(s, record, &row);
        if (code == RESULT_OK)
            code = use(context, &row);
        (*count)++;
    }
    return code;
}

result day_list_each(store_access *s, int64_t from, int64_t to, result (*use)(void *context, const list_row *row),
                     void *context, size_t *count) {
    source *sources = calloc(KINDS, sizeof *sources);
    *count = 0;
    if (sources == NULL)
        return RESULT_NO_MEMORY;
    for (size_t i = 0; i < KINDS; i++)
        first_id(to, sources[i].last);
    const result code = walk(s, sources, from, use, context, count);
    free(sources);
    return code;
}

typedef struct showing {
    report *report;
    const char *department;
    json_t *list;
} showing;

static result show_one(void *context, const list_row *row) {
    const showing *to = context;
    if (to->department == NULL || list_row_is_for(row, to->department))
        list_row_show(to->report, row, to->list);
    return RESULT_OK;
}

result day_list_show(terminal *t, int64_t from, int64_t to, const char *department, json_t *list) {
    showing shown = {&t->context.report, department, list};
    size_t count;
    return day_list_each(&t->store, from, to, show_one, &shown, &count);
}

result day_list_show_today(terminal *t, const char *department, json_t *list) {
    char today[CLOCK_DATE_SIZE];
    int64_t begun;
    clock_date_in_japan(clock_wall_s(), today);
    const result code = clock_begin_in_japan(today, &begun);
    return code == RESULT_OK ? day_list_show(t, begun, begun + DAY_S, department, list) : code;
}

/* --- one of them -------------------------------------------------------------------------------------------------- */

static bool has_number(const char *id, const char *number) {
    char own[RECEPTION_NUMBER_SIZE];
    reception_number(id, own);
    return strcmp(own, number) == 0;
}

/* Among the newest of a kind; *found counts them. */
static result look_through(store_access *s, const char *kind, const char *number, char id[37], size_t *found) {
    terminal_record *rows = calloc(RECENT_MAX, sizeof *rows);
    size_t count = 0;
    const terminal_filter wanted = {.kind = kind, .newest_first = true};
    const result code = rows != NULL ? terminal_store_list(s->file, &wanted, rows, RECENT_MAX, &count)
                                     : RESULT_NO_MEMORY;
    for (size_t i = 0; code == RESULT_OK && i < count; i++)
        if (has_number(rows[i].id, number)) {
            memcpy(id, rows[i].id, 37);
            (*found)++;
        }
    free(rows);
    return code;
}

static result look_up(store_access *s, const search_query *query, char id[37], size_t *found) {
    char ids[2][37];
    const result code = search_index_find(s, query, NULL, ids, 2, found);
    if (code == RESULT_OK && *found > 0)
        memcpy(id, ids[0], 37);
    return code;
}

static result find_id(store_access *s, const char *named, char id[37], size_t *found) {
    search_query query;
    result code = search_query_of_code(named, &query);
    *found = 0;
    if (code != RESULT_OK)
        return code == RESULT_INVALID ? RESULT_OK : code;
    if (uuid_is_valid(query.code)) {
        memcpy(id, query.code, 37);
        *found = 1;
        return RESULT_OK;
    }
    for (size_t i = 0; code == RESULT_OK && i < KINDS; i++)
        code = look_through(s, kinds[i], query.code, id, found);
    return code == RESULT_OK && *found == 0 ? look_up(s, &query, id, found) : code;
}

static bool is_reception(const terminal_record *record) {
    return strcmp(record->kind, RECORD_RECEPTION) == 0 || strcmp(record->kind, RECORD_WITHOUT_CARD) == 0;
}

result day_list_read(store_access *s, const char *id, list_row *out) {
    terminal_record record;
    buffer sealed = BUFFER_INIT(RECORD_SIZE_MAX);
    result code = terminal_store_get(s->file, id, &record, &sealed);
    buffer_wipe(&sealed);
    if (code == RESULT_OK && !is_reception(&record))
        code = RESULT_NOT_FOUND;
    return code == RESULT_OK ? list_row_read(s, &record, out) : code;
}

outcome day_list_failed(report *r, result code) {
    return report_failure(
        r, OUTCOME_INTERNAL, "store",
        _("A reception could not be read from the local store (%s). Nothing was changed; begin again."),
        store_problem(code));
}

outcome day_list_find(terminal *t, const char *named, list_row *out) {
    char id[37] = "";
    size_t found = 0;
    result code = find_id(&t->store, named, id, &found);
    if (code == RESULT_OK && found == 1)
        code = day_list_read(&t->store, id, out);
    else if (code == RESULT_OK && found == 0)
        code = RESULT_NOT_FOUND;
    if (code == RESULT_OK && found > 1)
        return report_failure(&t->context.report, OUTCOME_USAGE, "several-receptions",
                              _("Several receptions have the number %s. Type the whole id."), named);
    if (code == RESULT_NOT_FOUND)
        return report_failure(&t->context.report, OUTCOME_USAGE, "no-such-reception",
                              _("There is no reception %s on this terminal."), named);
    return code == RESULT_OK ? OUTCOME_OK : day_list_failed(&t->context.report, code);
}

/* --- what is noted of it ------------------------------------------------------------------------------------------ */

static result keep_note(store_access *s, const list_row *row, const desk_note *note) {
    if (row->without_card) {
        paper_record paper;
        const result code = paper_record_get(s, row->id, &paper);
        paper.note = *note;
        return code == RESULT_OK ? paper_record_replace(s, &paper) : code;
    }
    reception_record record;
    result code = record_get_reception(s, row->id, &record);
    record.note = *note;
    if (code == RESULT_OK)
        code = record_replace_reception(s, &record);
    reception_record_wipe(&record);
    return code;
}

outcome day_list_keep_note(terminal *t, list_row *row, const desk_note *note) {
    char id[UUID_TEXT_SIZE];
    const result code = keep_note(&t->store, row, note);
    if (code != RESULT_OK)
        return report_failure(&t->context.report, OUTCOME_INTERNAL, "store",
                              _("The change could not be stored (%s). Begin again."), store_problem(code));
    memcpy(id, row->id, sizeof id);
    const outcome done = day_list_find(t, id, row);
    if (done == OUTCOME_OK)
        list_row_tell(&t->context.report, row);
    return done;
}
