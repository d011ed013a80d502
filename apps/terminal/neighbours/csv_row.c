/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "neighbours/csv_row.h"

#include <string.h>

#define FORMULA "=+-@" /* https://owasp.org/www-community/attacks/CSV_Injection */
#define DELETE 0x7F

/* Full-width forms of them count, too: programs fold them. */
bool csv_cell_is_formula(const char *cell) {
    static const char *const wide[] = {"＝", "＋", "－", "＠"};
    if (*cell != 0 && strchr(FORMULA, *cell) != NULL)
        return true;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (strncmp(cell, wide[i], strlen(wide[i])) == 0)
            return true;
    return false;
}

static void append_cell(const char *cell, buffer *out) {
    while ((uint8_t)*cell > 0 && (uint8_t)*cell <= ' ')
        cell++; /* what a program would skip before a formula */
    buffer_append_text(out, csv_cell_is_formula(cell) ? "\"'" : "\"");
    for (; *cell != 0; cell++) {
        if (*cell == '"')
            buffer_append_u8(out, '"');
        buffer_append_u8(out, (uint8_t)*cell < ' ' || *cell == DELETE ? ' ' : (uint8_t)*cell);
    }
    buffer_append_u8(out, '"');
}

result csv_row_append(const char *const cells[], size_t count, buffer *out) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_u8(out, ',');
        append_cell(cells[i], out);
    }
    buffer_append_text(out, "\r\n");
    return out->failed;
}
