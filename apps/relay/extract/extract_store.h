/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The rows of extract/insured_row.h on the disk: extract.sqlite in the relay's folder, each sealed with a key in
 * extract.key beside it, and found by a keyed hash of terminal and patient. What is noted is collected in memory and
 * written a moment later, so that no answer to a terminal is delayed by the disk; a power cut can lose the last second.
 * For many threads. */
#pragma once

#include "extract/insured_row.h"

typedef struct extract_store extract_store;

/* The log says why not. RESULT_BAD_SIGNATURE: the key is not the one of the rows. */
result extract_store_open(const char *folder, extract_store **out);
void extract_store_close(extract_store **store);

/* Keeps the note in memory; writes at once when too many are kept. RESULT_NO_MEMORY, codes of extract_store_write. */
result extract_store_note(extract_store *store, const insured_note *note);
/* Writes the notes to the disk. On failure (codes of store/sql.h) they stay in memory. */
result extract_store_write(extract_store *store);

/* The row behind this number (0: the first), as it is on the disk. RESULT_NOT_FOUND. A row that cannot be unsealed is
 * skipped. */
result extract_store_next(extract_store *store, int64_t number, insured_row *out);
/* The row with this number, of this patient at this terminal. RESULT_NOT_FOUND. */
result extract_store_get(extract_store *store, int64_t number, insured_row *out);
result extract_store_find(extract_store *store, const char *terminal, const char *patient_serial, insured_row *out);

/* Removes patients who were neither received nor announced since that time (seconds since 1970), from the files, too. */
result extract_store_purge(extract_store *store, int64_t before, int64_t *purged);
/* How many rows there are. */
result extract_store_count(extract_store *store, int64_t *rows);
