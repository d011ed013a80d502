/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* softcard --timing, and what a contactless reader answers itself: arithmetic and bytes, no clock. */
#include "reader_command.h"
#include "timing.h"

#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static uint64_t time_of(const char *name, const char *command, const char *response) {
    buffer raw = BUFFER_INIT(600), answer = BUFFER_INIT(600);
    assert_int_equal(hex_decode(command, &raw), RESULT_OK);
    assert_int_equal(hex_decode(response, &answer), RESULT_OK);
    uint64_t time_us = card_timing_of(card_timing_find(name), buffer_bytes(&raw), buffer_bytes(&answer));
    buffer_wipe(&raw);
    buffer_wipe(&answer);
    return time_us;
}

static void times(void **state) {
    (void)state;
    assert_null(card_timing_find("fast"));
    assert_int_equal(time_of("none", "802A0097013100", "9000"), 0);
    assert_int_equal(time_of("contact", "00840000 10", "9000"), 4000 + 7 * 95);
    assert_int_equal(time_of("contactless", "00840000 10", "9000"), 6000 + 7 * 19);
    /* each byte of command and answer */
    assert_int_equal(time_of("contact", "00840000 10", "00000000 9000") - time_of("contact", "00840000 10", "9000"),
                     4 * 95);
    /* private keys, when they are used */
    static const char *const keys[] = {"802A0097", "882A0097", "00880099", "80AE0000"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        assert_int_equal(time_of("contact", keys[i], "9000"), 4000 + 6 * 95 + 500000);
        assert_int_equal(time_of("contact", keys[i], "6100"), 4000 + 6 * 95 + 500000);
        assert_int_equal(time_of("contact", keys[i], "6982"), 4000 + 6 * 95);
    }
    assert_int_equal(time_of("contact", "002A00BE", "9000"), 4000 + 6 * 95); /* a certificate, checked */
}

static void readers_answer_for_themselves(void **state) {
    (void)state;
    static const uint8_t pupi[] = {0x01, 0x02, 0x03, 0x04};
    static const struct {
        const char *command, *response;
        /* clang-format off */
    } rows[] = {
        {"FFCA000000", "010203049000"}, {"FFCA000004", "010203049000"}, {"FFCA000002", "6C04"},
        {"FFCA000008", "010203046282"}, {"FFCA0000", "6700"},           {"FFCA010000", "6A81"},
        {"FF82000006FFFFFFFFFFFF", "6A81"}, {"FF", "6700"},
        {"00CA000000", ""}, {"00A40000", ""}, /* the card's */
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buffer raw = BUFFER_INIT(64), answer = BUFFER_INIT(64);
        char text[130];
        assert_int_equal(hex_decode(rows[i].command, &raw), RESULT_OK);
        assert_int_equal(reader_command_answer(buffer_bytes(&raw), pupi, &answer), rows[i].response[0] != 0);
        hex_encode(buffer_bytes(&answer), text, sizeof text);
        assert_string_equal(text, rows[i].response);
        buffer_wipe(&raw);
        buffer_wipe(&answer);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(times), cmocka_unit_test(readers_answer_for_themselves)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
