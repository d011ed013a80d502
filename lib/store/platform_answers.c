/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Answers, each stored once with its marks, and refusals. A batch takes few statements, because each is a round trip to
 * the server. */
#include "store/platform_store_internal.h"

#include "base/uuid.h"
#include "store/sql_list.h"

#include <stdlib.h>
#include <string.h>

/* --- counter and time go together ------------------------------------------------------------------------------------- */

/* Whether the piece with the lower counter is the later one by every clock that both state. */
static bool contradicts(const platform_marks *lower, const platform_marks *higher) {
    if (lower->stated_at <= higher->stated_at)
        return false;
    return lower->clock_at != 0 && higher->clock_at != 0 ? lower->clock_at > higher->clock_at
                                                         : lower->synchronised && higher->synchronised;
}

static sql_list neighbours = {
    "SELECT se_counter, stated_at, clock_at, synchronised FROM answer WHERE se = $1 AND terminal_id = $2 AND"
    " se_counter IN (WITH w(c) AS (VALUES",
    ") SELECT (SELECT max(b.se_counter) FROM answer b WHERE b.se = $1 AND b.terminal_id = $2 AND b.se_counter < w.c)"
    " FROM w UNION SELECT (SELECT min(b.se_counter) FROM answer b WHERE b.se = $1 AND b.terminal_id = $2 AND"
    " b.se_counter > w.c) FROM w)",
    1,
    3,
    {0}};

typedef struct ordering {
    platform_marks known[3 * SQL_LIST_LOOKUP]; /* the stored neighbours, and the earlier pieces of this batch */
    size_t count;
} ordering;

static result read_neighbours(sql_transaction *t, const platform_ruling *rulings, size_t count, ordering *o) {
    sql_value values[SQL_LIST_LOOKUP + 2];
    sql_rows rows;
    bool row = false;
    size_t filled = 2;
    for (size_t i = 0; i < count; i++)
        if (!rulings[i].refusal) {
            values[0] = SQL_TEXT(rulings[i].marks.se);
            values[1] = SQL_TEXT(rulings[i].answer.terminal_id);
            values[filled++] = SQL_INTEGER(rulings[i].marks.se_counter);
        }
    filled = sql_list_fill(values, 2, filled);
    const char *sql = sql_list_text(&neighbours, filled - 2);
    if (!sql)
        return RESULT_NO_MEMORY;
    result outcome = sql_query_values(t, &rows, sql, values, filled);
    while (outcome == RESULT_OK && o->count < 2 * SQL_LIST_LOOKUP && (outcome = sql_step(&rows, &row)) == RESULT_OK &&
           row)
        o->known[o->count++] = (platform_marks){.se_counter = sql_integer(&rows, 0),
                                                .stated_at = sql_integer(&rows, 1),
                                                .clock_at = sql_integer(&rows, 2),
                                                .synchronised = sql_integer(&rows, 3) != 0};
    return sql_finish(&rows, outcome);
}

/* Whether the piece agrees with the one before and the one after it. */
static bool fits(const ordering *o, const platform_marks *mine) {
    const platform_marks *lower = NULL, *higher = NULL;
    for (size_t i = 0; i < o->count; i++) {
        const platform_marks *one = &o->known[i];
        if (one->se_counter < mine->se_counter && (!lower || one->se_counter > lower->se_counter))
            lower = one;
        if (one->se_counter > mine->se_counter && (!higher || one->se_counter < higher->se_counter))
            higher = one;
    }
    return (!lower || !contradicts(lower, mine)) && (!higher || !contradicts(mine, higher));
}

/* Checks the pieces of one SE and terminal against the stored ones and each other: a backlog comes in any order.
 * RESULT_EXISTS: one of them contradicts. */
static result check_orders(sql_transaction *t, const platform_ruling *rulings, size_t count) {
    size_t first = 0;
    while (rulings[first].refusal)
        first++;
    if (!rulings[first].marks.se[0])
        return RESULT_OK;
    ordering *o = calloc(1, sizeof *o);
    if (!o)
        return RESULT_NO_MEMORY;
    result outcome = read_neighbours(t, rulings, count, o);
    for (size_t i = 0; outcome == RESULT_OK && i < count; i++) {
        if (rulings[i].refusal)
            continue;
        if (!fits(o, &rulings[i].marks))
            outcome = RESULT_EXISTS;
        o->known[o->count++] = rulings[i].marks;
    }
    free(o);
    return outcome;
}

/* --- one by one ------------------------------------------------------------------------------------------------------- */

/* Finds the conflict: the evidence itself is stored already, or one of its marks. */
static result find_conflict(sql_transaction *t, platform_ruling *ruling) {
    const platform_answer *a = &ruling->answer;
    sql_rows rows;
    result outcome = sql_find(
        t, &rows,
        "SELECT CAST(CASE WHEN evidence_id = $1 THEN 0 WHEN challenge = $2 AND"
        " patient_serial = $3 AND patient_issuer = $4 THEN 1 ELSE 2 END AS BIGINT) FROM answer"
        " WHERE evidence_id = $1 OR (challenge = $2 AND patient_serial = $3 AND patient_issuer = $4) OR"
        " (se = $5 AND se_counter = $6) ORDER BY 1 LIMIT 1",
        "ttttti", a->evidence_id, ruling->marks.challenge, a->patient.serial, a->patient.issuer,
        ruling->marks.se[0] ? ruling->marks.se : NULL, ruling->marks.se_counter);
    if (outcome == RESULT_OK) {
        const int64_t what = sql_integer(&rows, 0);
        ruling->known = what == 0;
        ruling->conflict = what == 1   ? PLATFORM_CONFLICT_CHALLENGE
                           : what == 2 ? PLATFORM_CONFLICT_COUNTER
                                       : PLATFORM_CONFLICT_NONE;
    }
    ruling->known |= outcome == RESULT_NOT_FOUND; /* not visible in this transaction: the caller finds out */
    return sql_finish(&rows, outcome == RESULT_NOT_FOUND ? RESULT_OK : outcome);
}

#define ANSWER_VALUES 17
/* Returns the rows that were new. */
static sql_list answer_rows = {
    "INSERT INTO answer VALUES", " ON CONFLICT DO NOTHING RETURNING at", ANSWER_VALUES, 1, {0}};

static void fill_values(const platform_ruling *ruling, sql_value values[ANSWER_VALUES]) {
    const platform_answer *a = &ruling->answer;
    const platform_marks *m = &ruling->marks;
    const sql_value row[ANSWER_VALUES] = {SQL_TEXT(a->evidence_id),
                                          SQL_TEXT(a->content_hash),
                                          SQL_TEXT(a->institution_code),
                                          SQL_TEXT(a->terminal_id),
                                          SQL_TEXT(a->patient.issuer),
                                          SQL_TEXT(a->patient.serial),
                                          SQL_TEXT(a->mode),
                                          SQL_TEXT(a->validity),
                                          SQL_INTEGER(a->at),
                                          SQL_BLOB(ruling->evidence),
                                          SQL_BLOB(ruling->body),
                                          SQL_TEXT(m->challenge),
                                          SQL_TEXT(m->se[0] ? m->se : NULL),
                                          SQL_INTEGER(m->se_counter),
                                          SQL_INTEGER(m->stated_at),
                                          SQL_INTEGER(m->clock_at),
                                          SQL_INTEGER(m->synchronised)};
    memcpy(values, row, sizeof row);
}

static result insert_answer(sql_transaction *t, platform_ruling *ruling) {
    sql_value values[ANSWER_VALUES];
    size_t inserted = 0;
    ruling->known = false;
    ruling->conflict = PLATFORM_CONFLICT_NONE;
    result outcome = check_orders(t, ruling, 1);
    if (outcome == RESULT_EXISTS)
        ruling->conflict = PLATFORM_CONFLICT_ORDER;
    if (outcome != RESULT_OK)
        return outcome == RESULT_EXISTS ? RESULT_OK : outcome;
    fill_values(ruling, values);
    outcome = sql_list_run(t, &answer_rows, values, 1, &inserted);
    return outcome == RESULT_OK && inserted == 0 ? find_conflict(t, ruling) : outcome;
}

/* --- refusals --------------------------------------------------------------------------------------------------------- */

/* Keeps an institution's newest refusals, so that a sender of invalid data displaces only its own. Ids rise with time
 * (RFC 9562 5.7). */
static result trim_refusals(sql_transaction *t, const char *institution_code, int64_t kept) {
    return sql_change(t,
                      "DELETE FROM refusal WHERE institution_code = $1 AND id <= (SELECT id FROM refusal"
                      " WHERE institution_code = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
                      "ti", institution_code, kept);
}

static result insert_refusal(sql_transaction *t, const platform_ruling *ruling) {
    char id[UUID_TEXT_SIZE];
    result outcome = uuid_v7(id);
    return outcome == RESULT_OK ? sql_change(t, "INSERT INTO refusal VALUES ($1, $2, $3, $4, $5)", "tttti", id,
                                             ruling->answer.institution_code, ruling->answer.evidence_id,
                                             ruling->refusal, ruling->answer.at)
                                : outcome;
}

/* A batch comes from one institution. */
static result insert_refusals(sql_transaction *t, const platform_ruling *rulings, size_t count, int64_t kept) {
    result outcome = RESULT_OK;
    const char *last = NULL;
    for (size_t i = 0; outcome == RESULT_OK && i < count; i++) {
        if (!rulings[i].refusal)
            continue;
        outcome = insert_refusal(t, &rulings[i]);
        if (outcome == RESULT_OK && kept > 0 && last && strcmp(last, rulings[i].answer.institution_code) != 0)
            outcome = trim_refusals(t, last, kept);
        last = rulings[i].answer.institution_code;
    }
    return outcome == RESULT_OK && kept > 0 && last ? trim_refusals(t, last, kept) : outcome;
}

/* --- many at once ----------------------------------------------------------------------------------------------------- */

/* Whether all pieces are of one SE and terminal. */
static bool is_of_one_se(const platform_ruling *rulings, size_t count) {
    const platform_ruling *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (rulings[i].refusal)
            continue;
        if (first && (strcmp(first->marks.se, rulings[i].marks.se) != 0 ||
                      strcmp(first->answer.terminal_id, rulings[i].answer.terminal_id) != 0))
            return false;
        first = &rulings[i];
    }
    return first != NULL;
}

static result insert_all(sql_transaction *t, const platform_ruling *rulings, size_t count) {
    sql_value *values = calloc(count * ANSWER_VALUES, sizeof *values);
    size_t filled = 0, inserted = 0;
    result outcome = values ? RESULT_OK : RESULT_NO_MEMORY;
    for (size_t i = 0; values && i < count; i++)
        if (!rulings[i].refusal)
            fill_values(&rulings[i], &values[ANSWER_VALUES * filled++]);
    if (outcome == RESULT_OK)
        outcome = sql_list_run(t, &answer_rows, values, filled, &inserted);
    free(values);
    return outcome == RESULT_OK && inserted < filled ? RESULT_EXISTS : outcome;
}

/* Stores all of them by few statements. RESULT_EXISTS: one is known or in conflict, and nothing was stored. */
static result keep_together(platform_store *store, platform_ruling *rulings, size_t count) {
    sql_transaction t = sql_writing(store->db);
    for (size_t i = 0; i < count; i++) {
        rulings[i].known = false;
        rulings[i].conflict = PLATFORM_CONFLICT_NONE;
    }
    while (sql_run(&t)) {
        t.outcome = check_orders(&t, rulings, count);
        if (t.outcome == RESULT_OK)
            t.outcome = insert_all(&t, rulings, count);
        if (t.outcome == RESULT_OK)
            t.outcome = insert_refusals(&t, rulings, count, store->refusals_kept);
    }
    return t.outcome;
}

static result keep_one_by_one(platform_store *store, platform_ruling *rulings, size_t count) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t)) {
        for (size_t i = 0; t.outcome == RESULT_OK && i < count; i++)
            t.outcome = rulings[i].refusal ? RESULT_OK : insert_answer(&t, &rulings[i]);
        if (t.outcome == RESULT_OK)
            t.outcome = insert_refusals(&t, rulings, count, store->refusals_kept);
    }
    return t.outcome;
}

/* An online answer is one row and needs no reading before. */
static result keep_online(platform_store *store, platform_ruling *ruling) {
    sql_value values[ANSWER_VALUES];
    size_t inserted = 0;
    sql_transaction t = sql_writing_once(store->db);
    ruling->known = false;
    ruling->conflict = PLATFORM_CONFLICT_NONE;
    fill_values(ruling, values);
    while (sql_run(&t)) {
        inserted = 0;
        t.outcome = sql_list_run(&t, &answer_rows, values, 1, &inserted);
    }
    if (t.outcome != RESULT_OK || inserted > 0)
        return t.outcome;
    t = sql_reading_once(store->db);
    while (sql_run(&t))
        t.outcome = find_conflict(&t, ruling);
    return t.outcome;
}

result platform_store_keep(platform_store *store, platform_ruling *rulings, size_t count) {
    if (count == 1 && !rulings[0].refusal && !rulings[0].marks.se[0])
        return keep_online(store, &rulings[0]);
    const bool many = count > 1 && count <= SQL_LIST_LOOKUP && is_of_one_se(rulings, count);
    const result outcome = many ? keep_together(store, rulings, count) : RESULT_EXISTS;
    return outcome == RESULT_EXISTS ? keep_one_by_one(store, rulings, count) : outcome;
}

/* --- found again ------------------------------------------------------------------------------------------------------ */

#define ANSWER_COLUMNS                                                                                                 \
    "evidence_id, content_hash, institution_code, terminal_id, patient_issuer, patient_serial, mode, validity, at"

static void read_answer(const sql_rows *row, platform_answer *out) {
    sql_text(row, 0, out->evidence_id, sizeof out->evidence_id);
    sql_text(row, 1, out->content_hash, sizeof out->content_hash);
    sql_text(row, 2, out->institution_code, sizeof out->institution_code);
    sql_text(row, 3, out->terminal_id, sizeof out->terminal_id);
    sql_text(row, 4, out->patient.issuer, sizeof out->patient.issuer);
    sql_text(row, 5, out->patient.serial, sizeof out->patient.serial);
    sql_text(row, 6, out->mode, sizeof out->mode);
    sql_text(row, 7, out->validity, sizeof out->validity);
    out->at = sql_integer(row, 8);
}

static sql_list found = {"SELECT " ANSWER_COLUMNS ", body FROM answer WHERE evidence_id IN (", ")", 1, 1, {0}};

static result read_answers(sql_transaction *t, const sql_value *ids, size_t number, platform_found *list,
                           size_t count) {
    sql_rows rows;
    bool row = false;
    platform_answer one;
    const char *sql = sql_list_text(&found, number);
    if (!sql)
        return RESULT_NO_MEMORY;
    for (size_t i = 0; i < count; i++) /* it may be the second try */
        list[i].found = false;
    result outcome = sql_query_values(t, &rows, sql, ids, number);
    while (outcome == RESULT_OK && (outcome = sql_step(&rows, &row)) == RESULT_OK && row) {
        read_answer(&rows, &one);
        for (size_t i = 0; outcome == RESULT_OK && i < count; i++) {
            if (strcmp(list[i].evidence_id, one.evidence_id) != 0)
                continue;
            list[i].answer = one;
            list[i].found = true;
            buffer_clear(list[i].body);
            outcome = sql_append(&rows, 9, list[i].body);
        }
    }
    return sql_finish(&rows, outcome);
}

result platform_store_find_answers(platform_store *store, platform_found *list, size_t count) {
    sql_value ids[SQL_LIST_LOOKUP];
    if (count == 0 || count > SQL_LIST_LOOKUP)
        return count == 0 ? RESULT_OK : RESULT_TOO_LONG;
    for (size_t i = 0; i < count; i++)
        ids[i] = SQL_TEXT(list[i].evidence_id);
    const size_t filled = sql_list_fill(ids, 0, count);
    sql_transaction t = sql_reading_once(store->db);
    while (sql_run(&t))
        t.outcome = read_answers(&t, ids, filled, list, count);
    return t.outcome;
}

result platform_store_find_answer(platform_store *store, const char *evidence_id, platform_answer *out, buffer *body) {
    platform_found one = {.evidence_id = evidence_id, .body = body};
    const result outcome = platform_store_find_answers(store, &one, 1);
    *out = one.answer;
    return outcome == RESULT_OK && !one.found ? RESULT_NOT_FOUND : outcome;
}

result platform_store_confirm(platform_store *store, const char *evidence_id) {
    if (!sql_shows_unsafe(store->db))
        return RESULT_OK;
    sql_transaction t = sql_writing_once(store->db);
    while (sql_run(&t)) {
        sql_rows rows;
        t.outcome = sql_find(&t, &rows, "SELECT at FROM answer WHERE evidence_id = $1 FOR UPDATE", "t", evidence_id);
        sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}

result platform_store_list_answers(platform_store *store, platform_answer *out, size_t max, size_t *count) {
    sql_transaction t = sql_reading_once(store->db);
    while (sql_run(&t)) {
        sql_rows rows;
        bool row = false;
        *count = 0;
        t.outcome = sql_query(&t, &rows,
                              "SELECT " ANSWER_COLUMNS " FROM answer ORDER BY at DESC, evidence_id DESC LIMIT $1", "i",
                              (int64_t)max);
        while (t.outcome == RESULT_OK && *count < max && (t.outcome = sql_step(&rows, &row)) == RESULT_OK && row)
            read_answer(&rows, &out[(*count)++]);
        sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}
