/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A catalogue of translations. Whatever the file says, what is found lies in it, and printf takes the same arguments
 * for it. */
#include "fuzz.h"

#include "base/catalogue.h"

#include <string.h>

static const char *const asked[] = {"", "%d of %s", "Log in", "one", "%zu"};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *copy = fuzz_copy(bytes_of(data, size));
    catalogue c;
    char line[64];
    if (catalogue_open(&c, bytes_of(copy, size)) == RESULT_OK)
        for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
            for (size_t form = 0; form < 3; form++) {
                const char *got = catalogue_text(&c, asked[i], asked[i], form);
                FUZZ_REQUIRE(got == NULL || ((const uint8_t *)got >= copy && (const uint8_t *)got < copy + size));
                FUZZ_REQUIRE(got == NULL || strlen(got) < size);
                FUZZ_REQUIRE(got == NULL || i != 2 || strchr(got, '%') == NULL);
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
                if (got != NULL && i == 1)
                    snprintf(line, sizeof line, got, 1, "text");
            }
    free(copy);
    return 0;
}
