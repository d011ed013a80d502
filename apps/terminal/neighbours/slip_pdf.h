/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A slip for the patient as PDF: who was received, with what result, and what is next. By libharu, with the font
 * inside, so that every printer has it. */
#pragma once

#include "base/buffer.h"

#define SLIP_LINES_MAX 16

/* What stands on it, from the top: the title, then a label and a text each. A label may be empty. */
typedef struct slip {
    const char *title;
    struct {
        const char *label, *text;
    } lines[SLIP_LINES_MAX];
    size_t count;
} slip;

/* Appends the file. RESULT_UNSUPPORTED: the font cannot be used (SLIP_FONT). */
result slip_pdf_write(const slip *s, buffer *file);
