/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A table of limits: for each the least and the most are taken, and one less and one more refused. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define NONE LONG_MIN /* no edge on this side */
#define DAY 86400
#define UUID "0195c0ae-0000-7000-8000-00000000000" /* and one more digit */

typedef struct limit_row {
    bool (*takes)(long n); /* whether so much is taken */
    const char *name;
    long min, max;
} limit_row;
#define ROW(name, min, max) {name, #name, min, max}

/* Fails the test when a row is wrong on either side; says which. */
void limits_have_two_sides(const limit_row *rows, size_t count);
