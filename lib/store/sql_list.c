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

size_t sql_list_part(size_t left) {
    size_t part = SQL_LIST_MAX;
    while (part > left)
        part /= 2;
    return part;
}
