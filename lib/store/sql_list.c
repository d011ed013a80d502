/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "store/sql_list.h"

#include <pthread.h>
#include <string.h>

#define TEXT_MAX 65536

static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;

static char *make(const sql_list *list, size_t rows) {
    buffer text = BUFFER_INIT(TEXT_MAX);
    unsigned number = list->first;
    buffer_append_text(&text, list->head);
    for (size_t row = 0; row < rows; row++)
        for (unsigned column = 0; column < list->columns; column++, number++)
            buffer_append_format(&text, "%s$%u%s",
                                 column ? ", "
                                 : row  ? ", ("
                                        : " (",
                                 number, column + 1 == list->columns ? ")" : "");
    buffer_append_text(&text, list->tail);
    char *made = text.failed == RESULT_OK ? strdup(buffer_text(&text)) : NULL;
    buffer_wipe(&text);
    return made;
}

const char *sql_list_text(sql_list *list, size_t rows) {
    size_t size = 0;
    while (size + 1 < SQL_LIST_SIZES && (size_t)1 << size < rows)
        size++;
    pthread_mutex_lock(&making);
    if (!list->texts[size])
        list->texts[size] = make(list, (size_t)1 << size);
    const char *text = list->texts[size];
    pthread_mutex_unlock(&making);
    return text;
}

size_t sql_list_fill(sql_value *values, size_t begun, size_t filled) {
    const size_t end = begun + (filled - begun > 1 ? SQL_LIST_LOOKUP : 1);
    for (; filled < end; filled++)
        values[filled] = values[filled - 1];
    return filled;
}

/* The largest power of two up to SQL_LIST_MAX. */
static size_t next_part(size_t left) {
    size_t part = SQL_LIST_MAX;
    while (part > left)
        part /= 2;
    return part;
}

static result run_part(sql_transaction *t, sql_list *list, const sql_value *values, size_t rows, size_t *returned) {
    sql_rows answer;
    bool row = false;
    const char *sql = sql_list_text(list, rows);
    if (!sql)
        return RESULT_NO_MEMORY;
    result outcome = sql_query_values(t, &answer, sql, values, rows * list->columns);
    while (outcome == RESULT_OK && (outcome = sql_step(&answer, &row)) == RESULT_OK && row)
        if (returned)
            ++*returned;
    return sql_finish(&answer, outcome);
}

result sql_list_run(sql_transaction *t, sql_list *list, const sql_value *values, size_t rows, size_t *returned) {
    result outcome = RESULT_OK;
    for (size_t done = 0, part; outcome == RESULT_OK && done < rows; done += part) {
        part = next_part(rows - done);
        outcome = run_part(t, list, &values[done * list->columns], part, returned);
    }
    return outcome;
}
