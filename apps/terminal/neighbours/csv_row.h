/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rows of comma-separated values (RFC 4180) for spreadsheets and other programs. */
#pragma once

#include "base/buffer.h"

/* Appends one row: every cell in quotes, the line ended by CR LF. A cell that a spreadsheet would take for a formula
 * (beginning with = + - @) gets an apostrophe in front; control characters become spaces. */
result csv_row_append(const char *const cells[], size_t count, buffer *out);
