/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rows of comma-separated values (RFC 4180) for spreadsheets and other programs. */
#pragma once

#include "base/buffer.h"

#include <stdbool.h>

/* Whether a spreadsheet would take it for a formula: it begins with = + - @, in full width, too. */
bool csv_cell_is_formula(const char *cell);

/* Appends one row: every cell in quotes, the line ended by CR LF. A formula gets an apostrophe in front; control
 * characters become spaces. */
result csv_row_append(const char *const cells[], size_t count, buffer *out);
