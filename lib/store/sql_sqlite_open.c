/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SQLite: opens the file, migrates its schema, and checks that it is still as this program made it. */
#include "store/sql_sqlite_internal.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_TIMEOUT_MS 5000

static const struct {
    int code;
    result outcome;
} outcomes[] = {
    {SQLITE_OK, RESULT_OK},
    {SQLITE_ROW, RESULT_OK},
    {SQLITE_DONE, RESULT_OK},
    {SQLITE_FULL, RESULT_UNAVAILABLE},
    {SQLITE_BUSY, RESULT_TIMEOUT},
    {SQLITE_LOCKED, RESULT_TIMEOUT},
    {SQLITE_INTERRUPT, RESULT_TIMEOUT},
    {SQLITE_CONSTRAINT, RESULT_EXISTS},
    {SQLITE_CORRUPT, RESULT_INVALID},
    {SQLITE_NOTADB, RESULT_INVALID},
    {SQLITE_NOMEM, RESULT_NO_MEMORY},
    {SQLITE_TOOBIG, RESULT_TOO_LONG},
    {SQLITE_ERROR, RESULT_INTERNAL},
    {SQLITE_MISUSE, RESULT_INTERNAL},
    {SQLITE_RANGE, RESULT_INTERNAL},
};

result sql_sqlite_result(sqlite3 *handle, int code, const char *doing) {
    result outcome = RESULT_IO;
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        if ((code & 0xFF) == outcomes[i].code)
            outcome = outcomes[i].outcome;
    /* The log's index is made by writing zeros: that SQLite reports a full disk there as an I/O error, as of 3.40. */
    const int cause = outcome == RESULT_IO && handle != NULL ? sqlite3_system_errno(handle) : 0;
    if (cause == ENOSPC || cause == EDQUOT)
        outcome = RESULT_UNAVAILABLE;
    if (outcome != RESULT_OK && outcome != RESULT_EXISTS && (code & 0xFF) != SQLITE_INTERRUPT)
        log_error("store: %s: %s%s", doing, handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code),
                  outcome == RESULT_UNAVAILABLE ? ". Free space on the disk" : "");
    return outcome;
}

static result execute(sqlite3 *handle, const char *sql) {
    return sql_sqlite_result(handle, sqlite3_exec(handle, sql, NULL, NULL, NULL), "executing");
}

/* --- schema ------------------------------------------------------------------------------------------------------- */

static result schema_version(sqlite3 *handle, int64_t *version) {
    sqlite3_stmt *rows = NULL;
    int code = sqlite3_prepare_v2(handle, "PRAGMA user_version", -1, &rows, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(rows);
    *version = code == SQLITE_ROW ? sqlite3_column_int64(rows, 0) : 0;
    const result outcome = sql_sqlite_result(handle, code, "reading the schema's version");
    sqlite3_finalize(rows);
    return outcome;
}

/* Checks the version before any change, so that the program that wrote the file can still be used. */
static result check_version(sqlite3 *handle, const sql_schema *schema) {
    int64_t version = 0;
    const result outcome = schema_version(handle, &version);
    if (outcome != RESULT_OK)
        return outcome;
    if (version > 0 && (size_t)version < schema->first)
        return RESULT_EXPIRED;
    if (version >= 0 && (size_t)version <= schema->count)
        return RESULT_OK;
    log_error("store: schema version %lld is newer than this program. Install the newer program.", (long long)version);
    return RESULT_UNSUPPORTED;
}

static result run_migrations(sqlite3 *handle, const sql_schema *schema) {
    int64_t version = 0;
    char pragma[48];
    result outcome = check_version(handle, schema);
    if (outcome == RESULT_OK)
        outcome = schema_version(handle, &version);
    for (size_t step = (size_t)version; outcome == RESULT_OK && step < schema->count; step++)
        outcome = execute(handle, schema->migrations[step]);
    snprintf(pragma, sizeof pragma, "PRAGMA user_version = %zu", schema->count);
    return outcome == RESULT_OK && (size_t)version != schema->count ? execute(handle, pragma) : outcome;
}

/* All steps in one transaction: a migration that fails or is killed leaves the old version. */
static result migrate(sqlite3 *handle, const sql_schema *schema) {
    result outcome = execute(handle, "BEGIN IMMEDIATE");
    if (outcome != RESULT_OK)
        return outcome;
    outcome = run_migrations(handle, schema);
    if (outcome == RESULT_OK)
        outcome = execute(handle, "COMMIT");
    if (outcome != RESULT_OK && !sqlite3_get_autocommit(handle))
        execute(handle, "ROLLBACK");
    return outcome;
}

/* --- file --------------------------------------------------------------------------------------------------------- */

/* A restored copy may have another mode: sets it to private, instead of refusing work at the counter. */
static void close_to_others(const char *path) {
    struct stat seen;
    if (stat(path, &seen) == 0 && S_ISREG(seen.st_mode) && (seen.st_mode & (S_IRWXG | S_IRWXO)) != 0 &&
        chmod(path, 0600) == 0)
        log_warning("store: other users could read %s; its mode is 0600 again", path);
}

/* SQLite gives its journal and log the mode of the database file. An existing file is never opened here: closing it
 * would drop the locks of every other connection of this process (fcntl(2)), and another process that closes the
 * database would take itself for the last one and delete the log that is in use. */
static result create_private(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST) {
        log_error("store: cannot open %s: %m", path);
        return RESULT_IO;
    }
    if (fd >= 0)
        close(fd);
    else
        close_to_others(path);
    return RESULT_OK;
}

static result set_up(sqlite3 *handle, const sql_schema *schema) {
    result outcome = sql_sqlite_result(handle, sqlite3_busy_timeout(handle, BUSY_TIMEOUT_MS), "setting the time-out");
    if (outcome == RESULT_OK)
        outcome = check_version(handle, schema);
    if (outcome == RESULT_OK)
        outcome = execute(handle, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                                  "PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;");
    return outcome == RESULT_OK ? migrate(handle, schema) : outcome;
}

result sql_sqlite_open(const char *path, const sql_schema *schema, sqlite3 **out) {
    *out = NULL;
    result outcome = create_private(path);
    if (outcome == RESULT_OK)
        outcome = sql_sqlite_result(
            NULL, sqlite3_open_v2(path, out, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL), path);
    if (outcome == RESULT_OK)
        outcome = set_up(*out, schema);
    if (outcome != RESULT_OK) {
        sqlite3_close(*out);
        *out = NULL;
    }
    return outcome;
}

/* --- whether it is still this program's --------------------------------------------------------------------------- */

#define SCHEMA_MAX 16384
/* The name of what an index belongs to is part of its text. */
#define SCHEMA_SQL                                                                                                     \
    "SELECT type || ' ' || name || ' ' || coalesce(sql, '') || ';' FROM sqlite_schema ORDER BY type, name"

static result append_rows(sqlite3 *handle, const char *sql, buffer *out) {
    sqlite3_stmt *rows = NULL;
    if (sqlite3_prepare_v2(handle, sql, -1, &rows, NULL) != SQLITE_OK)
        return RESULT_INVALID;
    int step = SQLITE_ROW;
    result outcome = RESULT_OK;
    while (outcome == RESULT_OK && (step = sqlite3_step(rows)) == SQLITE_ROW)
        outcome = buffer_append(out, bytes_of(sqlite3_column_blob(rows, 0), (size_t)sqlite3_column_bytes(rows, 0)));
    if (outcome == RESULT_OK)
        outcome = sql_sqlite_result(handle, step, "checking");
    sqlite3_finalize(rows);
    return outcome;
}

static result expected_schema(const sql_schema *schema, buffer *out) {
    sqlite3 *fresh = NULL;
    result outcome = sqlite3_open_v2(":memory:", &fresh, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, NULL) == SQLITE_OK
                         ? RESULT_OK
                         : RESULT_NO_MEMORY;
    for (size_t i = 0; outcome == RESULT_OK && i < schema->count; i++)
        outcome = execute(fresh, schema->migrations[i]);
    if (outcome == RESULT_OK)
        outcome = append_rows(fresh, SCHEMA_SQL, out);
    sqlite3_close(fresh);
    return outcome;
}

/* An index with missing rows would hide them. */
static result check_table(sqlite3 *handle, const char *table) {
    char sql[96];
    buffer found = BUFFER_INIT(SCHEMA_MAX);
    snprintf(sql, sizeof sql, "PRAGMA integrity_check(%s)", table);
    result outcome = append_rows(handle, sql, &found);
    if (outcome == RESULT_OK && !bytes_equal(buffer_bytes(&found), bytes_of("ok", 2)))
        outcome = RESULT_INVALID;
    buffer_wipe(&found);
    return outcome == RESULT_TOO_LONG ? RESULT_BAD_SIGNATURE : outcome;
}

result sql_sqlite_check(sqlite3 *handle, const sql_schema *schema, const char *const *tables, size_t count) {
    buffer wanted = BUFFER_INIT(SCHEMA_MAX), found = BUFFER_INIT(SCHEMA_MAX);
    result outcome = expected_schema(schema, &wanted);
    if (outcome == RESULT_OK)
        outcome = append_rows(handle, SCHEMA_SQL, &found);
    if (outcome == RESULT_TOO_LONG ||
        (outcome == RESULT_OK && !bytes_equal(buffer_bytes(&wanted), buffer_bytes(&found))))
        outcome = RESULT_BAD_SIGNATURE;
    for (size_t i = 0; outcome == RESULT_OK && i < count; i++)
        outcome = check_table(handle, tables[i]);
    buffer_wipe(&wanted);
    buffer_wipe(&found);
    return outcome;
}
