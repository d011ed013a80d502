/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ledger/relay_store_internal.h"

#include "base/file.h"
#include "base/log.h"

#include <stdlib.h>

static const char *const migrations[] = {
    "CREATE TABLE terminal (id TEXT NOT NULL PRIMARY KEY, tls_key TEXT NOT NULL UNIQUE, admitted_at BIGINT NOT NULL,"
    " ends_at BIGINT NOT NULL, seen_at BIGINT NOT NULL, code TEXT NOT NULL, code_until BIGINT NOT NULL);"
    "CREATE TABLE key_use (number BIGINT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, terminal TEXT NOT NULL,"
    " key_label TEXT NOT NULL, role TEXT NOT NULL, about TEXT NOT NULL, chain TEXT NOT NULL);"
    "CREATE INDEX key_use_terminal ON key_use (terminal, role, about);"
    "CREATE TABLE setting (name TEXT NOT NULL PRIMARY KEY, value BYTEA NOT NULL);",
    "CREATE TABLE outcome (number BIGINT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, terminal TEXT NOT NULL,"
    " service TEXT NOT NULL, subject TEXT NOT NULL, outcome TEXT NOT NULL, way TEXT NOT NULL, answer TEXT NOT NULL,"
    " chain TEXT NOT NULL);"
    "CREATE INDEX outcome_subject ON outcome (service, subject, terminal, number);",
};

#define OUTCOMES_TOGETHER 1000 /* in a group */

/* --- opening ------------------------------------------------------------------------------------------------------ */

static void begin_adding(relay_store *store) {
    pthread_mutex_init(&store->adding, NULL);
    group_commit_begin(&store->uses, &store->adding, GROUP_COMMIT_MAX * sizeof(relay_use));
    group_commit_begin(&store->outcomes, &store->adding, OUTCOMES_TOGETHER);
}

result relay_store_open(const char *folder, relay_store **out) {
    static const sql_schema schema = {
        .name = "relay", .migrations = migrations, .count = sizeof migrations / sizeof *migrations};
    char *path = file_join(folder, "relay.sqlite");
    relay_store *store = *out = calloc(1, sizeof *store);
    result code = path != NULL && store != NULL ? file_make_folders(folder, 0700) : RESULT_NO_MEMORY;
    if (store != NULL)
        begin_adding(store);
    if (code == RESULT_OK)
        code = sql_open(path, &schema, &store->db);
    if (code == RESULT_OK)
        code = relay_store_read_last_use(store);
    if (code == RESULT_OK)
        code = relay_store_read_last_outcome(store);
    if (code != RESULT_OK) {
        log_error("%s: %s. Check [relay] state.", path != NULL ? path : folder, result_text(code));
        relay_store_close(out);
    }
    free(path);
    return code;
}

void relay_store_close(relay_store **store) {
    if (*store == NULL)
        return;
    sql_close(&(*store)->db);
    group_commit_end(&(*store)->uses);
    group_commit_end(&(*store)->outcomes);
    pthread_mutex_destroy(&(*store)->adding);
    free(*store);
    *store = NULL;
}

int64_t relay_store_others(relay_store *store) {
    int64_t version = 0;
    return sql_others(store->db, &version) == RESULT_OK ? version : 0;
}

/* --- terminals ---------------------------------------------------------------------------------------------------- */

result relay_store_admit(relay_store *store, const relay_terminal *one) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t)) {
        int64_t changed = 0;
        t.outcome = sql_change_counted(&t, &changed,
                                       "UPDATE terminal SET tls_key = $1, admitted_at = $2, ends_at = $3 WHERE id = $4",
                                       "tiit", one->key, one->admitted_at, one->ends_at, one->id);
        if (t.outcome == RESULT_OK && changed == 0)
            t.outcome = sql_change(&t, "INSERT INTO terminal VALUES ($1, $2, $3, $4, 0, '', 0)", "ttii", one->id,
                                   one->key, one->admitted_at, one->ends_at);
    }
    return t.outcome;
}

/* One statement about one terminal. RESULT_NOT_FOUND: it touched none. */
#define CHANGE_ONE(store, ...)                                                                                         \
    __extension__({                                                                                                    \
        sql_transaction t = sql_writing((store)->db);                                                                  \
        while (sql_run(&t)) {                                                                                          \
            int64_t changed = 0;                                                                                       \
            t.outcome = sql_change_counted(&t, &changed, __VA_ARGS__);                                                 \
            if (t.outcome == RESULT_OK && changed == 0)                                                                \
                t.outcome = RESULT_NOT_FOUND;                                                                          \
        }                                                                                                              \
        t.outcome;                                                                                                     \
    })

result relay_store_withdraw(relay_store *store, const char *id) {
    return CHANGE_ONE(store, "DELETE FROM terminal WHERE id = $1", "t", id);
}

result relay_store_seen(relay_store *store, const char *id, const char *key, int64_t at) {
    return CHANGE_ONE(store, "UPDATE terminal SET seen_at = $1 WHERE id = $2 AND tls_key = $3", "itt", at, id, key);
}

result relay_store_set_code(relay_store *store, const char *id, const char *hash, int64_t until) {
    return CHANGE_ONE(store, "UPDATE terminal SET code = $1, code_until = $2 WHERE id = $3", "tit", hash, until, id);
}

result relay_store_take_code(relay_store *store, const char *id, const char *hash, int64_t now) {
    const result code = CHANGE_ONE(store,
                                   "UPDATE terminal SET code = '', code_until = 0 WHERE id = $1 AND code = $2 AND"
                                   " code_until > $3",
                                   "tti", id, hash, now);
    return code == RESULT_NOT_FOUND ? RESULT_DENIED : code;
}

result relay_store_find(relay_store *store, const char *id, const char *key) {
    return FIND_ONE(store, NULL, "SELECT 1 FROM terminal WHERE id = $1 AND tls_key = $2", "tt", id, key);
}

static void read_terminal(const sql_rows *rows, relay_terminal *out) {
    sql_text(rows, 0, out->id, sizeof out->id);
    sql_text(rows, 1, out->key, sizeof out->key);
    out->admitted_at = sql_integer(rows, 2);
    out->ends_at = sql_integer(rows, 3);
    out->seen_at = sql_integer(rows, 4);
}

result relay_store_each_terminal(relay_store *store, relay_terminal_visit *visit, void *context) {
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t)) {
        sql_rows rows;
        bool more = false;
        t.outcome = sql_query(&t, &rows, "SELECT id, tls_key, admitted_at, ends_at, seen_at FROM terminal ORDER BY id",
                              "");
        while (t.outcome == RESULT_OK && (t.outcome = sql_step(&rows, &more)) == RESULT_OK && more) {
            relay_terminal one;
            read_terminal(&rows, &one);
            t.outcome = visit(context, &one);
        }
        t.outcome = sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}

/* --- settings ----------------------------------------------------------------------------------------------------- */

result relay_store_setting(relay_store *store, const char *name, buffer *value) {
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t)) {
        sql_rows rows;
        t.outcome = sql_find(&t, &rows, "SELECT value FROM setting WHERE name = $1", "t", name);
        if (t.outcome == RESULT_OK)
            t.outcome = sql_append(&rows, 0, value);
        t.outcome = sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}

result relay_store_set(relay_store *store, const char *name, bytes value) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t)) {
        t.outcome = sql_change(&t, "DELETE FROM setting WHERE name = $1", "t", name);
        if (t.outcome == RESULT_OK)
            t.outcome = sql_change(&t, "INSERT INTO setting VALUES ($1, $2)", "tb", name, value);
    }
    return t.outcome;
}

result relay_store_unset(relay_store *store, const char *name) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, "DELETE FROM setting WHERE name = $1", "t", name);
    return t.outcome;
}
