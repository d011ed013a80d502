/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How rows and settings of the local store are sealed: the row's other columns are bound to the content. */
#pragma once

#include "delivery/store_access.h"

/* The text of a row's columns that is bound to its content, and that the ledger sums up. Returns the length. */
#define RECORD_PLACE_SIZE 512
int record_place(const terminal_record *r, char *place, size_t size);

/* Seals the content of this row. Appends. */
result record_seal(const store_access *s, const terminal_record *row, bytes plain, buffer *sealed);
/* Opens it. Appends. RESULT_BAD_SIGNATURE: not as it was sealed, or not of this row. */
result record_open(const store_access *s, const terminal_record *row, bytes sealed, buffer *plain);
/* Seals a setting under its name and version. Appends. */
result record_seal_setting(const store_access *s, const char *name, int64_t version, bytes plain, buffer *sealed);
/* Opens one. Appends. RESULT_BAD_SIGNATURE: another name or version, or not as it was sealed. */
result record_open_setting(const store_access *s, const char *name, int64_t version, bytes sealed, buffer *plain);
