/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ledger/chained_rows.h"

#include "base/clock.h"
#include "base/hex.h"
#include "crypt/digest.h"

#include <string.h>

#define NUMBERS 2 /* columns before the words */
#define COLUMNS_MAX 16

static int64_t *numbers_of(void *row) {
    return row;
}

static int64_t number_of(const void *row, size_t index) {
    return ((const int64_t *)row)[index];
}

static size_t place_of(size_t word) {
    return NUMBERS * sizeof(int64_t) + word * RELAY_WORD_SIZE;
}

static const char *word_of(const void *row, size_t word) {
    return (const char *)row + place_of(word);
}

static void read_row(const chained_rows *form, const sql_rows *rows, void *row) {
    for (size_t i = 0; i < NUMBERS; i++)
        numbers_of(row)[i] = sql_integer(rows, (int)i);
    for (size_t i = 0; i <= form->words; i++)
        sql_text(rows, (int)(NUMBERS + i), (char *)row + place_of(i), RELAY_WORD_SIZE);
}

result chained_rows_last(const chained_rows *form, sql_database *db, void *row) {
    sql_transaction t = sql_reading(db);
    while (sql_run(&t)) {
        sql_rows rows;
        t.outcome = sql_find(&t, &rows, form->last, "");
        if (t.outcome == RESULT_OK)
            read_row(form, &rows, row);
        t.outcome = sql_finish(&rows, t.outcome);
    }
    return t.outcome == RESULT_NOT_FOUND ? RESULT_OK : t.outcome;
}

/* No word can contain a newline: all are ids, labels, words of this program or hexadecimal. */
static result chain_of(const chained_rows *form, const void *before, const void *row, char chain[RELAY_WORD_SIZE]) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    buffer text = BUFFER_INIT(CHAINED_ROW_MAX);
    buffer_append_format(&text, "%s\n", word_of(before, form->words));
    for (size_t i = 0; i < NUMBERS; i++)
        buffer_append_format(&text, "%lld\n", (long long)number_of(row, i));
    for (size_t i = 0; i < form->words; i++)
        buffer_append_format(&text, "%s\n", word_of(row, i));
    const result code = text.failed == RESULT_OK ? crypt_sha256(buffer_bytes(&text), digest) : text.failed;
    if (code == RESULT_OK)
        hex_encode(BYTES(digest), chain, RELAY_WORD_SIZE);
    buffer_wipe(&text);
    return code;
}

result chained_rows_seal(const chained_rows *form, const void *before, void *row) {
    numbers_of(row)[0] = number_of(before, 0) + 1;
    numbers_of(row)[1] = clock_wall_s();
    return chain_of(form, before, row, (char *)row + place_of(form->words));
}

result chained_rows_insert(const chained_rows *form, sql_transaction *t, const void *row) {
    sql_value values[COLUMNS_MAX];
    sql_rows rows;
    bool more;
    for (size_t i = 0; i < NUMBERS; i++)
        values[i] = (sql_value){.kind = 'i', .integer = number_of(row, i)};
    for (size_t i = 0; i <= form->words; i++)
        values[NUMBERS + i] = (sql_value){.kind = 't', .text = word_of(row, i)};
    result code = sql_query_values(t, &rows, form->insert, values, NUMBERS + form->words + 1);
    if (code == RESULT_OK)
        code = sql_step(&rows, &more);
    return sql_finish(&rows, code);
}

result chained_rows_each(const chained_rows *form, sql_database *db, chained_row_visit *visit, void *context) {
    _Alignas(int64_t) uint8_t row[CHAINED_ROW_MAX];
    sql_transaction t = sql_reading(db);
    while (sql_run(&t)) {
        sql_rows rows;
        bool more = false;
        t.outcome = sql_query(&t, &rows, form->all, "");
        while (t.outcome == RESULT_OK && (t.outcome = sql_step(&rows, &more)) == RESULT_OK && more) {
            memset(row, 0, form->size);
            read_row(form, &rows, row);
            t.outcome = visit(context, row);
        }
        t.outcome = sql_finish(&rows, t.outcome);
    }
    return t.outcome;
}

typedef struct checking {
    const chained_rows *form;
    int64_t broken;
    _Alignas(int64_t) uint8_t before[CHAINED_ROW_MAX];
} checking;

static result check_one(void *context, const void *row) {
    checking *c = context;
    char chain[RELAY_WORD_SIZE] = "";
    c->broken = number_of(c->before, 0) + 1;
    if (number_of(row, 0) != c->broken || chain_of(c->form, c->before, row, chain) != RESULT_OK ||
        strcmp(chain, word_of(row, c->form->words)) != 0)
        return RESULT_BAD_SIGNATURE;
    memcpy(c->before, row, c->form->size);
    return RESULT_OK;
}

result chained_rows_check(const chained_rows *form, sql_database *db, int64_t *broken) {
    checking c = {.form = form};
    const result code = chained_rows_each(form, db, check_one, &c);
    *broken = c.broken;
    return code;
}
