/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ledger/relay_store_internal.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypt/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
#define USE_COLUMNS "number, at, terminal, key_label, role, about, chain"

/* --- opening ------------------------------------------------------------------------------------------------------ */

static void read_use(const sql_rows *rows, relay_use *out) {
    out->number = sql_integer(rows, 0);
    out->at = sql_integer(rows, 1);
    sql_text(rows, 2, out->terminal, sizeof out->terminal);
    sql_text(rows, 3, out->key, sizeof out->key);
    sql_text(rows, 4, out->role, sizeof out->role);
    sql_text(rows, 5, out->about, sizeof out->about);
    sql_text(rows, 6, out->chain, sizeof out->chain);
}

static result read_last(relay_store *store) {
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t)) {
        sql_rows rows;
        t.outcome = sql_find(&t, &rows, "SELECT " USE_COLUMNS " FROM key_use ORDER BY number DESC LIMIT 1", "");
        if (t.outcome == RESULT_OK)
            read_use(&rows, &store->last);
        t.outcome = sql_finish(&rows, t.outcome);
    }
    return t.outcome == RESULT_NOT_FOUND ? RESULT_OK : t.outcome;
}

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
        code = read_last(store);
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

result relay_store_seen(relay_store *store, const char *id, int64_t at) {
    return CHANGE_ONE(store, "UPDATE terminal SET seen_at = $1 WHERE id = $2", "it", at, id);
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

/* Whether the query has a row; RESULT_NOT_FOUND: it has none. count, unless it is NULL: its first column. */
#define FIND_ONE(store, count, ...)                                                                                    \
    __extension__({                                                                                                    \
        sql_transaction t = sql_reading((store)->db);                                                                  \
        while (sql_run(&t)) {                                                                                          \
            sql_rows rows;                                                                                             \
            int64_t *first = (count);                                                                                  \
            t.outcome = sql_find(&t, &rows, __VA_ARGS__);                                                              \
            if (t.outcome == RESULT_OK && first != NULL)                                                               \
                *first = sql_integer(&rows, 0);                                                                        \
            t.outcome = sql_finish(&rows, t.outcome);                                                                  \
        }                                                                                                              \
        t.outcome;                                                                                                     \
    })

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

/* --- uses --------------------------------------------------------------------------------------------------------- */

/* No field can have a line's end: ids and labels are printable, the rest is hexadecimal. */
static result chain_of(const relay_use *use, const char *before, char chain[RELAY_WORD_SIZE]) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    buffer text = BUFFER_INIT(1024);
    result code = buffer_append_format(&text, "%s\n%lld\n%lld\n%s\n%s\n%s\n%s\n", before, (long long)use->number,
                                       (long long)use->at, use->terminal, use->key, use->role, use->about);
    if (code == RESULT_OK)
        code = crypt_sha256(buffer_bytes(&text), digest);
    if (code == RESULT_OK)
        hex_encode(BYTES(digest), chain, RELAY_WORD_SIZE);
    buffer_wipe(&text);
    return code;
}

static result insert(relay_store *store, const relay_use *uses, size_t count) {
    sql_transaction t = sql_writing(store->db);
    while (sql_run(&t))
        for (size_t i = 0; i < count && t.outcome == RESULT_OK; i++) {
            const relay_use *use = &uses[i];
            t.outcome = sql_change(&t, "INSERT INTO key_use VALUES ($1, $2, $3, $4, $5, $6, $7)", "iittttt",
                                   use->number, use->at, use->terminal, use->key, use->role, use->about, use->chain);
        }
    return t.outcome;
}

/* Each names the one before, which may be one of the same group. */
static void write_uses(void *context, group_entrant *const *all, size_t count) {
    relay_store *store = context;
    relay_use rows[GROUP_COMMIT_MAX];
    const relay_use *before = &store->last;
    result code = RESULT_OK;
    for (size_t i = 0; i < count && code == RESULT_OK; i++) {
        rows[i] = *(const relay_use *)all[i]->row;
        rows[i].number = before->number + 1;
        rows[i].at = clock_wall_s();
        code = chain_of(&rows[i], before->chain, rows[i].chain);
        before = &rows[i];
    }
    if (code == RESULT_OK)
        code = insert(store, rows, count);
    for (size_t i = 0; i < count; i++) {
        all[i]->outcome = code;
        if (code == RESULT_OK)
            *(relay_use *)all[i]->row = rows[i];
    }
    if (code == RESULT_OK)
        store->last = rows[count - 1];
}

result relay_store_add_use(relay_store *store, relay_use *use) {
    return group_commit_add(&store->uses, use, sizeof *use, write_uses, store);
}

result relay_store_count_signatures(relay_store *store, const char *terminal, int64_t *count) {
    return FIND_ONE(store, count, "SELECT count(*) FROM key_use WHERE terminal = $1 AND role <> 'unwrap'", "t",
                    terminal);
}

result relay_store_find_wrapped(relay_store *store, const char *terminal, const char *about) {
    return FIND_ONE(store, NULL, "SELECT 1 FROM key_use WHERE terminal = $1 AND role = 'store' AND about = $2 LIMIT 1",
                    "tt", terminal, about);
}

result relay_store_count_uses(relay_store *store, int64_t *count) {
    return FIND_ONE(store, count, "SELECT count(*) FROM key_use", "");
}

result relay_store_each_use(relay_store *store, relay_use_visit *visit, void *context) {
    sql_transaction t = sql_reading(store->db);
    while (sql_run(&t)) {
        sql_rows rows;
        bool more = false;
        t.outcome = sql_query(&t, &rows, "SELECT " USE_COLUMNS " FROM key_use ORDER BY number", "");
        while (t.outcome == RESULT_OK && (t.outcome = sql_step(&rows, &more)) == RESULT_OK && more) {
            relay_use one;
            read_use(&rows, &one);
            t.outcome = visit(context, &one);
        }
        t.outcome = sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}

typedef struct checking {
    relay_use before;
    int64_t broken;
} checking;

static result check_one(void *context, const relay_use *use) {
    checking *c = context;
    char chain[RELAY_WORD_SIZE] = "";
    c->broken = c->before.number + 1;
    if (use->number != c->broken || chain_of(use, c->before.chain, chain) != RESULT_OK ||
        strcmp(chain, use->chain) != 0)
        return RESULT_BAD_SIGNATURE;
    c->before = *use;
    return RESULT_OK;
}

result relay_store_check_uses(relay_store *store, int64_t *broken) {
    checking c = {{0}, 0};
    const result code = relay_store_each_use(store, check_one, &c);
    *broken = c.broken;
    return code;
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
