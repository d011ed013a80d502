/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What all fuzz targets share. A target is one file with LLVMFuzzerTestOneInput (libFuzzer's interface); seeds/<target>
 * holds its seeds as text, one a line (tests/fuzz/README.md); fuzz_give_seed adds those that are better made
 * than kept. */
#pragma once

#include "base/buffer.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *count, char ***arguments);

/* A rule that no input may break. Ends the process as a sanitizer would, so that the input is kept. */
#define FUZZ_REQUIRE(condition)                                                                                        \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);                                    \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* Takes the next part off *input: two bytes of length (big endian), then that many bytes, or what is left. False at the
 * end. */
static inline bool fuzz_next_part(bytes *input, bytes *part) {
    if (input->length < 2)
        return false;
    size_t length = (size_t)input->data[0] << 8 | input->data[1];
    *part = bytes_slice(*input, 2, length);
    *input = bytes_slice(*input, 2 + part->length, input->length);
    return true;
}

/* A copy of exactly that size, so that a sanitizer sees any step outside. The caller frees it. */
static inline uint8_t *fuzz_copy(bytes part) {
    uint8_t *copy = malloc(part.length > 0 ? part.length : 1);
    FUZZ_REQUIRE(copy != NULL);
    for (size_t i = 0; i < part.length; i++)
        copy[i] = part.data[i];
    return copy;
}

/* For seeds that a target makes itself: puts one into $FUZZ_SEEDS, before libFuzzer reads that folder. */
static inline void fuzz_give_seed(const char *name, bytes seed) {
    const char *folder = getenv("FUZZ_SEEDS");
    char path[256];
    if (folder == NULL)
        return;
    snprintf(path, sizeof path, "%s/made-%s", folder, name);
    FILE *file = fopen(path, "w");
    FUZZ_REQUIRE(file != NULL && fwrite(seed.data, 1, seed.length, file) == seed.length && fclose(file) == 0);
}
