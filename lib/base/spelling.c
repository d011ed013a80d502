/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/spelling.h"

#include <string.h>

#define ERRORS_MAX 3

/* Levenshtein's distance, by rows. b: at most SPELLING_LENGTH_MAX bytes. */
static size_t distance(const char *a, const char *b) {
    size_t row[SPELLING_LENGTH_MAX + 1];
    const size_t length = strlen(b);
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != 0; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            const size_t changed = diagonal + (a[i - 1] != b[j - 1]), above = row[j] + 1, left = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = changed < above ? changed : above;
            row[j] = row[j] < left ? row[j] : left;
        }
    }
    return row[length];
}

const char *spelling_nearest(const char *typed, spelling_words *words, const void *context) {
    const char *best = NULL, *word;
    size_t min = ERRORS_MAX + 1;
    if (strlen(typed) > SPELLING_LENGTH_MAX)
        return NULL;
    for (size_t i = 0; (word = words(context, i)) != NULL; i++) {
        const size_t errors = strlen(word) <= SPELLING_LENGTH_MAX ? distance(typed, word) : min;
        if (errors < min && 2 * errors <= strlen(word)) {
            min = errors;
            best = word;
        }
    }
    return best;
}
