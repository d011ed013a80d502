/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads comma-separated values (RFC 4180) of other programs, row by row. The text is not trusted: sizes are bounded,
 * and malformed text is refused with its place. */
#pragma once

#include "base/buffer.h"

#define CSV_CELLS_MAX 64
#define CSV_ROW_MAX 8192 /* bytes of a row's cells, each with NUL */

typedef struct csv_reader {
    bytes rest;       /* borrowed: UTF-8, or any bytes */
    size_t line;      /* where the row begins that was read last: 1, 2, ... */
    size_t next_line; /* where the next one begins; 0: at the first line */
    size_t count;     /* cells of the row that was read last, or before the fault */
    const char *cells[CSV_CELLS_MAX];
    char text[CSV_ROW_MAX];
} csv_reader;

/* Reads the next row; lines end with CR LF, LF or CR. RESULT_NOT_FOUND: there is none. RESULT_INVALID: a quotation mark
 * is not closed or stands inside a cell, or a NUL. RESULT_TOO_LONG: more cells or text than there is room for. The fault
 * is then in cell count + 1 of the row that begins at line. */
result csv_reader_next(csv_reader *r);
