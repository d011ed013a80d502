/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "store/history_store.h"

#include "store/kept_value.h"
#include "store/sql.h"

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
    /* What is not registered: read when it is trimmed. */
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

result history_store_put_submission(history_store *store, const history_submission *one) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t)) {
        t.outcome = sql_change(&t, "INSERT INTO submission VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                               "ttttttttii", one->id, one->visit_id, one->link_id, one->institution_code,
                               one->terminal_id, one->operator_id, one->state, one->reason, one->received_at,
                               one->changed_at);
        if (t.outcome == RESULT_OK && store->submissions_kept > 0)
            t.outcome = trim_submissions(&t, one->institution_code, store->submissions_kept);
    }
    return t.outcome;
}

static result change_submission(sql_transaction *t, const history_submission *one) {
    return sql_change(t,
                      "UPDATE submission SET visit_id = $1, link_id = $2, institution_code = $3, terminal_id = $4,"
                      " operator_id = $5, state = $6, reason = $7, changed_at = $8 WHERE id = $9",
                      "tttttttit", one->visit_id, one->link_id, one->institution_code, one->terminal_id,
                      one->operator_id, one->state, one->reason, one->changed_at, one->id);
}

result history_store_set_submission(history_store *store, const history_submission *one) {
    sql_transaction t = sql_writing_once(store->db);
    while (sql_run(&t))
        t.outcome = change_submission(&t, one);
    return t.outcome;
}

result history_store_put_visit(history_store *store, const history_visit *visit, bytes bundle, bytes receipt,
                               bytes signature, const history_submission *submission) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t)) {
        t.outcome = sql_change(&t, "INSERT INTO visit VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", "ttttttibbb",
                               visit->visit_id, visit->link_id, visit->evidence_id, visit->institution_code,
                               visit->operator_id, visit->content_hash, visit->registered_at, bundle, receipt,
                               signature);
        if (t.outcome == RESULT_OK)
            t.outcome = change_submission(&t, submission);
    }
    return t.outcome;
}

static result read_visit(sql_transaction *t, const char *visit_id, history_visit *out, buffer *receipt,
                         buffer *signature) {
    sql_rows rows;
    result outcome = sql_find(t, &rows,
                              "SELECT visit_id, link_id, evidence_id, institution_code, operator_id, content_hash,"
                              " registered_at, receipt, signature FROM visit WHERE visit_id = $1",
                              "t", visit_id);
    if (outcome == RESULT_OK) {
        sql_text(&rows, 0, out->visit_id, sizeof out->visit_id);
        sql_text(&rows, 1, out->link_id, sizeof out->link_id);
        sql_text(&rows, 2, out->evidence_id, sizeof out->evidence_id);
        sql_text(&rows, 3, out->institution_code, sizeof out->institution_code);
        sql_text(&rows, 4, out->operator_id, sizeof out->operator_id);
        sql_text(&rows, 5, out->content_hash, sizeof out->content_hash);
        out->registered_at = sql_integer(&rows, 6);
        outcome = sql_append(&rows, 7, receipt);
    }
    if (outcome == RESULT_OK)
        outcome = sql_append(&rows, 8, signature);
    return sql_finish(&rows, outcome);
}

result history_store_find_visit(history_store *store, const char *visit_id, history_visit *out, buffer *receipt,
                                buffer *signature) {
    sql_transaction t = sql_reading_once(store->db);
    size_t receipt_before = receipt->length, signature_before = signature->length;
    memset(out, 0, sizeof *out);
    while (sql_run(&t)) {
        buffer_truncate(receipt, receipt_before);
        buffer_truncate(signature, signature_before);
        t.outcome = read_visit(&t, visit_id, out, receipt, signature);
    }
    return t.outcome;
}

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
