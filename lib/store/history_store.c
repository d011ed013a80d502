/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "store/history_store.h"

#include "store/kept_value.h"
#include "store/sql_list.h"

#include <stdlib.h>
#include <string.h>

struct history_store {
    sql_database *db;
    terminal_register terminals;
    int64_t submissions_kept; /* 0: all */
};

static const char *const migrations[] = {
    "CREATE TABLE submission (id TEXT PRIMARY KEY, visit_id TEXT NOT NULL, link_id TEXT NOT NULL,"
    "  institution_code TEXT NOT NULL, terminal_id TEXT NOT NULL, operator_id TEXT NOT NULL, state TEXT NOT NULL,"
    "  reason TEXT NOT NULL, received_at BIGINT NOT NULL, changed_at BIGINT NOT NULL);"
    "CREATE INDEX submission_by_state ON submission (state, id);"
    "CREATE TABLE visit (visit_id TEXT PRIMARY KEY, link_id TEXT NOT NULL, evidence_id TEXT NOT NULL,"
    "  institution_code TEXT NOT NULL, operator_id TEXT NOT NULL, content_hash TEXT NOT NULL,"
    "  registered_at BIGINT NOT NULL, bundle BYTEA NOT NULL, receipt BYTEA NOT NULL, signature BYTEA NOT NULL);"
    "CREATE INDEX visit_by_link ON visit (link_id);",
    TERMINAL_REGISTER_MIGRATION,
    /* Submissions that are not registered, for trimming. */
    "CREATE INDEX IF NOT EXISTS submission_in_vain ON submission (institution_code, id) WHERE state <> 'registered';"
    "CREATE INDEX IF NOT EXISTS submission_by_time ON submission (received_at) WHERE state <> 'registered';",
    TERMINAL_REGISTER_PAIRS_MIGRATION("history"), KEPT_VALUE_MIGRATION, /* for probe */
};

void history_store_close(history_store **store) {
    if (!*store)
        return;
    sql_close(&(*store)->db);
    free(*store);
    *store = NULL;
}

terminal_register *history_store_terminals(history_store *store) {
    return &store->terminals;
}

void history_store_keep_submissions(history_store *store, int64_t max) {
    store->submissions_kept = max;
}

/* Keeps an institution's newest submissions without success, so that a sender of invalid data displaces only its own.
 * Ids rise with time (RFC 9562 5.7). */
static result trim_submissions(sql_transaction *t, const char *institution_code, int64_t kept) {
    return sql_change(t,
                      "DELETE FROM submission WHERE institution_code = $1 AND state <> 'registered' AND id <="
                      " (SELECT id FROM submission WHERE institution_code = $1 AND state <> 'registered'"
                      " ORDER BY id DESC LIMIT 1 OFFSET $2)",
                      "ti", institution_code, kept);
}

result history_store_sweep(history_store *store, int64_t before) {
    sql_transaction t = sql_writing_once(store->db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, "DELETE FROM submission WHERE state <> 'registered' AND received_at < $1", "i",
                               before);
    return t.outcome;
}

#define SUBMISSION_VALUES 10
static sql_list new_submissions = {"INSERT INTO submission VALUES", "", SUBMISSION_VALUES, 1, {0}};
/* Inserts a submission again that was trimmed meanwhile, so that its final state is recorded in any case. */
static sql_list changed_submissions = {
    "INSERT INTO submission VALUES",
    " ON CONFLICT (id) DO UPDATE SET visit_id = excluded.visit_id, link_id = excluded.link_id,"
    " institution_code = excluded.institution_code, terminal_id = excluded.terminal_id,"
    " operator_id = excluded.operator_id, state = excluded.state, reason = excluded.reason,"
    " changed_at = excluded.changed_at",
    SUBMISSION_VALUES,
    1,
    {0}};

static void fill_submission(const history_submission *one, sql_value values[SUBMISSION_VALUES]) {
    const sql_value row[SUBMISSION_VALUES] = {SQL_TEXT(one->id),
                                              SQL_TEXT(one->visit_id),
                                              SQL_TEXT(one->link_id),
                                              SQL_TEXT(one->institution_code),
                                              SQL_TEXT(one->terminal_id),
                                              SQL_TEXT(one->operator_id),
                                              SQL_TEXT(one->state),
                                              SQL_TEXT(one->reason),
                                              SQL_INTEGER(one->received_at),
                                              SQL_INTEGER(one->changed_at)};
    memcpy(values, row, sizeof row);
}

static result write_submissions(sql_transaction *t, sql_list *how, const history_submission *const list[],
                                size_t count) {
    sql_value *values = calloc(count * SUBMISSION_VALUES, sizeof *values);
    if (!values)
        return RESULT_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        fill_submission(list[i], &values[i * SUBMISSION_VALUES]);
    const result outcome = sql_list_run(t, how, values, count, NULL);
    free(values);
    return outcome;
}

result history_store_put_submissions(history_store *store, const history_submission *const list[], size_t count) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t)) {
        t.outcome = write_submissions(&t, &new_submissions, list, count);
        if (t.outcome == RESULT_OK && store->submissions_kept > 0 && count > 0)
            t.outcome = trim_submissions(&t, list[0]->institution_code, store->submissions_kept);
    }
    return t.outcome;
}

result history_store_set_submissions(history_store *store, const history_submission *const list[], size_t count) {
    sql_transaction t = count > 1 ? sql_writing(store->db) : sql_writing_once(store->db);
    while (count > 0 && sql_run(&t))
        t.outcome = write_submissions(&t, &changed_submissions, list, count);
    return t.outcome;
}

/* --- visits ----------------------------------------------------------------------------------------------------------- */

#define VISIT_VALUES 10
/* Returns the rows that were new. */
static sql_list new_visits = {
    "INSERT INTO visit VALUES", " ON CONFLICT DO NOTHING RETURNING registered_at", VISIT_VALUES, 1, {0}};

static void fill_visit(const history_entry *one, sql_value values[VISIT_VALUES]) {
    const history_visit *v = &one->visit;
    const sql_value row[VISIT_VALUES] = {SQL_TEXT(v->visit_id),         SQL_TEXT(v->link_id),
                                         SQL_TEXT(v->evidence_id),      SQL_TEXT(v->institution_code),
                                         SQL_TEXT(v->operator_id),      SQL_TEXT(v->content_hash),
                                         SQL_INTEGER(v->registered_at), SQL_BLOB(one->bundle),
                                         SQL_BLOB(one->receipt),        SQL_BLOB(one->signature)};
    memcpy(values, row, sizeof row);
}

static result write_visits(sql_transaction *t, const history_entry list[], size_t count) {
    sql_value *values = calloc(count * VISIT_VALUES, sizeof *values);
    const history_submission **submissions = calloc(count, sizeof *submissions);
    size_t inserted = 0;
    result outcome = values && submissions ? RESULT_OK : RESULT_NO_MEMORY;
    for (size_t i = 0; outcome == RESULT_OK && i < count; i++) {
        fill_visit(&list[i], &values[i * VISIT_VALUES]);
        submissions[i] = list[i].submission;
    }
    if (outcome == RESULT_OK)
        outcome = sql_list_run(t, &new_visits, values, count, &inserted);
    if (outcome == RESULT_OK && inserted < count)
        outcome = RESULT_EXISTS;
    if (outcome == RESULT_OK)
        outcome = write_submissions(t, &changed_submissions, submissions, count);
    free(values);
    free(submissions);
    return outcome;
}

result history_store_put_visits(history_store *store, const history_entry list[], size_t count) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t))
        t.outcome = write_visits(&t, list, count);
    return t.outcome;
}

static sql_list known_visits = {
    "SELECT visit_id, link_id, evidence_id, institution_code, operator_id, content_hash, registered_at, receipt,"
    " signature FROM visit WHERE visit_id IN (",
    ")",
    1,
    1,
    {0}};

static result read_visit(const sql_rows *row, history_found *out) {
    history_visit *v = &out->visit;
    sql_text(row, 0, v->visit_id, sizeof v->visit_id);
    sql_text(row, 1, v->link_id, sizeof v->link_id);
    sql_text(row, 2, v->evidence_id, sizeof v->evidence_id);
    sql_text(row, 3, v->institution_code, sizeof v->institution_code);
    sql_text(row, 4, v->operator_id, sizeof v->operator_id);
    sql_text(row, 5, v->content_hash, sizeof v->content_hash);
    v->registered_at = sql_integer(row, 6);
    out->found = true;
    buffer_clear(&out->receipt);
    buffer_clear(&out->signature);
    const result outcome = sql_append(row, 7, &out->receipt);
    return outcome == RESULT_OK ? sql_append(row, 8, &out->signature) : outcome;
}

/* The same visit may be looked for twice. */
static result take_visit(const sql_rows *row, history_found list[], size_t count) {
    char visit_id[sizeof list->visit.visit_id];
    result outcome = RESULT_OK;
    sql_text(row, 0, visit_id, sizeof visit_id);
    for (size_t i = 0; outcome == RESULT_OK && i < count; i++)
        if (strcmp(list[i].visit_id, visit_id) == 0)
            outcome = read_visit(row, &list[i]);
    return outcome;
}

static result read_visits(sql_transaction *t, const sql_value *ids, size_t number, history_found list[], size_t count) {
    sql_rows rows;
    bool row = false;
    const char *sql = sql_list_text(&known_visits, number);
    if (!sql)
        return RESULT_NO_MEMORY;
    for (size_t i = 0; i < count; i++) /* it may be the second try */
        list[i].found = false;
    result outcome = sql_query_values(t, &rows, sql, ids, number);
    while (outcome == RESULT_OK && (outcome = sql_step(&rows, &row)) == RESULT_OK && row)
        outcome = take_visit(&rows, list, count);
    return sql_finish(&rows, outcome);
}

_Static_assert(HISTORY_FOUND_MAX <= SQL_LIST_LOOKUP, "what is looked for is one list");

result history_store_find_visits(history_store *store, history_found list[], size_t count) {
    sql_value ids[SQL_LIST_LOOKUP];
    if (count == 0 || count > HISTORY_FOUND_MAX)
        return count == 0 ? RESULT_OK : RESULT_TOO_LONG;
    for (size_t i = 0; i < count; i++)
        ids[i] = SQL_TEXT(list[i].visit_id);
    const size_t filled = sql_list_fill(ids, 0, count);
    sql_transaction t = sql_reading_once(store->db);
    while (sql_run(&t))
        t.outcome = read_visits(&t, ids, filled, list, count);
    return t.outcome;
}

/* --- for people on the server ----------------------------------------------------------------------------------------- */

static void add_count(history_counts *out, const char *state, int64_t count) {
    const struct {
        const char *state;
        int64_t *field;
    } fields[] = {{"received", &out->received},   {"verified", &out->verified}, {"registered", &out->registered},
                  {"duplicate", &out->duplicate}, {"rejected", &out->rejected}, {"visits", &out->visits}};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (strcmp(fields[i].state, state) == 0)
            *fields[i].field = count;
}

result history_store_count(history_store *store, history_counts *out) {
    sql_transaction t = sql_reading_once(store->db);
    while (sql_run(&t)) {
        sql_rows rows;
        bool row = false;
        memset(out, 0, sizeof *out);
        t.outcome = sql_query(&t, &rows,
                              "SELECT state, count(*) FROM submission GROUP BY state UNION ALL"
                              " SELECT 'visits', count(*) FROM visit",
                              "");
        while (t.outcome == RESULT_OK && (t.outcome = sql_step(&rows, &row)) == RESULT_OK && row) {
            char state[12];
            sql_text(&rows, 0, state, sizeof state);
            add_count(out, state, sql_integer(&rows, 1));
        }
        sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}

static void read_submission(const sql_rows *row, history_submission *out) {
    sql_text(row, 0, out->id, sizeof out->id);
    sql_text(row, 1, out->visit_id, sizeof out->visit_id);
    sql_text(row, 2, out->link_id, sizeof out->link_id);
    sql_text(row, 3, out->institution_code, sizeof out->institution_code);
    sql_text(row, 4, out->terminal_id, sizeof out->terminal_id);
    sql_text(row, 5, out->operator_id, sizeof out->operator_id);
    sql_text(row, 6, out->state, sizeof out->state);
    sql_text(row, 7, out->reason, sizeof out->reason);
    out->received_at = sql_integer(row, 8);
    out->changed_at = sql_integer(row, 9);
}

result history_store_list(history_store *store, const char *state, history_submission *out, size_t max, size_t *count) {
    sql_transaction t = sql_reading_once(store->db);
    while (sql_run(&t)) {
        sql_rows rows;
        bool row = false;
        *count = 0;
        t.outcome = sql_query(&t, &rows,
                              "SELECT id, visit_id, link_id, institution_code, terminal_id, operator_id, state, reason,"
                              " received_at, changed_at FROM submission WHERE $1 = '' OR state = $1"
                              " ORDER BY id DESC LIMIT $2",
                              "ti", state, (int64_t)max);
        while (t.outcome == RESULT_OK && *count < max && (t.outcome = sql_step(&rows, &row)) == RESULT_OK && row)
            read_submission(&rows, &out[(*count)++]);
        sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}

bool history_store_accepts(const history_store *store) {
    return sql_accepts(store->db);
}

result history_store_probe(history_store *store) {
    return kept_value_probe(store->db, "history probe");
}

void history_store_set_connections(history_store *store, sql_pool pool) {
    sql_set_connections(store->db, pool);
}

result history_store_open(const char *url, history_store **out) {
    *out = NULL;
    history_store *store = calloc(1, sizeof *store);
    if (!store)
        return RESULT_NO_MEMORY;
    const sql_schema schema = {"history", migrations, sizeof migrations / sizeof migrations[0], 0};
    result outcome = sql_open(url, &schema, &store->db);
    if (outcome != RESULT_OK) {
        free(store);
        return outcome;
    }
    store->terminals = (terminal_register){store->db, "history"};
    *out = store;
    return RESULT_OK;
}
