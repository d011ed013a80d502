/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The data set that links certificates to coverage, prepared beforehand: persons.json (docs/interfaces/http.md), or the
 * same persons as JSON Lines, one a line, for data sets larger than memory. */
#pragma once

#include "store/platform_store.h"

/* Replaces the store's data set with the file's. "-": standard input, JSON Lines. A file whose name ends with .jsonl is
 * JSON Lines; anything else is {"persons": [...]}. The log names the person at fault, by position; then nothing changes. */
result people_load(platform_store *store, const char *path, size_t *count);

/* Appends the person as one line of JSON without its end of line. */
result people_write(const platform_person *person, buffer *line);
