/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SQLite behind lib/store/sql.h: statements are compiled once per connection. */
#include "store/sql_sqlite_internal.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATEMENTS_MAX 128

static const char begin_reading[] = "BEGIN", begin_writing[] = "BEGIN IMMEDIATE", commit[] = "COMMIT",
                  roll_back[] = "ROLLBACK";

typedef struct statement {
    const char *sql; /* compared by pointer: every statement is a constant of the program */
    sqlite3_stmt *compiled;
} statement;

typedef struct connection {
    sqlite3 *handle;
    const sql_schema *schema;
    bool once; /* SQLite's own transaction around one statement */
    statement statements[STATEMENTS_MAX];
    size_t count;
} connection;

static void close_connection(void *handle) {
    connection *c = handle;
    for (size_t i = 0; i < c->count; i++)
        sqlite3_finalize(c->statements[i].compiled);
    sqlite3_close(c->handle);
    free(c);
}

static result open_connection(const char *where, const sql_schema *schema, void **out) {
    connection *c = calloc(1, sizeof *c);
    if (!c)
        return RESULT_NO_MEMORY;
    c->schema = schema;
    result outcome = sql_sqlite_open(where, schema, &c->handle);
    if (outcome != RESULT_OK) {
        free(c);
        return outcome;
    }
    *out = c;
    return RESULT_OK;
}

/* Writers queue before they begin, so none of them loses a race. */
static bool lost_race(const void *handle) {
    (void)handle;
    return false;
}

/* SQLite counts parameters as they appear; $2 is a name to it. */
static bool is_in_order(sqlite3_stmt *compiled) {
    char due[16];
    bool good = true;
    for (int i = 1; good && i <= sqlite3_bind_parameter_count(compiled); i++) {
        const char *name = sqlite3_bind_parameter_name(compiled, i);
        snprintf(due, sizeof due, "$%d", i);
        good = name && strcmp(name, due) == 0;
    }
    return good;
}

static result compile(connection *c, const char *sql, sqlite3_stmt **out) {
    for (size_t i = 0; i < c->count; i++)
        if (c->statements[i].sql == sql) {
            *out = c->statements[i].compiled;
            return RESULT_OK;
        }
    if (c->count == STATEMENTS_MAX)
        return RESULT_TOO_LONG;
    result outcome = sql_sqlite_result(c->handle, sqlite3_prepare_v2(c->handle, sql, -1, out, NULL), "preparing");
    if (outcome == RESULT_OK && !is_in_order(*out)) {
        log_error("store: a statement's parameters do not appear in their order: %s", sql);
        sqlite3_finalize(*out);
        outcome = RESULT_INTERNAL;
    }
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
    const int code = sqlite3_step(cursor);
    *row = code == SQLITE_ROW;
    return sql_sqlite_result(sqlite3_db_handle(cursor), code, "stepping");
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
        outcome = step(cursor, &row);
    if (cursor)
        finish(cursor);
    if (changed)
        *changed = sqlite3_changes64(((connection *)handle)->handle);
    return outcome;
}

static bytes column(void *cursor, int number) {
    const void *value = sqlite3_column_blob(cursor, number);
    return bytes_of(value, value ? (size_t)sqlite3_column_bytes(cursor, number) : 0);
}

static int64_t integer(void *cursor, int number) {
    return sqlite3_column_int64(cursor, number);
}

/* SQLite stores any type in any column. */
static char kind(void *cursor, int number) {
    static const char kinds[] = {
        [SQLITE_INTEGER] = 'i', [SQLITE_FLOAT] = 0, [SQLITE_TEXT] = 't', [SQLITE_BLOB] = 'b', [SQLITE_NULL] = 0};
    return kinds[sqlite3_column_type(cursor, number)];
}

static result check(void *handle, const char *const *tables, size_t count) {
    connection *c = handle;
    return sql_sqlite_check(c->handle, c->schema, tables, count);
}

/* PRAGMA data_version: changes whenever another connection has changed the file. */
static result others(void *handle, int64_t *version) {
    void *cursor = NULL;
    bool row = false;
    result outcome = query(handle, "PRAGMA data_version", NULL, 0, &cursor);
    if (outcome == RESULT_OK)
        outcome = step(cursor, &row);
    if (outcome == RESULT_OK)
        *version = row ? integer(cursor, 0) : -1;
    if (cursor != NULL)
        finish(cursor);
    return outcome;
}

static void interrupt(void *handle) {
    sqlite3_interrupt(((connection *)handle)->handle);
}

/* PRAGMA wal_checkpoint returns a row: whether another connection prevented it. */
static result forget(void *handle) {
    void *cursor = NULL;
    bool row = false;
    result outcome = query(handle, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, 0, &cursor);
    if (outcome == RESULT_OK)
        outcome = step(cursor, &row);
    if (outcome == RESULT_OK && (!row || integer(cursor, 0) != 0))
        outcome = RESULT_UNAVAILABLE;
    if (cursor)
        finish(cursor);
    return outcome;
}

/* Compiled once like all statements: every transaction runs two of these. */
static result begin(void *handle, sql_work work) {
    connection *c = handle;
    c->once = sql_is_once(work);
    return c->once ? RESULT_OK : change(handle, work == SQL_READS ? begin_reading : begin_writing, NULL, 0, NULL);
}

static result end(void *handle, result so_far) {
    connection *c = handle;
    if (so_far == RESULT_OK && !c->once)
        so_far = change(c, commit, NULL, 0, NULL);
    /* SQLite has rolled back by itself after a full disk; then there is no transaction left. */
    if (so_far != RESULT_OK && !sqlite3_get_autocommit(c->handle))
        change(c, roll_back, NULL, 0, NULL);
    return so_far;
}

/* clang-format off */
const sql_engine sql_engine_sqlite = {
    .one_writer = true, .open = open_connection, .close = close_connection, .begin = begin, .end = end,
    .lost_race = lost_race, .change = change, .query = query, .step = step, .finish = finish, .column = column,
    .integer = integer, .kind = kind, .check = check, .others = others,
    .forget = forget, .interrupt = interrupt,
};
/* clang-format on */
