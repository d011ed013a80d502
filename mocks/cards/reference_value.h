/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A reference value (ISO/IEC 7816-4 11.6: PIN, PUK) and its try counter in an image's state/. The decremented counter
 * is on disk before the comparison, and is reset only after the correct value: removing the card or killing the process
 * at any point spends the try. Each card defines the form of a value and its status words. */
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <stdbool.h>

#define REFERENCE_VALUE_MAX 16

typedef struct reference_value {
    char *tries_path, *value_path;          /* owned */
    uint8_t block[1 + REFERENCE_VALUE_MAX]; /* length, value, zeros: comparisons take the same time for every length */
    uint8_t tries, tries_max;
} reference_value;

/* Frees the paths, wipes the rest. */
void reference_value_wipe(reference_value *r);

/* In memory only. RESULT_TOO_LONG. */
result reference_value_know(reference_value *r, bytes value);
/* On disk, then in memory. */
result reference_value_store(reference_value *r, bytes value);

/* From disk, at most tries_max; a newline may follow (an image may be made with echo). RESULT_NOT_FOUND: there is no
 * counter yet; RESULT_INVALID: it is damaged, and the card must not be used. */
result reference_value_load_tries(reference_value *r);
result reference_value_store_tries(reference_value *r, uint8_t tries);

/* Spends a try, compares, and gives all tries back after the right value. There must be a try left. RESULT_OK,
 * RESULT_BAD_SIGNATURE wrong; anything else: the counter could not be written, and the value counts as not given. */
result reference_value_compare(reference_value *r, bytes candidate);
