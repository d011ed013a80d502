/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The SQLite engine's private half: a database file that is opened, brought to today's schema and looked at. */
#pragma once

#include "store/sql_internal.h"

#include <sqlite3.h>

/* Makes the file with mode 0600 if it is not there. Write-ahead log and synchronous FULL: what is committed survives a
 * power cut. Codes of store/sql.h; *out is NULL after failure. */
result sql_sqlite_open(const char *path, const sql_schema *schema, sqlite3 **out);

/* SQLite's code as one of store/sql.h; a failure is logged with what was being done. handle NULL: there is none yet. */
result sql_sqlite_result(sqlite3 *handle, int code, const char *doing);

/* sql_check (store/sql.h). */
result sql_sqlite_check(sqlite3 *handle, const sql_schema *schema, const char *const *tables, size_t count);
