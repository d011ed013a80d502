/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "store/terminal_register.h"

#include "base/copy_text.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS                                                                                                        \
    "certificate_hash, institution_code, terminal_id, se_serial, holder_reference, tls_key, shared, registered_at,"    \
    " revoked_at"
#define COLUMN_RECEIPT 9

static void read_entry(const sql_rows *row, terminal_entry *out) {
    sql_text(row, 0, out->certificate_hash, sizeof out->certificate_hash);
    sql_text(row, 1, out->institution_code, sizeof out->institution_code);
    sql_text(row, 2, out->terminal_id, sizeof out->terminal_id);
    sql_text(row, 3, out->se_serial, sizeof out->se_serial);
    sql_text(row, 4, out->holder_reference, sizeof out->holder_reference);
    sql_text(row, 5, out->tls_key, sizeof out->tls_key);
    out->shared = sql_integer(row, 6) != 0;
    out->registered_at = sql_integer(row, 7);
    out->revoked_at = sql_integer(row, 8);
}

static result finish_entry(sql_rows *rows, result outcome, terminal_entry *out) {
    if (outcome == RESULT_OK)
        read_entry(rows, out);
    return sql_finish(rows, outcome);
}

static result read_terminal(sql_transaction *t, const char *service, const terminal_entry *asked, terminal_entry *out) {
    sql_rows rows;
    result outcome = sql_find(t, &rows,
                              "SELECT " COLUMNS " FROM registration WHERE service = $1 AND institution_code = $2"
                              " AND terminal_id = $3 ORDER BY CASE WHEN tls_key = $4 THEN 0 ELSE 1 END,"
                              " CASE WHEN revoked_at = 0 THEN 0 ELSE 1 END, revoked_at DESC LIMIT 1",
                              "tttt", service, asked->institution_code, asked->terminal_id, asked->tls_key);
    return finish_entry(&rows, outcome, out);
}

static result read_se(sql_transaction *t, const char *service, const char *certificate_hash, const char *terminal_id,
                      terminal_entry *out, buffer *receipt, buffer *signature) {
    sql_rows rows;
    result outcome = sql_find(t, &rows,
                              "SELECT " COLUMNS ", receipt, signature FROM registration"
                              " WHERE service = $1 AND certificate_hash = $2"
                              " ORDER BY CASE WHEN terminal_id = $3 THEN 0 ELSE 1 END LIMIT 1",
                              "ttt", service, certificate_hash, terminal_id);
    if (outcome == RESULT_OK)
        read_entry(&rows, out);
    if (outcome == RESULT_OK && receipt)
        outcome = sql_append(&rows, COLUMN_RECEIPT, receipt);
    if (outcome == RESULT_OK && signature)
        outcome = sql_append(&rows, COLUMN_RECEIPT + 1, signature);
    return sql_finish(&rows, outcome);
}

/* RESULT_EXISTS while another SE works for the terminal. */
static result check_free(sql_transaction *t, const char *service, const terminal_entry *wanted) {
    sql_rows rows;
    result outcome = sql_find(t, &rows,
                              "SELECT certificate_hash FROM registration WHERE service = $1 AND institution_code = $2"
                              " AND terminal_id = $3 AND revoked_at = 0 AND certificate_hash <> $4 LIMIT 1",
                              "tttt", service, wanted->institution_code, wanted->terminal_id, wanted->certificate_hash);
    sql_finish(&rows, outcome);
    return outcome == RESULT_NOT_FOUND ? RESULT_OK : outcome == RESULT_OK ? RESULT_EXISTS : outcome;
}

result terminal_register_add(terminal_register *r, const terminal_entry *e, bytes report, bytes receipt,
                             bytes signature) {
    sql_transaction t = sql_writing(r->db);
    while (sql_run(&t)) {
        t.outcome = check_free(&t, r->service, e);
        if (t.outcome == RESULT_OK)
            t.outcome = sql_change(
                &t, "INSERT INTO registration VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                "tttttttiiibbb", r->service, e->certificate_hash, e->institution_code, e->terminal_id, e->se_serial,
                e->holder_reference, e->tls_key, (int64_t)e->shared, e->registered_at, e->revoked_at, report, receipt,
                signature);
    }
    return t.outcome;
}

result terminal_register_find(terminal_register *r, const char *certificate_hash, const char *terminal_id,
                              terminal_entry *out, buffer *receipt, buffer *signature) {
    sql_transaction t = sql_reading_once(r->db);
    size_t receipt_before = receipt ? receipt->length : 0, signature_before = signature ? signature->length : 0;
    while (sql_run(&t)) {
        if (receipt)
            buffer_truncate(receipt, receipt_before);
        if (signature)
            buffer_truncate(signature, signature_before);
        t.outcome = read_se(&t, r->service, certificate_hash, terminal_id, out, receipt, signature);
    }
    return t.outcome;
}

result terminal_register_confirm(terminal_register *r, const char *certificate_hash) {
    if (!sql_shows_unsafe(r->db))
        return RESULT_OK;
    sql_transaction t = sql_writing_once(r->db);
    while (sql_run(&t)) {
        sql_rows rows;
        t.outcome = sql_find(&t, &rows,
                             "SELECT registered_at FROM registration WHERE service = $1 AND certificate_hash = $2"
                             " FOR UPDATE",
                             "tt", r->service, certificate_hash);
        sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}

result terminal_register_find_terminal(terminal_register *r, const char *institution_code, const char *terminal_id,
                                       const char *tls_key, terminal_entry *out) {
    terminal_entry asked;
    sql_transaction t = sql_reading_once(r->db);
    memset(&asked, 0, sizeof asked);
    COPY_TEXT(asked.institution_code, institution_code);
    COPY_TEXT(asked.terminal_id, terminal_id);
    COPY_TEXT(asked.tls_key, tls_key);
    while (sql_run(&t))
        t.outcome = read_terminal(&t, r->service, &asked, out);
    return t.outcome;
}

result terminal_register_find_key(terminal_register *r, const char *institution_code, const char *tls_key,
                                  terminal_entry *out) {
    sql_transaction t = sql_reading_once(r->db);
    while (sql_run(&t)) {
        sql_rows rows;
        t.outcome = sql_find(&t, &rows,
                             "SELECT " COLUMNS " FROM registration WHERE service = $1 AND tls_key = $2"
                             " AND institution_code = $3 ORDER BY CASE WHEN revoked_at = 0 THEN 1 ELSE 0 END LIMIT 1",
                             "ttt", r->service, tls_key, institution_code);
        finish_entry(&rows, t.outcome, out);
    }
    return t.outcome;
}

result terminal_register_set_key(terminal_register *r, const terminal_entry *e) {
    sql_transaction t = sql_writing_once(r->db);
    while (sql_run(&t))
        t.outcome = sql_change(&t,
                               "UPDATE registration SET tls_key = $1, holder_reference = $2 WHERE service = $3"
                               " AND certificate_hash = $4 AND terminal_id = $5",
                               "ttttt", e->tls_key, e->holder_reference, r->service, e->certificate_hash,
                               e->terminal_id);
    return t.outcome;
}

result terminal_register_set_revoked(terminal_register *r, const terminal_entry *e, int64_t revoked_at) {
    sql_transaction t = sql_writing(r->db);
    while (sql_run(&t)) {
        t.outcome = revoked_at == 0 ? check_free(&t, r->service, e) : RESULT_OK;
        if (t.outcome == RESULT_OK)
            t.outcome = sql_change(&t,
                                   "UPDATE registration SET revoked_at = $1 WHERE service = $2"
                                   " AND certificate_hash = $3 AND terminal_id = $4",
                                   "ittt", revoked_at, r->service, e->certificate_hash, e->terminal_id);
    }
    return t.outcome;
}

result terminal_register_revoke_se(terminal_register *r, const char *se_serial, int64_t revoked_at) {
    sql_transaction t = sql_writing_once(r->db);
    while (sql_run(&t)) {
        int64_t changed = 0;
        t.outcome = sql_change_counted(&t, &changed,
                                       "UPDATE registration SET revoked_at = CASE WHEN revoked_at = 0 THEN $1"
                                       " ELSE revoked_at END WHERE service = $2 AND se_serial = $3",
                                       "itt", revoked_at, r->service, se_serial);
        if (t.outcome == RESULT_OK && changed == 0)
            t.outcome = RESULT_NOT_FOUND;
    }
    return t.outcome;
}

result terminal_register_set_shared(terminal_register *r, const char *certificate_hash, bool shared) {
    sql_transaction t = sql_writing_once(r->db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, "UPDATE registration SET shared = $1 WHERE service = $2 AND certificate_hash = $3",
                               "itt", (int64_t)shared, r->service, certificate_hash);
    return t.outcome;
}

result terminal_register_list(terminal_register *r, terminal_entry *out, size_t max, size_t *count) {
    sql_transaction t = sql_reading_once(r->db);
    while (sql_run(&t)) {
        sql_rows rows;
        bool row = false;
        *count = 0;
        t.outcome = sql_query(&t, &rows,
                              "SELECT " COLUMNS " FROM registration WHERE service = $1"
                              " ORDER BY institution_code, terminal_id, registered_at LIMIT $2",
                              "ti", r->service, (int64_t)max);
        while (t.outcome == RESULT_OK && *count < max && (t.outcome = sql_step(&rows, &row)) == RESULT_OK && row)
            read_entry(&rows, &out[(*count)++]);
        sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}
