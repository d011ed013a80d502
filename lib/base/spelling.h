/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which known word a mistyped one was meant to be. */
#pragma once

#include <stddef.h>

#define SPELLING_LENGTH_MAX 63 /* longer words are near to none */

/* The word at index, or NULL behind the last. */
typedef const char *spelling_words(const void *context, size_t index);

/* The word with the fewest typing errors (Levenshtein's distance), at most three and one in two letters; NULL:
 * none is that near. */
const char *spelling_nearest(const char *typed, spelling_words *words, const void *context);
