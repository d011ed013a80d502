/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The SE-state record: the bytes of docs/interfaces/secure-element.md, and both ends of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "iso7816/se_state.h"

static const se_state example = {.condition = SE_STATE_LOCKED,
                                 .life_cycle = 0x8F,
                                 .sequence = 0x01020304,
                                 .foreign = 0x05060708,
                                 .resets = 0x090A0B0C,
                                 .signatures = 0x0D0E0F10,
                                 .connection = 0xF1121314,
                                 .pairing = 0x30161718,
                                 .disturbances = 0x191A1B1C};

static const uint8_t record[SE_STATE_LENGTH] = {0x02, 0x03, 0x8F, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
                                                0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x10, 0xF1, 0x12,
                                                0x13, 0x14, 0x30, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C};

static void it_is_written_as_documented(void **state) {
    uint8_t out[SE_STATE_LENGTH];
    (void)state;
    se_state_encode(&example, out);
    assert_memory_equal(out, record, sizeof record);
}

static void what_is_written_is_read(void **state) {
    se_state read;
    (void)state;
    assert_int_equal(se_state_decode(BYTES(record), &read), RESULT_OK);
    assert_int_equal(read.condition, example.condition);
    assert_int_equal(read.life_cycle, example.life_cycle);
    assert_int_equal(read.sequence, example.sequence);
    assert_int_equal(read.foreign, example.foreign);
    assert_int_equal(read.resets, example.resets);
    assert_int_equal(read.signatures, example.signatures);
    assert_int_equal(read.connection, example.connection);
    assert_int_equal(read.pairing, example.pairing);
    assert_int_equal(read.disturbances, example.disturbances);
}

static void another_layout_is_not_read(void **state) {
    uint8_t other[SE_STATE_LENGTH];
    se_state read;
    (void)state;
    memcpy(other, record, sizeof other);
    other[0] = 1;
    assert_int_equal(se_state_decode(BYTES(other), &read), RESULT_UNSUPPORTED);
    other[0] = 3;
    assert_int_equal(se_state_decode(BYTES(other), &read), RESULT_UNSUPPORTED);
    other[0] = 2;
    other[3] = 1;
    assert_int_equal(se_state_decode(BYTES(other), &read), RESULT_INVALID);
}

static void another_length_is_not_read(void **state) {
    uint8_t longer[SE_STATE_LENGTH + 1] = {0};
    se_state read;
    (void)state;
    memcpy(longer, record, sizeof record);
    assert_int_equal(se_state_decode(bytes_of(NULL, 0), &read), RESULT_INVALID);
    assert_int_equal(se_state_decode(bytes_of(record, SE_STATE_LENGTH - 1), &read), RESULT_INVALID);
    assert_int_equal(se_state_decode(BYTES(longer), &read), RESULT_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_written_as_documented),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(another_layout_is_not_read),
        cmocka_unit_test(another_length_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
