/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The small readers of text: hexadecimal, base64, times, days, UUIDs, device names. What is read is written again
 * the same. */
#include "fuzz.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/uuid.h"
#include "crypt/base64.h"
#include "backend_link.h"

#include <string.h>

static void check_hex(const char *text) {
    buffer data = BUFFER_INIT(4096), written = BUFFER_INIT(8192), again = BUFFER_INIT(4096);
    if (hex_decode(text, &data) == RESULT_OK) {
        FUZZ_REQUIRE(hex_append(&written, buffer_bytes(&data)) == RESULT_OK);
        FUZZ_REQUIRE(hex_decode(buffer_text(&written), &again) == RESULT_OK);
        FUZZ_REQUIRE(bytes_equal(buffer_bytes(&data), buffer_bytes(&again)));
    }
    buffer_wipe(&data);
    buffer_wipe(&written);
    buffer_wipe(&again);
}

static void check_base64(bytes text) {
    buffer data = BUFFER_INIT(4096), written = BUFFER_INIT(8192);
    if (crypt_base64_decode(text, &data) == RESULT_OK) {
        FUZZ_REQUIRE(crypt_base64_append(&written, buffer_bytes(&data)) == RESULT_OK);
        FUZZ_REQUIRE(bytes_equal(buffer_bytes(&written), text));
    }
    buffer_wipe(&data);
    buffer_wipe(&written);
}

static void check_clock(const char *text) {
    char written[CLOCK_TEXT_SIZE], day[CLOCK_DATE_SIZE];
    int64_t at;
    clock_check_date(text);
    if (clock_parse(text, &at) != RESULT_OK)
        return;
    clock_text(at, written);
    FUZZ_REQUIRE(strcmp(text, written) == 0);
    clock_date_in_japan(at, day);
    FUZZ_REQUIRE(clock_check_date(day) == RESULT_OK || *day == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    link_options options;
    char *text = malloc(size + 1);
    FUZZ_REQUIRE(text != NULL);
    memcpy(text, data, size);
    text[size] = 0;
    check_hex(text);
    check_base64(bytes_of(text, size));
    check_clock(text);
    uuid_is_valid(text);
    if (link_parse_device(text, &options) == RESULT_OK)
        FUZZ_REQUIRE(options.path[0] == '/' && options.deadline_ms > 0);
    free(text);
    return 0;
}
