/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "affiliation.h"

#include <string.h>

#define CODE_LENGTH 10
#define WORD_LENGTH (2 * CODE_LENGTH + 1)

static bool is_word(const char *word, size_t length) {
    return length == WORD_LENGTH && strspn(word, "0123456789") == CODE_LENGTH && word[CODE_LENGTH] == ':' &&
           strspn(word + CODE_LENGTH + 1, "0123456789") == CODE_LENGTH;
}

/* The next word; NULL: there is none. */
static const char *next_word(const char *at, size_t *length) {
    at += strspn(at, " ");
    *length = strcspn(at, " ");
    return *length > 0 ? at : NULL;
}

bool affiliation_is_list(const char *list) {
    size_t length;
    for (const char *word = next_word(list, &length); word != NULL; word = next_word(word + length, &length))
        if (!is_word(word, length))
            return false;
    return true;
}

bool affiliation_accepts(const char *list, const char *visits, const char *doctors) {
    size_t length;
    if (strlen(visits) != CODE_LENGTH || strlen(doctors) != CODE_LENGTH)
        return false;
    for (const char *word = next_word(list, &length); word != NULL; word = next_word(word + length, &length))
        if (is_word(word, length) && memcmp(word, visits, CODE_LENGTH) == 0 &&
            memcmp(word + CODE_LENGTH + 1, doctors, CODE_LENGTH) == 0)
            return true;
    return false;
}
