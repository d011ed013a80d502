/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SQLite behind lib/store/sql.h: lib/store/sqlite.c opens and migrates; statements are compiled once per connection. */
#include "store/sql_internal.h"
#include "store/sqlite.h"

#include <stdlib.h>

#define STATEMENTS_MAX 48

static const char begin_reading[] = "BEGIN", begin_writing[] = "BEGIN IMMEDIATE", commit[] = "COMMIT",
                  roll_back[] = "ROLLBACK";

typedef struct statement {
    const char *sql; /* compared by pointer: every statement is a constant of the program */
    sqlite3_stmt *compiled;
} statement;

typedef struct connection {
    database *db;
    statement statements[STATEMENTS_MAX];
    size_t count;
} connection;

static void close_connection(void *handle) {
    connection *c = handle;
    for (size_t i = 0; i < c->count; i++)
        sqlite3_finalize(c->statements[i].compiled);
    database_close(&c->db);
    free(c);
}

static result open_connection(const char *where, const sql_schema *schema, void **out) {
    connection *c = calloc(1, sizeof *c);
    if (!c)
        return RESULT_NO_MEMORY;
    result outcome = database_open(where, schema->migrations, schema->count, &c->db);
    if (outcome != RESULT_OK) {
        free(c);
        return outcome;
    }
    *out = c;
    return RESULT_OK;
}

/* Writers queue before they begin: nobody loses. */
static bool lost_race(const void *handle) {
    (void)handle;
    return false;
}

static result compile(connection *c, const char *sql, sqlite3_stmt **out) {
    for (size_t i = 0; i < c->count; i++)
        if (c->statements[i].sql == sql) {
            *out = c->statements[i].compiled;
            return RESULT_OK;
        }
    if (c->count == STATEMENTS_MAX)
        return RESULT_TOO_LONG;
    result outcome = database_query(c->db, out, sql, "");
    if (outcome == RESULT_OK)
        c->statements[c->count++] = (statement){sql, *out};
    return outcome;
}

static int bind(sqlite3_stmt *compiled, int position, const sql_value *value) {
    if (value->kind == 't')
        return sqlite3_bind_text(compiled, position, value->text, -1, SQLITE_STATIC);
    if (value->kind == 'i')
        return sqlite3_bind_int64(compiled, position, value->integer);
    return sqlite3_bind_blob64(compiled, position, value->blob.length ? (const void *)value->blob.data : "",
                               value->blob.length, SQLITE_STATIC);
}

static result query(void *handle, const char *sql, const sql_value *values, size_t count, void **cursor) {
    sqlite3_stmt *compiled = NULL;
    result outcome = compile(handle, sql, &compiled);
    for (size_t i = 0; outcome == RESULT_OK && i < count; i++)
        if (bind(compiled, (int)i + 1, &values[i]) != SQLITE_OK)
            outcome = RESULT_INTERNAL;
    if (outcome == RESULT_OK)
        *cursor = compiled;
    return outcome;
}

static result step(void *cursor, bool *row) {
    return database_step(cursor, row);
}

/* Bound texts end with the caller: unbound before that. */
static void finish(void *cursor) {
    sqlite3_reset(cursor);
    sqlite3_clear_bindings(cursor);
}

static result change(void *handle, const char *sql, const sql_value *values, size_t count, int64_t *changed) {
    void *cursor = NULL;
    bool row;
    result outcome = query(handle, sql, values, count, &cursor);
    if (outcome == RESULT_OK)
        outcome = database_step(cursor, &row);
    if (cursor)
        finish(cursor);
    if (changed)
        *changed = database_changed(((connection *)handle)->db);
    return outcome;
}

static bytes column(void *cursor, int number) {
    const void *value = sqlite3_column_blob(cursor, number);
    return bytes_of(value, value ? (size_t)sqlite3_column_bytes(cursor, number) : 0);
}

static int64_t integer(void *cursor, int number) {
    return sqlite3_column_int64(cursor, number);
}

/* Compiled once, like all others: two of these belong to every transaction, and most are short. */
static result begin(void *handle, sql_work work) {
    return change(handle, work == SQL_READS ? begin_reading : begin_writing, NULL, 0, NULL);
}

static result end(void *handle, result so_far) {
    connection *c = handle;
    if (so_far == RESULT_OK)
        so_far = change(c, commit, NULL, 0, NULL);
    /* SQLite has rolled back by itself after a full disk; then there is no transaction left. */
    if (so_far != RESULT_OK && database_in_transaction(c->db))
        change(c, roll_back, NULL, 0, NULL);
    return so_far;
}

/* clang-format off */
const sql_engine sql_engine_sqlite = {
    .one_writer = true, .open = open_connection, .close = close_connection, .begin = begin, .end = end,
    .lost_race = lost_race, .change = change, .query = query, .step = step, .finish = finish, .column = column,
    .integer = integer,
};
/* clang-format on */
