/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Texts of statements about a list of rows: IN (...) and VALUES (...). A whole list costs one round trip to the server.
 * A list has a power of two of rows, so that an engine that compiles its statements sees few of them. */
#pragma once

#include "store/sql.h"

#define SQL_LIST_MAX 64     /* rows at once */
#define SQL_LIST_LOOKUP 128 /* of a list that is looked up: filled up by repeating its last row */
#define SQL_LIST_SIZES 8

/* head ($3, $4), ($5, $6) tail: columns parameters a row, the first of them number first. Static, and zero beyond. */
typedef struct sql_list {
    const char *head, *tail;
    unsigned columns, first;
    char *texts[SQL_LIST_SIZES];
} sql_list;

/* rows: a power of two up to SQL_LIST_LOOKUP. The same pointer each time, for ever. NULL: no memory. */
const char *sql_list_text(sql_list *list, size_t rows);

/* What is looked up: values has room for begun and SQL_LIST_LOOKUP values, filled of them are set, the first begun of them
 * no part of the list. Repeats the last one until the list has SQL_LIST_LOOKUP rows; a list of one stays one. Returns how
 * many values there are now. */
size_t sql_list_fill(sql_value *values, size_t begun, size_t filled);

/* As many statements as rows need, each with as many rows as the next power of two allows, up to SQL_LIST_MAX. values:
 * list->columns of each row. *returned grows by the rows that come back (RETURNING); NULL: not counted. */
result sql_list_run(sql_transaction *t, sql_list *list, const sql_value *values, size_t rows, size_t *returned);
