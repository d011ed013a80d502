/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames as the relay and the connector take them from the other end: one after the other, until one is none. */
#include "fuzz.h"

#include "p11_rpc/rpc_end.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALL_INITIALIZE 1

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    buffer seed = BUFFER_INIT(256);
    (void)count, (void)arguments;
    rpc_error_frame(CALL_INITIALIZE, 0x30, &seed);
    rpc_error_frame(CALL_INITIALIZE + 1, 0, &seed);
    fuzz_give_seed("two", buffer_bytes(&seed));
    buffer_wipe(&seed);
    return 0;
}

/* What was taken is what was announced, within the bound. */
static void check_frame(const buffer *frame, size_t max) {
    rpc_header header;
    FUZZ_REQUIRE(frame->length >= RPC_HEADER_LENGTH && frame->length <= RPC_HEADER_LENGTH + max);
    FUZZ_REQUIRE(rpc_header_read(frame->data, max, &header) == RESULT_OK);
    FUZZ_REQUIRE(frame->length == RPC_HEADER_LENGTH + (size_t)header.options + header.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int pair[2];
    size_t taken = 0;
    FUZZ_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    if (send(pair[0], data, size, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)size)
        size = 0;
    shutdown(pair[0], SHUT_WR);
    const rpc_end end = {.fd = pair[1]};
    result code = RESULT_OK;
    while (code == RESULT_OK) {
        buffer frame = BUFFER_INIT(RPC_HEADER_LENGTH + RPC_QUESTION_MAX);
        code = rpc_receive(&end, RPC_QUESTION_MAX, 1000, 1000, &frame);
        if (code == RESULT_OK) {
            check_frame(&frame, RPC_QUESTION_MAX);
            FUZZ_REQUIRE(taken + frame.length <= size && memcmp(frame.data, data + taken, frame.length) == 0);
            taken += frame.length;
        }
        buffer_wipe(&frame);
    }
    FUZZ_REQUIRE(code != RESULT_TIMEOUT);
    close(pair[0]);
    close(pair[1]);
    return 0;
}
