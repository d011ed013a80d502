/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The seam between lib/store/sql.c and an engine: one table of functions each. A connection is used by one thread at a
 * time, and so is a cursor. */
#pragma once

#include "store/sql.h"

#define SQL_PARAMETERS_MAX 1152 /* of one statement */

typedef struct sql_engine {
    bool one_writer;   /* writers queue in sql.c instead of inside the engine */
    bool shows_unsafe; /* readers may see commits that would be lost with this server */
    /* schema is kept by pointer until close. */
    result (*open)(const char *where, const sql_schema *schema, void **connection);
    void (*close)(void *connection);
    result (*begin)(void *connection, sql_work work);
    /* Commits when so_far is RESULT_OK, else rolls back. Returns so_far or the failure of the commit. For a transaction
     * of one statement the outcome is known already. */
    result (*end)(void *connection, result so_far);
    /* The last transaction lost a race and may be repeated. */
    bool (*lost_race)(const void *connection);
    /* The connection will never work again; it is closed and another one opened. NULL: that cannot happen. */
    bool (*broken)(const void *connection);
    /* changed may be NULL. */
    result (*change)(void *connection, const char *sql, const sql_value *values, size_t count, int64_t *changed);
    result (*query)(void *connection, const char *sql, const sql_value *values, size_t count, void **cursor);
    result (*step)(void *cursor, bool *row);
    void (*finish)(void *cursor);
    bytes (*column)(void *cursor, int column); /* text or blob; valid until the next step */
    int64_t (*integer)(void *cursor, int column);
    char (*kind)(void *cursor, int column); /* t, i, b; 0: NULL, or of another type */
    result (*check)(void *connection, const char *const *tables, size_t count); /* sql_check */
    result (*others)(void *connection, int64_t *version);                       /* sql_others */
    result (*forget)(void *connection);                                         /* sql_forget; NULL: nothing to do */
    void (*interrupt)(void *connection); /* sql_interrupt; by another thread than the one that uses it; NULL: nothing */
} sql_engine;

static inline bool sql_is_writing(sql_work work) {
    return work == SQL_WRITES || work == SQL_WRITES_ONCE;
}
static inline bool sql_is_once(sql_work work) {
    return work == SQL_READS_ONCE || work == SQL_WRITES_ONCE;
}

extern const sql_engine sql_engine_sqlite;

/* The engine of postgresql:// addresses, or NULL in a program that is linked without it: lib/store/sql_postgres.c or
 * lib/store/sql_embedded.c. */
const sql_engine *sql_server_engine(void);
