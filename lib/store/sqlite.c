/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "store/sqlite.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_TIMEOUT_MS 5000

struct database {
    sqlite3 *handle;
    pthread_mutex_t lock;
};

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
    {SQLITE_CONSTRAINT, RESULT_EXISTS},
    {SQLITE_CORRUPT, RESULT_INVALID},
    {SQLITE_NOTADB, RESULT_INVALID},
    {SQLITE_NOMEM, RESULT_NO_MEMORY},
    {SQLITE_TOOBIG, RESULT_TOO_LONG},
    {SQLITE_ERROR, RESULT_INTERNAL},
    {SQLITE_MISUSE, RESULT_INTERNAL},
    {SQLITE_RANGE, RESULT_INTERNAL},
};

static result outcome_of(sqlite3 *handle, int code, const char *doing) {
    result outcome = RESULT_IO;
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        if ((code & 0xFF) == outcomes[i].code)
            outcome = outcomes[i].outcome;
    /* SQLite makes the log's index by writing zeros, and reports a full disk there as an I/O error, as of 3.40. */
    const int cause = outcome == RESULT_IO && handle != NULL ? sqlite3_system_errno(handle) : 0;
    if (cause == ENOSPC || cause == EDQUOT)
        outcome = RESULT_UNAVAILABLE;
    if (outcome != RESULT_OK && outcome != RESULT_EXISTS)
        log_error("store: %s: %s%s", doing, handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code),
                  outcome == RESULT_UNAVAILABLE ? ". Free space on the disk" : "");
    return outcome;
}

static result execute(database *db, const char *sql) {
    int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return outcome_of(db->handle, code, "executing");
}

result database_step(sqlite3_stmt *statement, bool *row) {
    int code = sqlite3_step(statement);
    *row = code == SQLITE_ROW;
    return outcome_of(sqlite3_db_handle(statement), code, "stepping");
}

static result schema_version(database *db, int64_t *version) {
    sqlite3_stmt *statement;
    bool row = false;
    result outcome = database_query(db, &statement, "PRAGMA user_version", "");
    if (outcome != RESULT_OK)
        return outcome;
    outcome = database_step(statement, &row);
    *version = row ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return outcome;
}

/* All steps in one transaction: a migration that fails or is killed leaves the old version. */
static result migrate(database *db, const char *const *migrations, size_t count) {
    int64_t version = 0;
    char pragma[48];
    result outcome = database_begin(db);
    if (outcome != RESULT_OK)
        return outcome;
    outcome = schema_version(db, &version);
    if (outcome == RESULT_OK && (version < 0 || (size_t)version > count)) {
        log_error("store: schema version %lld is newer than this program. Install the newer program.",
                  (long long)version);
        outcome = RESULT_UNSUPPORTED;
    }
    for (size_t step = (size_t)version; outcome == RESULT_OK && step < count; step++)
        outcome = execute(db, migrations[step]);
    snprintf(pragma, sizeof pragma, "PRAGMA user_version = %zu", count);
    if (outcome == RESULT_OK && (size_t)version != count)
        outcome = execute(db, pragma);
    return database_end(db, outcome);
}

/* A copy that was put back may have come with another mode: closed again, while nobody is refused at the counter for
 * it. */
static void close_to_others(const char *path) {
    struct stat seen;
    if (stat(path, &seen) == 0 && S_ISREG(seen.st_mode) && (seen.st_mode & (S_IRWXG | S_IRWXO)) != 0 &&
        chmod(path, 0600) == 0)
        log_warning("store: other users could read %s; its mode is 0600 again", path);
}

/* SQLite gives its journal and log the mode of the database file. One that is there is never opened here: closing it
 * would take away the locks of every other connection of this process (fcntl(2)), and another process that leaves the
 * database would believe itself the last one and delete the log under our hands. */
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

result database_open(const char *path, const char *const *migrations, size_t count, database **out) {
    *out = NULL;
    database *db = calloc(1, sizeof *db);
    if (!db)
        return RESULT_NO_MEMORY;
    pthread_mutex_init(&db->lock, NULL);
    result outcome = create_private(path);
    if (outcome == RESULT_OK)
        outcome = outcome_of(
            NULL, sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL), path);
    if (outcome == RESULT_OK)
        outcome = outcome_of(db->handle, sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS), "setting the time-out");
    if (outcome == RESULT_OK)
        outcome = execute(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                              "PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;");
    if (outcome == RESULT_OK)
        outcome = migrate(db, migrations, count);
    if (outcome != RESULT_OK)
        database_close(&db);
    *out = db;
    return outcome;
}

void database_close(database **db) {
    if (!*db)
        return;
    sqlite3_close((*db)->handle);
    pthread_mutex_destroy(&(*db)->lock);
    free(*db);
    *db = NULL;
}

result database_begin(database *db) {
    pthread_mutex_lock(&db->lock);
    result outcome = execute(db, "BEGIN IMMEDIATE");
    if (outcome != RESULT_OK)
        pthread_mutex_unlock(&db->lock);
    return outcome;
}

sqlite3 *database_handle(database *db) {
    return db->handle;
}

bool database_in_transaction(const database *db) {
    return !sqlite3_get_autocommit(db->handle);
}

result database_end(database *db, result so_far) {
    if (so_far == RESULT_OK)
        so_far = execute(db, "COMMIT");
    /* SQLite has rolled back by itself after a full disk; then there is no transaction left. */
    if (so_far != RESULT_OK && !sqlite3_get_autocommit(db->handle))
        execute(db, "ROLLBACK");
    pthread_mutex_unlock(&db->lock);
    return so_far;
}

static int bind_one(sqlite3_stmt *statement, int position, char kind, va_list *arguments) {
    if (kind == 't') {
        const char *text = va_arg(*arguments, const char *);
        return text ? sqlite3_bind_text(statement, position, text, -1, SQLITE_TRANSIENT)
                    : sqlite3_bind_null(statement, position);
    }
    if (kind == 'b') {
        bytes blob = va_arg(*arguments, bytes);
        return sqlite3_bind_blob64(statement, position, blob.length ? (const void *)blob.data : "", blob.length,
                                   SQLITE_TRANSIENT);
    }
    return kind == 'i' ? sqlite3_bind_int64(statement, position, va_arg(*arguments, int64_t)) : SQLITE_MISUSE;
}

static result prepare(database *db, sqlite3_stmt **out, const char *sql, const char *pattern, va_list *arguments) {
    int code = sqlite3_prepare_v2(db->handle, sql, -1, out, NULL);
    for (int position = 1; code == SQLITE_OK && pattern[position - 1]; position++)
        code = bind_one(*out, position, pattern[position - 1], arguments);
    result outcome = outcome_of(db->handle, code, "preparing");
    if (outcome != RESULT_OK) {
        sqlite3_finalize(*out);
        *out = NULL;
    }
    return outcome;
}

result database_query(database *db, sqlite3_stmt **out, const char *sql, const char *pattern, ...) {
    va_list arguments;
    va_start(arguments, pattern);
    result outcome = prepare(db, out, sql, pattern, &arguments);
    va_end(arguments);
    return outcome;
}

static result change(database *db, const char *sql, const char *pattern, va_list *arguments) {
    sqlite3_stmt *statement;
    bool row;
    result outcome = prepare(db, &statement, sql, pattern, arguments);
    if (outcome != RESULT_OK)
        return outcome;
    outcome = database_step(statement, &row);
    sqlite3_finalize(statement);
    return outcome;
}

result database_change(database *db, const char *sql, const char *pattern, ...) {
    va_list arguments;
    va_start(arguments, pattern);
    result outcome = change(db, sql, pattern, &arguments);
    va_end(arguments);
    return outcome;
}

result database_run(database *db, const char *sql, const char *pattern, ...) {
    va_list arguments;
    result outcome = database_begin(db);
    if (outcome != RESULT_OK)
        return outcome;
    va_start(arguments, pattern);
    outcome = change(db, sql, pattern, &arguments);
    va_end(arguments);
    return database_end(db, outcome);
}

int database_changed(database *db) {
    return sqlite3_changes(db->handle);
}

void database_column_text(sqlite3_stmt *statement, int column, char *text, size_t size) {
    const unsigned char *value = sqlite3_column_text(statement, column);
    snprintf(text, size, "%s", value ? (const char *)value : "");
}

result database_column_append(sqlite3_stmt *statement, int column, buffer *out) {
    const void *value = sqlite3_column_blob(statement, column);
    return value ? buffer_append(out, bytes_of(value, (size_t)sqlite3_column_bytes(statement, column))) : RESULT_OK;
}
