/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The content of a slip for the patient: who was received, with what result, and what is next. The browser prints it
 * from the desk's page, `today slip` writes it as PDF: both use this content. */
#pragma once

#include "today/list_row.h"

#define SLIP_LINES_MAX 16

/* From the top: the title, then a label and a text each; a line without a text is left out. Texts point into the row and
 * into the slip. */
typedef struct slip {
    const char *title;
    struct {
        const char *label, *text;
    } lines[SLIP_LINES_MAX];
    size_t count;
    char at[CLOCK_PEOPLE_SIZE], number[RECEPTION_NUMBER_SIZE];
} slip;

/* In the thread's language. */
void slip_of(const list_row *row, slip *out);
/* {"title": TEXT, "lines": [[LABEL, TEXT]...]}; the caller owns it. NULL: out of memory. */
json_t *slip_json(const slip *s);
