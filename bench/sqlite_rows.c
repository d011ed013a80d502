/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How many rows a second SQLite makes durable, one a transaction: sqlite_rows FILE SECONDS BYTES. A write-ahead log with
 * synchronous = FULL: each row has a write and an fsync of its own. */
#include "base/clock.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    sqlite3 *db;
    sqlite3_stmt *add;
    long rows = 0;
    if (argc != 4 || sqlite3_open(argv[1], &db) != SQLITE_OK)
        return 2;
    if (sqlite3_exec(db,
                     "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                     "CREATE TABLE IF NOT EXISTS row (number INTEGER PRIMARY KEY, content BLOB NOT NULL)",
                     NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "INSERT INTO row (content) VALUES (zeroblob(?))", -1, &add, NULL) != SQLITE_OK)
        return 1;
    const int64_t begin = clock_monotonic_ms(), end = begin + (int64_t)(strtod(argv[2], NULL) * 1000);
    sqlite3_bind_int(add, 1, atoi(argv[3]));
    for (; clock_monotonic_ms() < end; rows++) {
        if (sqlite3_step(add) != SQLITE_DONE)
            return 1;
        sqlite3_reset(add);
    }
    printf("%.1f\n", (double)rows * 1000 / (double)(clock_monotonic_ms() - begin));
    sqlite3_finalize(add);
    return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
