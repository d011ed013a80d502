/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Answers to reset: the historical bytes lie inside; what is made for a type B card can be parsed. */
#include "fuzz.h"

#include "iso7816/atr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    atr parsed;
    buffer made = BUFFER_INIT(ATR_MAX);
    if (atr_parse(bytes_of(data, size), &parsed) == RESULT_OK) {
        FUZZ_REQUIRE(size <= ATR_MAX && parsed.historical.length <= 15);
        FUZZ_REQUIRE(
            parsed.historical.length == 0 ||
            (parsed.historical.data >= data && parsed.historical.data + parsed.historical.length <= data + size));
    }
    if (size == 8) {
        FUZZ_REQUIRE(atr_of_type_b(data, data + 4, data[7], &made) == RESULT_OK);
        FUZZ_REQUIRE(atr_parse(buffer_bytes(&made), &parsed) == RESULT_OK && parsed.contactless);
    }
    buffer_wipe(&made);
    return 0;
}
