/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What all stores have in common, whatever engine keeps the rows: one URL, a schema version with migrations,
 * a pool of connections, transactions that are repeated when they lost a race, statements bound by a short pattern.
 *
 *   sqlite:PATH or PATH            SQLite, embedded
 *   postgresql://... postgres://   PostgreSQL, or an engine that speaks its protocol (libpq), in programs that are
 *                                  linked with it
 *
 * The SQL is plain: parameters $1, $2 ... that first appear in this order (SQLite counts them so, and others are
 * RESULT_INTERNAL), types TEXT, BIGINT and BYTEA, text UUIDs as keys, no triggers, no sequences, no advisory locks. Codes
 * besides those named:
 *   RESULT_UNAVAILABLE  disk or quota full; the server cannot be reached, or the race was lost too often
 *   RESULT_TIMEOUT      another process holds the database for too long, or its server does not answer in time
 *   RESULT_EXISTS       a primary key or unique constraint
 *   RESULT_INVALID      not a database of this kind, or damaged
 *   RESULT_IO, RESULT_NO_MEMORY, RESULT_INTERNAL (a bug: wrong SQL) */
#pragma once

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct sql_database sql_database;

/* A store's tables. migrations[i] brings schema version i to i + 1; never changed once released, only appended to. */
typedef struct sql_schema {
    const char *name; /* several may share one server's database */
    const char *const *migrations;
    size_t count;
    size_t first; /* an older version than this, but of an empty database, is not brought up; 0: each is */
} sql_schema;

/* Makes the database (SQLite: a file with mode 0600), or brings it to today's schema. schema is copied, what it points
 * at must stay. RESULT_UNSUPPORTED: a newer version of the program wrote the database, or the program has no engine for
 * the URL. RESULT_EXPIRED: its schema is older than first; nothing was changed. */
result sql_open(const char *url, const sql_schema *schema, sql_database **out);
/* Sets the maximum number of connections to the database, 1 to SQL_CONNECTIONS_MAX, and the share of each owner of work
 * (0: a quarter); 8 and 2 after opening. An owner gets more than its share only while half of all are free; further
 * callers wait. Call it before other threads use the database. */
#define SQL_CONNECTIONS_MAX 256
typedef struct sql_pool {
    unsigned max, share;
} sql_pool;
void sql_set_connections(sql_database *db, sql_pool pool);
/* Whose work the calling thread does from here on, at every database; "": the program's own, which has no share. Copied,
 * cut at SQL_OWNER_SIZE - 1. */
#define SQL_OWNER_SIZE 32
void sql_work_for(const char *owner);
/* The present owner. */
const char *sql_worker(void);
/* Frees it; NULL is nothing. */
void sql_close(sql_database **db);
/* Whether the URL names a server, whose types are named otherwise than SQLite's. */
bool sql_is_server(const char *url);

/* Whether the database is the one that the migrations make. RESULT_BAD_SIGNATURE: there are other tables, indexes,
 * views or triggers (of a server: other forms of these tables, or triggers, rules or row security on them).
 * RESULT_INVALID: a table of these is damaged, or an index does not agree with it (SQLite), which takes as long as there
 * are rows. */
result sql_check(sql_database *db, const char *const *tables, size_t count);
/* Interrupts the statement in progress, of whatever thread: it returns RESULT_TIMEOUT and changes nothing. Use it
 * before closing the database without waiting. A server's statements have their own time limits: nothing happens. */
void sql_interrupt(sql_database *db);
/* *version changes whenever another connection may have changed the database. An engine that cannot tell changes it at
 * each call. */
result sql_others(sql_database *db, int64_t *version);

/* Removes deleted and replaced data from the files, too: SQLite has overwritten it (secure_delete), and this call
 * empties the write-ahead log. Not inside a transaction. RESULT_UNAVAILABLE: another connection is reading; repeat
 * later. For a server it does nothing: RESULT_OK. */
result sql_forget(sql_database *db);

/* A transaction is a loop whose body may run several times, because an engine may find only at the end that another
 * transaction was faster (SQLSTATE 40001):
 *
 *     sql_transaction t = sql_writing(db);
 *     while (sql_run(&t))
 *         t.outcome = sql_change(&t, "INSERT INTO thing VALUES ($1)", "t", id);
 *     return t.outcome;
 *
 * It is committed when the body left RESULT_OK, else rolled back. Committed means durable, as far as the engine vouches
 * for it: a COMMIT that ends with a warning is RESULT_UNAVAILABLE, and may or may not have been done. All statements of
 * one transaction see one state of the database; so does a transaction of one statement (ONCE), which needs no BEGIN and
 * no COMMIT, and so one way to the server and back instead of three. */
typedef enum sql_work {
    SQL_READS,
    SQL_WRITES,
    SQL_READS_ONCE, /* the body is one statement */
    SQL_WRITES_ONCE,
} sql_work;

typedef struct sql_transaction {
    sql_database *db;
    result outcome;
    sql_work work;
    unsigned tries;
    bool kept; /* the connection is from the pool: its server may have been restarted since */
    struct sql_connection *connection;
} sql_transaction;

/* Whether what a transaction has read may still be lost, because the server shows a COMMIT of its own before its
 * standby has it (a server that was started again does). Before you promise anything that rests on such data, run a
 * writing transaction that touches the row (SELECT ... FOR UPDATE): its COMMIT waits for the standby, and so for
 * everything committed before. */
bool sql_shows_unsafe(const sql_database *db);

/* Whether the last reading and writing transactions succeeded; does not ask the server. */
bool sql_accepts(const sql_database *db);

/* A transaction begins at its first sql_run, where a writing one may wait for another writer. */
sql_transaction sql_reading(sql_database *db);
sql_transaction sql_writing(sql_database *db);
sql_transaction sql_reading_once(sql_database *db);
sql_transaction sql_writing_once(sql_database *db);
/* Whether the body is to run now; when it is not, the transaction is over and t->outcome says how. */
bool sql_run(sql_transaction *t);

/* One letter of pattern per parameter: t const char *, i int64_t, b bytes. They must live until sql_finish. */
typedef struct sql_rows sql_rows;
result sql_query(sql_transaction *t, sql_rows *rows, const char *sql, const char *pattern, ...);
/* The same, and the first row at once; RESULT_NOT_FOUND when there is none. */
result sql_find(sql_transaction *t, sql_rows *rows, const char *sql, const char *pattern, ...);
/* *row: whether there is a row to read now. */
result sql_step(sql_rows *rows, bool *row);
/* The same with parameters in an array, for lists whose length is not known beforehand (store/sql_list.h). */
typedef struct sql_value {
    char kind; /* t, i, b */
    const char *text;
    int64_t integer;
    bytes blob;
} sql_value;
#define SQL_TEXT(value) ((sql_value){.kind = 't', .text = (value)})
#define SQL_INTEGER(value) ((sql_value){.kind = 'i', .integer = (value)})
#define SQL_BLOB(value) ((sql_value){.kind = 'b', .blob = (value)})
result sql_query_values(sql_transaction *t, sql_rows *rows, const char *sql, const sql_value *values, size_t count);
/* After every query and find, also failed ones. Returns so_far. */
result sql_finish(sql_rows *rows, result so_far);

/* One statement without rows; changed, when not NULL, receives how many it touched. */
result sql_change(sql_transaction *t, const char *sql, const char *pattern, ...);
result sql_change_counted(sql_transaction *t, int64_t *changed, const char *sql, const char *pattern, ...);

struct sql_rows {
    struct sql_connection *connection;
    void *cursor; /* the engine's */
};

/* Columns of the current row, from 0. Text is copied, cut at size - 1. */
void sql_text(const sql_rows *rows, int column, char *text, size_t size);
int64_t sql_integer(const sql_rows *rows, int column);
result sql_append(const sql_rows *rows, int column, buffer *out);
/* Whether the column is a text, whole, and without a NUL: SQLite keeps other types in it, too, finds '1' by no X'31',
 * and "1" by no "1<NUL>2". text as sql_text gives it. */
bool sql_word(const sql_rows *rows, int column, char *text, size_t size);
/* Whether the column is an integer. */
bool sql_number(const sql_rows *rows, int column, int64_t *number);
