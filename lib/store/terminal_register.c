#include "store/terminal_register.h"

#include <string.h>

#define COLUMNS                                                                                                        \
    "certificate_hash, institution_code, terminal_id, se_serial, holder_reference, registered_at, revoked_at"

static void read_entry(const sql_rows *row, terminal_entry *out) {
    sql_text(row, 0, out->certificate_hash, sizeof out->certificate_hash);
    sql_text(row, 1, out->institution_code, sizeof out->institution_code);
    sql_text(row, 2, out->terminal_id, sizeof out->terminal_id);
    sql_text(row, 3, out->se_serial, sizeof out->se_serial);
    sql_text(row, 4, out->holder_reference, sizeof out->holder_reference);
    out->registered_at = sql_integer(row, 5);
    out->revoked_at = sql_integer(row, 6);
}

/* The entry that may work first. */
static result read_terminal(sql_transaction *t, const char *service, const char *institution_code,
                            const char *terminal_id, terminal_entry *out) {
    sql_rows rows;
    result outcome = sql_find(t, &rows,
                              "SELECT " COLUMNS " FROM terminal WHERE service = $1 AND institution_code = $2"
                              " AND terminal_id = $3"
                              " ORDER BY CASE WHEN revoked_at = 0 THEN 0 ELSE 1 END, revoked_at DESC LIMIT 1",
                              "ttt", service, institution_code, terminal_id);
    if (outcome == RESULT_OK)
        read_entry(&rows, out);
    return sql_finish(&rows, outcome);
}

static result read_se(sql_transaction *t, const char *service, const char *certificate_hash, terminal_entry *out,
                      buffer *receipt, buffer *signature) {
    sql_rows rows;
    result outcome = sql_find(t, &rows,
                              "SELECT " COLUMNS ", receipt, signature FROM terminal"
                              " WHERE service = $1 AND certificate_hash = $2",
                              "tt", service, certificate_hash);
    if (outcome == RESULT_OK)
        read_entry(&rows, out);
    if (outcome == RESULT_OK && receipt)
        outcome = sql_append(&rows, 7, receipt);
    if (outcome == RESULT_OK && signature)
        outcome = sql_append(&rows, 8, signature);
    return sql_finish(&rows, outcome);
}

/* RESULT_EXISTS while another SE works for the terminal. */
static result check_free(sql_transaction *t, const char *service, const terminal_entry *wanted) {
    terminal_entry other;
    result outcome = read_terminal(t, service, wanted->institution_code, wanted->terminal_id, &other);
    if (outcome == RESULT_NOT_FOUND)
        return RESULT_OK;
    if (outcome != RESULT_OK)
        return outcome;
    return other.revoked_at == 0 && strcmp(other.certificate_hash, wanted->certificate_hash) != 0 ? RESULT_EXISTS
                                                                                                  : RESULT_OK;
}

result terminal_register_add(terminal_register *r, const terminal_entry *e, bytes report, bytes receipt,
                             bytes signature) {
    sql_transaction t = sql_writing(r->db);
    while (sql_run(&t)) {
        t.outcome = check_free(&t, r->service, e);
        if (t.outcome == RESULT_OK)
            t.outcome = sql_change(&t, "INSERT INTO terminal VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                                   "ttttttiibbb", r->service, e->certificate_hash, e->institution_code, e->terminal_id,
                                   e->se_serial, e->holder_reference, e->registered_at, e->revoked_at, report, receipt,
                                   signature);
    }
    return t.outcome;
}

result terminal_register_find(terminal_register *r, const char *certificate_hash, terminal_entry *out, buffer *receipt,
                              buffer *signature) {
    sql_transaction t = sql_reading(r->db);
    size_t receipt_before = receipt ? receipt->length : 0, signature_before = signature ? signature->length : 0;
    while (sql_run(&t)) {
        if (receipt)
            buffer_truncate(receipt, receipt_before);
        if (signature)
            buffer_truncate(signature, signature_before);
        t.outcome = read_se(&t, r->service, certificate_hash, out, receipt, signature);
    }
    return t.outcome;
}

result terminal_register_confirm(terminal_register *r, const char *certificate_hash) {
    if (!sql_shows_unsafe(r->db))
        return RESULT_OK;
    sql_transaction t = sql_writing(r->db);
    while (sql_run(&t)) {
        sql_rows rows;
        t.outcome = sql_find(&t, &rows,
                             "SELECT registered_at FROM terminal WHERE service = $1 AND certificate_hash = $2 FOR UPDATE",
                             "tt", r->service, certificate_hash);
        sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}

result terminal_register_find_terminal(terminal_register *r, const char *institution_code, const char *terminal_id,
                                       terminal_entry *out) {
    sql_transaction t = sql_reading(r->db);
    while (sql_run(&t))
        t.outcome = read_terminal(&t, r->service, institution_code, terminal_id, out);
    return t.outcome;
}

result terminal_register_set_revoked(terminal_register *r, const char *certificate_hash, int64_t revoked_at) {
    sql_transaction t = sql_writing(r->db);
    while (sql_run(&t)) {
        terminal_entry entry;
        t.outcome = read_se(&t, r->service, certificate_hash, &entry, NULL, NULL);
        if (t.outcome == RESULT_OK && revoked_at == 0)
            t.outcome = check_free(&t, r->service, &entry);
        if (t.outcome == RESULT_OK)
            t.outcome = sql_change(&t, "UPDATE terminal SET revoked_at = $1 WHERE service = $2 AND certificate_hash = $3",
                                   "itt", revoked_at, r->service, certificate_hash);
    }
    return t.outcome;
}

result terminal_register_list(terminal_register *r, terminal_entry *out, size_t most, size_t *count) {
    sql_transaction t = sql_reading(r->db);
    while (sql_run(&t)) {
        sql_rows rows;
        bool row = false;
        *count = 0;
        t.outcome = sql_query(&t, &rows,
                              "SELECT " COLUMNS " FROM terminal WHERE service = $1"
                              " ORDER BY institution_code, terminal_id, registered_at LIMIT $2",
                              "ti", r->service, (int64_t)most);
        while (t.outcome == RESULT_OK && *count < most && (t.outcome = sql_step(&rows, &row)) == RESULT_OK && row)
            read_entry(&rows, &out[(*count)++]);
        sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}
