/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Proves that the fuzzing finds what is there to be found: an error behind four comparisons, and one that only a
 * sanitizer sees. No part of any product. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *copy = fuzz_copy(bytes_of(data, size));
    volatile uint8_t seen = 0;
    if (size >= 3 && copy[0] == 'B' && copy[1] == 'U' && copy[2] == 'G')
        seen = copy[3]; /* one behind the end when size is 3 */
    (void)seen;
    free(copy);
    return 0;
}
