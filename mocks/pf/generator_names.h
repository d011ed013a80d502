/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names for the generator's people, in kanji and katakana, and places that do not exist. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct generator_name {
    const char *name, *kana;
} generator_name;

/* Whatever the number; the same number gives the same. */
generator_name generator_surname(uint64_t number);
generator_name generator_given_name(uint64_t number, bool woman);
const char *generator_town(uint64_t number);
const char *generator_quarter(uint64_t number);
