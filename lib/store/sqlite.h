/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What every SQLite store of ours has in common: durable settings, a schema version with migrations, statements bound
 * by a short pattern, transactions, and SQLite's codes as results.
 *
 * One connection, guarded by one lock: database_begin takes it, database_end gives it back. A store function is
 * therefore either one database_begin ... database_end or one database_run. Errors of the disk:
 *   RESULT_UNAVAILABLE  the disk or the quota is full (SQLITE_FULL)
 *   RESULT_TIMEOUT      another process holds the database for longer than the busy time-out
 *   RESULT_EXISTS       a primary key or unique constraint
 *   RESULT_INVALID      not a database of this kind, or damaged
 *   RESULT_IO, RESULT_NO_MEMORY, RESULT_INTERNAL (a bug: wrong SQL) */
#pragma once

#include "base/buffer.h"

#include <sqlite3.h>
#include <stdbool.h>

typedef struct database database;

/* migrations[i] is SQL that brings schema version i to i + 1; never changed once released, only appended to. Opens with
 * write-ahead log and synchronous FULL: what is committed survives a power cut. The file gets mode 0600.
 * RESULT_UNSUPPORTED: the file was written by a newer version of the program. */
result database_open(const char *path, const char *const *migrations, size_t count, database **out);
void database_close(database **db);

/* Takes the lock and begins a transaction that will write. After RESULT_OK exactly one database_end must follow. */
result database_begin(database *db);
/* For reading outside a transaction, by the thread that opened it. */
sqlite3 *database_handle(database *db);
/* For those who begin and end by statements of their own. */
bool database_in_transaction(const database *db);
/* Commits when so_far is RESULT_OK, else rolls back. Returns so_far or the failure of the commit. */
result database_end(database *db, result so_far);

/* Prepares and binds. One letter of pattern per parameter: t const char * (NULL binds NULL), b bytes, i int64_t. The
 * caller finalizes *out with sqlite3_finalize. The lock must be held (database_begin). */
result database_query(database *db, sqlite3_stmt **out, const char *sql, const char *pattern, ...);
/* *row: whether there is a row to read now. */
result database_step(sqlite3_stmt *statement, bool *row);

/* One statement without rows, inside a transaction. */
result database_change(database *db, const char *sql, const char *pattern, ...);
/* One statement without rows, as a transaction of its own. */
result database_run(database *db, const char *sql, const char *pattern, ...);
/* Rows that the last statement changed. The lock must be held. */
int database_changed(database *db);

/* Columns of the current row. Text is copied, cut at size - 1; "" for NULL. */
void database_column_text(sqlite3_stmt *statement, int column, char *text, size_t size);
/* Appends a text or blob column. */
result database_column_append(sqlite3_stmt *statement, int column, buffer *out);
