/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "store/sql_internal.h"

#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONNECTIONS 8 /* by default */
#define SHARE 4       /* an owner's share is a quarter by default */
#define PATTERN_MAX 20
#define FREE_SECONDS 5 /* when all connections hang, callers that queue for one give up after this time */
#define TRIES_MAX 14

typedef struct sql_connection {
    const sql_engine *engine;
    void *handle; /* the engine's; NULL: not opened yet */
    bool taken;
    char owner[SQL_OWNER_SIZE]; /* while it is taken */
} sql_connection;

struct sql_database {
    const sql_engine *engine;
    char *where;
    sql_schema schema;
    pthread_mutex_t lock, writer; /* of the pool; of the one writer, where the engine has only one */
    pthread_cond_t freed;
    _Atomic bool failed[2]; /* the last transaction, by whether it wrote */
    sql_pool pool;
    sql_connection connections[SQL_CONNECTIONS_MAX];
};

/* --- pool --------------------------------------------------------------------------------------------------------- */

bool sql_is_server(const char *url) {
    return strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0;
}

static const sql_engine *engine_of(const char *url, const char **where) {
    *where = strncmp(url, "sqlite:", 7) == 0 ? url + 7 : url;
    return sql_is_server(url) ? sql_server_engine() : &sql_engine_sqlite;
}

static result connect(sql_database *db, sql_connection *connection) {
    connection->engine = db->engine;
    return connection->handle ? RESULT_OK : db->engine->open(db->where, &db->schema, &connection->handle);
}

result sql_open(const char *url, const sql_schema *schema, sql_database **out) {
    const char *where;
    *out = NULL;
    sql_database *db = calloc(1, sizeof *db);
    if (!db)
        return RESULT_NO_MEMORY;
    db->engine = engine_of(url, &where);
    db->where = strdup(where);
    db->schema = *schema;
    sql_set_connections(db, (sql_pool){.max = CONNECTIONS});
    pthread_mutex_init(&db->lock, NULL);
    pthread_mutex_init(&db->writer, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&db->freed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    result outcome = !db->where ? RESULT_NO_MEMORY : db->engine ? connect(db, &db->connections[0]) : RESULT_UNSUPPORTED;
    if (outcome != RESULT_OK)
        sql_close(&db);
    *out = db;
    return outcome;
}

void sql_set_connections(sql_database *db, sql_pool pool) {
    db->pool.max = pool.max < 1 ? 1 : pool.max < SQL_CONNECTIONS_MAX ? pool.max : SQL_CONNECTIONS_MAX;
    db->pool.share = pool.share > 0 ? pool.share : (db->pool.max + SHARE - 1) / SHARE;
}

static _Thread_local char worker[SQL_OWNER_SIZE]; /* owner of this thread's work */

void sql_work_for(const char *owner) {
    snprintf(worker, sizeof worker, "%s", owner);
}

const char *sql_worker(void) {
    return worker;
}

void sql_close(sql_database **db) {
    if (!*db)
        return;
    for (size_t i = 0; i < SQL_CONNECTIONS_MAX; i++)
        if ((*db)->connections[i].handle)
            (*db)->engine->close((*db)->connections[i].handle);
    pthread_mutex_destroy(&(*db)->lock);
    pthread_mutex_destroy(&(*db)->writer);
    pthread_cond_destroy(&(*db)->freed);
    free((*db)->where);
    free(*db);
    *db = NULL;
}

/* By the rule of net/http_share.h: beyond the share only while half of all are free. */
static bool may_take(const sql_database *db) {
    unsigned used = 0, mine = 0;
    for (size_t i = 0; i < db->pool.max; i++) {
        used += db->connections[i].taken;
        mine += db->connections[i].taken && strcmp(db->connections[i].owner, worker) == 0;
    }
    return worker[0] == 0 || mine < db->pool.share || used < db->pool.max / 2;
}

/* The first free one, so that few are opened when few are needed. */
static sql_connection *find_free(sql_database *db) {
    for (size_t i = 0; i < db->pool.max && may_take(db); i++)
        if (!db->connections[i].taken)
            return &db->connections[i];
    return NULL;
}

static sql_connection *take(sql_database *db) {
    sql_connection *one;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += FREE_SECONDS;
    int waited = 0;
    pthread_mutex_lock(&db->lock);
    while (!(one = find_free(db)) && waited == 0)
        waited = pthread_cond_timedwait(&db->freed, &db->lock, &until);
    if (one) {
        one->taken = true;
        memcpy(one->owner, worker, sizeof one->owner);
    }
    pthread_mutex_unlock(&db->lock);
    return one;
}

static bool close_broken(sql_connection *one) {
    bool broken = one->handle && one->engine->broken && one->engine->broken(one->handle);
    if (broken) {
        one->engine->close(one->handle);
        one->handle = NULL;
    }
    return broken;
}

static void give_back(sql_database *db, sql_connection *one) {
    close_broken(one);
    pthread_mutex_lock(&db->lock);
    one->taken = false;
    pthread_cond_broadcast(&db->freed); /* not one alone: the first waiting owner may have used up its share */
    pthread_mutex_unlock(&db->lock);
}

/* --- transactions ------------------------------------------------------------------------------------------------- */

sql_transaction sql_reading(sql_database *db) {
    return (sql_transaction){.db = db};
}

sql_transaction sql_writing(sql_database *db) {
    return (sql_transaction){.db = db, .work = SQL_WRITES};
}

sql_transaction sql_reading_once(sql_database *db) {
    return (sql_transaction){.db = db, .work = SQL_READS_ONCE};
}

sql_transaction sql_writing_once(sql_database *db) {
    return (sql_transaction){.db = db, .work = SQL_WRITES_ONCE};
}

bool sql_shows_unsafe(const sql_database *db) {
    return db->engine->shows_unsafe;
}

static result begin_connected(sql_transaction *t) {
    result outcome = connect(t->db, t->connection);
    return outcome == RESULT_OK ? t->db->engine->begin(t->connection->handle, t->work) : outcome;
}

/* A pooled connection may lead to a server that was restarted since. Nothing was sent yet, so tries once more. */
static bool begin(sql_transaction *t) {
    t->kept = t->connection->handle != NULL;
    t->outcome = begin_connected(t);
    if (t->outcome != RESULT_OK && close_broken(t->connection) && t->kept) {
        t->kept = false;
        t->outcome = begin_connected(t);
    }
    return t->outcome == RESULT_OK;
}

/* Without BEGIN a dead connection is noticed only after the statement; one that only reads can be repeated. */
static bool asked_in_vain(sql_transaction *t) {
    return t->work == SQL_READS_ONCE && t->kept && close_broken(t->connection);
}

/* A random part of the doubled time, so that two transactions in conflict do not meet again. */
static void pause_after(unsigned tries) {
    uint64_t max_ns = 500000ULL << (tries < 8 ? tries : 8);
    struct timespec now, pause;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t part = ((uint64_t)now.tv_nsec * 2654435761U) % max_ns;
    pause = (struct timespec){(time_t)(part / 1000000000), (long)(part % 1000000000)};
    nanosleep(&pause, NULL);
}

static bool is_failure(result outcome) {
    return outcome == RESULT_UNAVAILABLE || outcome == RESULT_TIMEOUT || outcome == RESULT_IO ||
           outcome == RESULT_DENIED;
}

bool sql_accepts(const sql_database *db) {
    return !db->failed[false] && !db->failed[true];
}

static bool end(sql_transaction *t) {
    t->db->failed[sql_is_writing(t->work)] = is_failure(t->outcome);
    if (t->connection)
        give_back(t->db, t->connection);
    if (sql_is_writing(t->work) && t->db->engine->one_writer)
        pthread_mutex_unlock(&t->db->writer);
    t->connection = NULL;
    return false;
}

bool sql_run(sql_transaction *t) {
    const sql_engine *engine = t->db->engine;
    if (!t->connection) {
        if (sql_is_writing(t->work) && engine->one_writer)
            pthread_mutex_lock(&t->db->writer);
        t->connection = take(t->db);
        t->outcome = t->connection ? RESULT_OK : RESULT_TIMEOUT;
        return t->connection ? begin(t) || end(t) : end(t);
    }
    t->outcome = engine->end(t->connection->handle, t->outcome);
    if (t->outcome != RESULT_OK && asked_in_vain(t))
        return begin(t) || end(t);
    if (t->outcome == RESULT_OK || !engine->lost_race(t->connection->handle) || ++t->tries == TRIES_MAX)
        return end(t);
    pause_after(t->tries);
    return begin(t) || end(t);
}

/* --- statements --------------------------------------------------------------------------------------------------- */

static size_t bind(const char *pattern, va_list *arguments, sql_value values[PATTERN_MAX]) {
    size_t count = 0;
    for (; count < PATTERN_MAX && pattern[count]; count++) {
        values[count] = (sql_value){.kind = pattern[count]};
        if (pattern[count] == 't')
            values[count].text = va_arg(*arguments, const char *);
        else if (pattern[count] == 'i')
            values[count].integer = va_arg(*arguments, int64_t);
        else
            values[count].blob = va_arg(*arguments, bytes);
    }
    return count;
}

result sql_query_values(sql_transaction *t, sql_rows *rows, const char *sql, const sql_value *values, size_t count) {
    *rows = (sql_rows){.connection = t->connection};
    return count <= SQL_PARAMETERS_MAX ? t->db->engine->query(t->connection->handle, sql, values, count, &rows->cursor)
                                       : RESULT_INTERNAL;
}

static result query(sql_transaction *t, sql_rows *rows, const char *sql, const char *pattern, va_list *arguments) {
    sql_value values[PATTERN_MAX];
    size_t count = bind(pattern, arguments, values);
    return sql_query_values(t, rows, sql, values, count);
}

result sql_query(sql_transaction *t, sql_rows *rows, const char *sql, const char *pattern, ...) {
    va_list arguments;
    va_start(arguments, pattern);
    result outcome = query(t, rows, sql, pattern, &arguments);
    va_end(arguments);
    return outcome;
}

result sql_find(sql_transaction *t, sql_rows *rows, const char *sql, const char *pattern, ...) {
    bool row = false;
    va_list arguments;
    va_start(arguments, pattern);
    result outcome = query(t, rows, sql, pattern, &arguments);
    va_end(arguments);
    if (outcome == RESULT_OK)
        outcome = sql_step(rows, &row);
    return outcome == RESULT_OK && !row ? RESULT_NOT_FOUND : outcome;
}

result sql_step(sql_rows *rows, bool *row) {
    return rows->connection->engine->step(rows->cursor, row);
}

result sql_finish(sql_rows *rows, result so_far) {
    if (rows->cursor)
        rows->connection->engine->finish(rows->cursor);
    rows->cursor = NULL;
    return so_far;
}

static result change(sql_transaction *t, int64_t *changed, const char *sql, const char *pattern, va_list *arguments) {
    sql_value values[PATTERN_MAX];
    size_t count = bind(pattern, arguments, values);
    return t->db->engine->change(t->connection->handle, sql, values, count, changed);
}

result sql_change(sql_transaction *t, const char *sql, const char *pattern, ...) {
    va_list arguments;
    va_start(arguments, pattern);
    result outcome = change(t, NULL, sql, pattern, &arguments);
    va_end(arguments);
    return outcome;
}

result sql_change_counted(sql_transaction *t, int64_t *changed, const char *sql, const char *pattern, ...) {
    va_list arguments;
    va_start(arguments, pattern);
    result outcome = change(t, changed, sql, pattern, &arguments);
    va_end(arguments);
    return outcome;
}

void sql_text(const sql_rows *rows, int column, char *text, size_t size) {
    bytes value = rows->connection->engine->column(rows->cursor, column);
    size_t length = value.length < size ? value.length : size - 1;
    if (length)
        memcpy(text, value.data, length);
    text[length] = '\0';
}

int64_t sql_integer(const sql_rows *rows, int column) {
    return rows->connection->engine->integer(rows->cursor, column);
}

result sql_append(const sql_rows *rows, int column, buffer *out) {
    return buffer_append(out, rows->connection->engine->column(rows->cursor, column));
}

bool sql_word(const sql_rows *rows, int column, char *text, size_t size) {
    const bool is_text = rows->connection->engine->kind(rows->cursor, column) == 't'; /* before it is converted */
    const bytes value = rows->connection->engine->column(rows->cursor, column);
    sql_text(rows, column, text, size);
    return is_text && value.length == strlen(text);
}

bool sql_number(const sql_rows *rows, int column, int64_t *number) {
    const bool is_integer = rows->connection->engine->kind(rows->cursor, column) == 'i';
    *number = sql_integer(rows, column);
    return is_integer;
}

/* --- whether it is still this program's --------------------------------------------------------------------------- */

result sql_check(sql_database *db, const char *const *tables, size_t count) {
    sql_transaction t = sql_reading(db);
    while (sql_run(&t))
        t.outcome = db->engine->check(t.connection->handle, tables, count);
    return t.outcome;
}

void sql_interrupt(sql_database *db) {
    pthread_mutex_lock(&db->lock);
    for (size_t i = 0; db->engine->interrupt != NULL && i < db->pool.max; i++)
        if (db->connections[i].taken && db->connections[i].handle)
            db->engine->interrupt(db->connections[i].handle);
    pthread_mutex_unlock(&db->lock);
}

result sql_others(sql_database *db, int64_t *version) {
    sql_transaction t = sql_reading(db);
    while (sql_run(&t))
        t.outcome = db->engine->others(t.connection->handle, version);
    return t.outcome;
}

result sql_forget(sql_database *db) {
    if (db->engine->forget == NULL)
        return RESULT_OK;
    if (db->engine->one_writer)
        pthread_mutex_lock(&db->writer);
    sql_connection *one = take(db);
    result outcome = one ? connect(db, one) : RESULT_TIMEOUT;
    if (outcome == RESULT_OK)
        outcome = db->engine->forget(one->handle);
    if (one)
        give_back(db, one);
    if (db->engine->one_writer)
        pthread_mutex_unlock(&db->writer);
    return outcome;
}
