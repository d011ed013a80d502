/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A ledger in a table: rows are only ever added, numbered 1, 2, 3, ..., each with a hash over itself and the one before. So
 * one that was changed, or taken out in the middle, is found. In memory a row is a structure of this form: */
#pragma once

#include "ledger/relay_store.h"

#include "store/sql.h"

/*     int64_t number, at;              seconds since 1970
 *     char ...[RELAY_WORD_SIZE];       its words, in the order of the table's columns
 *     char chain[RELAY_WORD_SIZE]; */
#define CHAINED_ROW_SIZE(words) (2 * sizeof(int64_t) + ((words) + 1) * RELAY_WORD_SIZE)
#define CHAINED_ROW_MAX 1024 /* bytes, in memory */

typedef struct chained_rows {
    const char *all,
        *last;          /* SELECT of number, at, the words and chain, in this order: each row by number; the newest */
    const char *insert; /* of the same columns */
    size_t words, size; /* of a row: words beside its chain; sizeof its structure, at most CHAINED_ROW_MAX */
} chained_rows;

/* The newest row; RESULT_OK also when there is none, and row stays as it is. */
result chained_rows_last(const chained_rows *rows, sql_database *db, void *row);
/* Fills in number, at and chain of what comes behind before. */
result chained_rows_seal(const chained_rows *rows, const void *before, void *row);
result chained_rows_insert(const chained_rows *rows, sql_transaction *t, const void *row);

typedef result chained_row_visit(void *context, const void *row);
/* In order, until visit returns something else than RESULT_OK; visit must not use the database. */
result chained_rows_each(const chained_rows *rows, sql_database *db, chained_row_visit *visit, void *context);
/* Recomputes the chain. RESULT_BAD_SIGNATURE: row *broken (its number) is not as it was written, or is missing. */
result chained_rows_check(const chained_rows *rows, sql_database *db, int64_t *broken);
