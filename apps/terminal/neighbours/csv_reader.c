/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "neighbours/csv_reader.h"

#include <stdbool.h>

#define END (-1)

static int peek(const csv_reader *r) {
    return r->rest.length > 0 ? r->rest.data[0] : END;
}

static int take(csv_reader *r) {
    const int c = peek(r);
    if (c != END)
        r->rest = bytes_of(r->rest.data + 1, r->rest.length - 1);
    return c;
}

/* The text of a row while it is read. */
typedef struct cell {
    csv_reader *reader;
    size_t used; /* of reader->text */
} cell;

static result put(cell *to, int c) {
    if (c == 0)
        return RESULT_INVALID;
    if (to->used >= CSV_ROW_MAX - 1)
        return RESULT_TOO_LONG;
    to->reader->text[to->used++] = (char)c;
    return RESULT_OK;
}

/* Up to the closing mark; two marks are one in the text. Line ends are text, too. */
static result take_quoted(cell *to) {
    csv_reader *r = to->reader;
    result code = RESULT_OK;
    take(r);
    while (code == RESULT_OK) {
        const int c = take(r);
        if (c == END)
            return RESULT_INVALID;
        if (c == '"' && peek(r) != '"')
            return RESULT_OK;
        if (c == '"')
            take(r);
        r->next_line += c == '\n' || (c == '\r' && peek(r) != '\n');
        code = put(to, c);
    }
    return code;
}

static bool is_end(int c) {
    return c == ',' || c == '\r' || c == '\n' || c == END;
}

static result take_plain(cell *to) {
    result code = RESULT_OK;
    while (code == RESULT_OK && !is_end(peek(to->reader))) {
        const int c = take(to->reader);
        code = c == '"' ? RESULT_INVALID : put(to, c);
    }
    return code;
}

static result take_cell(cell *to) {
    csv_reader *r = to->reader;
    const size_t begins = to->used;
    const bool quoted = peek(r) == '"';
    result code = quoted ? take_quoted(to) : take_plain(to);
    if (code == RESULT_OK && !is_end(peek(r))) /* nothing follows a closing mark */
        code = RESULT_INVALID;
    if (code == RESULT_OK && (r->count == CSV_CELLS_MAX || to->used == CSV_ROW_MAX))
        code = RESULT_TOO_LONG;
    if (code != RESULT_OK)
        return code;
    r->cells[r->count++] = r->text + begins;
    r->text[to->used++] = 0;
    return RESULT_OK;
}

static void take_line_end(csv_reader *r) {
    if (take(r) == '\r' && peek(r) == '\n')
        take(r);
    r->next_line++;
}

result csv_reader_next(csv_reader *r) {
    cell to = {r, 0};
    if (r->next_line == 0)
        r->next_line = 1;
    r->count = 0;
    r->line = r->next_line;
    if (peek(r) == END)
        return RESULT_NOT_FOUND;
    result code = take_cell(&to);
    while (code == RESULT_OK && peek(r) == ',') {
        take(r);
        code = take_cell(&to);
    }
    if (code == RESULT_OK)
        take_line_end(r);
    return code;
}
