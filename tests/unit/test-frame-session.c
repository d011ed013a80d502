/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One connection of a relay between a terminal and p11-kit's loop, with the loop as the test says: what is handed over,
 * and what ends it. */
#define P11_KIT_FUTURE_UNSTABLE_API
#include "wire/frame_session.h"

#include "base/clock.h"
#include "se/filter.h"

#include <p11-kit/remote.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define WAIT_MS 20000
#define IDLE_MS 300
#define LONG_MS 20000

static rpc_end terminal, relay;
static int idle_ms;
static _Atomic uint64_t frames;
static pthread_t running;
static uint8_t handed[RPC_HEADER_LENGTH + RPC_QUESTION_MAX]; /* to the loop, last */
static size_t handed_length;
static size_t answer_length; /* what the loop answers: a body of so many bytes; 0: it hangs up */
static relay_client one_client, *serving;

CK_FUNCTION_LIST *filter_functions(void) {
    return NULL;
}

result relay_client_new(relay_desk *desk, const char *name, relay_client **out) {
    assert_null(desk);
    assert_string_equal(name, "T-01");
    *out = &one_client;
    return RESULT_OK;
}

void relay_client_free(relay_client **client) {
    *client = NULL;
}

void relay_client_serve(relay_client *client) {
    serving = client;
}

static void put_length(uint8_t *at, size_t length) {
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(length >> (24 - 8 * i));
}

/* p11-kit's loop: a version, then an answer to each question. */
int p11_kit_remote_serve_module(CK_FUNCTION_LIST *module, int in, int out) {
    const rpc_end end = {.fd = in};
    buffer question = BUFFER_INIT(sizeof handed);
    uint8_t version;
    assert_null(module);
    assert_int_equal(in, out);
    if (rpc_read(&end, &version, 1, WAIT_MS) != RESULT_OK || rpc_write(&end, bytes_of("\x01", 1), WAIT_MS) != RESULT_OK)
        return 1;
    while (rpc_receive(&end, RPC_QUESTION_MAX, RPC_NO_TIMEOUT, WAIT_MS, &question) == RESULT_OK) {
        memcpy(handed, question.data, handed_length = question.length);
        buffer_clear(&question);
        if (answer_length == 0)
            break;
        uint8_t *answer = calloc(1, RPC_HEADER_LENGTH + answer_length);
        assert_non_null(answer);
        put_length(answer + 8, answer_length);
        rpc_write(&end, bytes_of(answer, RPC_HEADER_LENGTH + answer_length), WAIT_MS);
        free(answer);
    }
    buffer_wipe(&question);
    return 0;
}

static atomic_bool allowed;

static bool is_allowed(void *context) {
    assert_null(context);
    return allowed;
}

static void *run(void *unused) {
    (void)unused;
    const frame_session_rules rules = {idle_ms, &frames, is_allowed, NULL};
    frame_session_run(NULL, "T-01", &relay, &rules);
    rpc_close(&relay);
    return NULL;
}

static void begin(int idle, size_t answers) {
    int pair[2];
    uint8_t version = 0;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    terminal = (rpc_end){.fd = pair[0]};
    relay = (rpc_end){.fd = pair[1]};
    idle_ms = idle;
    allowed = true;
    frames = 0;
    handed_length = 0;
    answer_length = answers;
    assert_int_equal(pthread_create(&running, NULL, run, NULL), 0);
    assert_int_equal(rpc_write(&terminal, bytes_of("\0", 1), WAIT_MS), RESULT_OK);
    assert_int_equal(rpc_read(&terminal, &version, 1, WAIT_MS), RESULT_OK);
    assert_int_equal(version, 1);
}

static void end(void) {
    assert_int_equal(pthread_join(running, NULL), 0);
    rpc_close(&terminal);
}

static void ask(size_t length, size_t sent) {
    uint8_t *question = calloc(1, RPC_HEADER_LENGTH + sent);
    assert_non_null(question);
    put_length(question + 8, length);
    memset(question + RPC_HEADER_LENGTH, 'q', sent);
    assert_int_equal(rpc_write(&terminal, bytes_of(question, RPC_HEADER_LENGTH + sent), WAIT_MS), RESULT_OK);
    free(question);
}

/* RESULT_IO: with bytes of ours that were never read. */
static void is_hung_up(void) {
    uint8_t byte;
    const result code = rpc_read(&terminal, &byte, 1, WAIT_MS);
    assert_true(code == RESULT_REMOVED || code == RESULT_IO);
}

static void whole_frames_are_handed_over_and_back(void **state) {
    static const size_t rows[][2] = {{1, 1}, {RPC_QUESTION_MAX, 5}, {3, RPC_ANSWER_MAX}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buffer answer = BUFFER_INIT(RPC_HEADER_LENGTH + RPC_ANSWER_MAX);
        begin(LONG_MS, rows[i][1]);
        ask(rows[i][0], rows[i][0]);
        assert_int_equal(rpc_receive(&terminal, RPC_ANSWER_MAX, WAIT_MS, WAIT_MS, &answer), RESULT_OK);
        assert_int_equal(answer.length, RPC_HEADER_LENGTH + rows[i][1]);
        assert_int_equal(handed_length, RPC_HEADER_LENGTH + rows[i][0]);
        assert_int_equal(handed[handed_length - 1], 'q');
        assert_int_equal(frames, 1);
        assert_ptr_equal(serving, &one_client);
        shutdown(terminal.fd, SHUT_RDWR);
        end();
        buffer_wipe(&answer);
    }
}

static void what_is_too_long_is_not_handed_over(void **state) {
    (void)state;
    begin(LONG_MS, 1);
    ask(RPC_QUESTION_MAX + 1, 10);
    is_hung_up();
    end();
    assert_int_equal(frames, 0);
    assert_int_equal(handed_length, 0);
}

static void who_may_not_go_on_hands_nothing_over(void **state) {
    (void)state;
    begin(LONG_MS, 1);
    allowed = false;
    ask(3, 3);
    is_hung_up();
    end();
    assert_int_equal(frames, 0);
    assert_int_equal(handed_length, 0);
}

static void a_client_that_hangs_up_in_a_frame_hands_nothing_over(void **state) {
    (void)state;
    begin(LONG_MS, 1);
    ask(100, 99);
    shutdown(terminal.fd, SHUT_RDWR);
    end();
    assert_int_equal(frames, 0);
    assert_int_equal(handed_length, 0);
}

static void silence_has_an_end(void **state) {
    (void)state;
    begin(IDLE_MS, 1);
    is_hung_up();
    end();
}

static void the_loop_s_end_is_the_connection_s(void **state) {
    (void)state;
    begin(LONG_MS, 0);
    ask(1, 1);
    is_hung_up();
    end();
    assert_int_equal(frames, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_frames_are_handed_over_and_back),
        cmocka_unit_test(what_is_too_long_is_not_handed_over),
        cmocka_unit_test(who_may_not_go_on_hands_nothing_over),
        cmocka_unit_test(a_client_that_hangs_up_in_a_frame_hands_nothing_over),
        cmocka_unit_test(silence_has_an_end),
        cmocka_unit_test(the_loop_s_end_is_the_connection_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
