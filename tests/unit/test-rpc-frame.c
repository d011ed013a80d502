/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames of p11-kit's remote calls: what a header announces is checked before anything is allocated; an answer of our own
 * is what p11-kit's server sends. */
#include "p11_rpc/rpc_end.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void test_header_bounds(void **state) {
    static const struct {
        uint8_t raw[RPC_HEADER_LENGTH];
        result expected;
    } rows[] = {
        {{0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0}, RESULT_OK},
        {{0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0xFF, 0xFF}, RESULT_OK},       /* 65,536 together */
        {{0, 0, 0, 7, 0, 0, 0, 2, 0, 0, 0xFF, 0xFF}, RESULT_TOO_LONG}, /* one more */
        {{0, 0, 0, 7, 0xC0, 0, 0, 0, 0, 0, 0, 0}, RESULT_TOO_LONG},
        {{0, 0, 0, 7, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
         RESULT_TOO_LONG}, /* their sum wraps in 32 bits */
        {{0, 0, 0, 7, 0x80, 0, 0, 0, 0x80, 0, 0, 0}, RESULT_TOO_LONG},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rpc_header header;
        assert_int_equal(rpc_header_read(rows[i].raw, RPC_QUESTION_MAX, &header), rows[i].expected);
        assert_int_equal(header.code, 7);
    }
}

static void test_error_frame(void **state) {
    static const uint8_t expected[] = {0, 0, 1, 2, 0, 0,   0, 0, 0, 0, 0, 17, 0, 0,   0,
                                       0, 0, 0, 0, 1, 'u', 0, 0, 0, 0, 0, 0,  0, 0x30};
    buffer frame = BUFFER_INIT(64);
    (void)state;
    assert_int_equal(rpc_error_frame(0x0102, 0x30, &frame), RESULT_OK);
    assert_int_equal(frame.length, sizeof expected);
    assert_memory_equal(frame.data, expected, sizeof expected);
    buffer_wipe(&frame);
}

/* A peer that announces too much, hangs up in the middle, or says nothing. */
static void test_receive(void **state) {
    static const uint8_t long_one[RPC_HEADER_LENGTH] = {0, 0, 0, 1, 0, 0, 0, 0, 0xC0, 0, 0, 0};
    static const uint8_t whole[] = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 'o', 'b', 'b'};
    int pair[2];
    buffer frame = BUFFER_INIT(RPC_HEADER_LENGTH + RPC_QUESTION_MAX);
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    const rpc_end here = {.fd = pair[0]}, there = {.fd = pair[1]};
    assert_int_equal(rpc_receive(&here, RPC_QUESTION_MAX, 0, 0, &frame), RESULT_TIMEOUT);
    assert_int_equal(rpc_write(&there, BYTES(whole), 1000), RESULT_OK);
    assert_true(rpc_is_readable(&here));
    assert_int_equal(rpc_receive(&here, RPC_QUESTION_MAX, 1000, 1000, &frame), RESULT_OK);
    assert_int_equal(frame.length, sizeof whole);
    assert_memory_equal(frame.data, whole, sizeof whole);
    assert_false(rpc_is_readable(&here));
    buffer_clear(&frame);
    assert_int_equal(rpc_write(&there, BYTES(long_one), 1000), RESULT_OK);
    assert_int_equal(rpc_receive(&here, RPC_QUESTION_MAX, 1000, 1000, &frame), RESULT_TOO_LONG);
    assert_int_equal(frame.length, 0);
    assert_int_equal(rpc_write(&there, bytes_of(whole, sizeof whole - 1), 1000), RESULT_OK);
    close(pair[1]);
    assert_int_equal(rpc_receive(&here, RPC_QUESTION_MAX, 1000, 1000, &frame), RESULT_REMOVED);
    assert_int_equal(rpc_write(&here, BYTES(whole), 1000), RESULT_IO); /* and no signal */
    close(pair[0]);
    buffer_wipe(&frame);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_header_bounds), cmocka_unit_test(test_error_frame),
                                       cmocka_unit_test(test_receive)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
