/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/cardlink: frames as specified and as no honest peer sends them, deadlines of streams, the backend's end. */
#include "base/clock.h"
#include "cardlink/backend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const uint8_t atr[] = {0x3B, 0x80, 0x80, 0x01, 0x01};

/* --- in the C library's place: time that passes at once, and who is at the other end -------------------------------- */

static int64_t skipped_s;
static uid_t told_peer = (uid_t)-1; /* -1: whoever it is */

int clock_gettime(clockid_t clock, struct timespec *out) {
    int code = (int)syscall(SYS_clock_gettime, clock, out);
    out->tv_sec += skipped_s;
    return code;
}

int getsockopt(int fd, int level, int name, void *value, socklen_t *length) {
    int code = (int)syscall(SYS_getsockopt, fd, level, name, value, length);
    if (code == 0 && level == SOL_SOCKET && name == SO_PEERCRED && told_peer != (uid_t)-1)
        ((struct ucred *)value)->uid = told_peer;
    return code;
}

static void append_header(buffer *raw, uint32_t length, uint32_t type_word, uint32_t generation) {
    buffer_append_u32(raw, length);
    buffer_append_u32(raw, type_word);
    buffer_append_u32(raw, generation);
}

static void frames_are_as_specified(void **state) {
    (void)state;
    static const uint8_t card_in[] = {0, 0, 0, 5, 2, 0, 0, 0, 0, 0, 1, 2, 0x3B, 0x80, 0x80, 0x01, 0x01};
    static const uint8_t hello[] = {0, 0, 0, 6, 1, 0, 0, 0, 0, 0, 0, 0, 'U', 'K', 'C', 'L', 0, 1};
    buffer raw = BUFFER_INIT(CARDLINK_STREAM_MAX);
    cardlink_frame frame;
    size_t used;
    uint16_t version;
    assert_int_equal(cardlink_frame_build(&(cardlink_frame){CARDLINK_CARD_IN, 0x102, BYTES(atr)}, &raw), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&raw), BYTES(card_in)));
    assert_int_equal(cardlink_frame_parse(buffer_bytes(&raw), &frame, &used), RESULT_OK);
    assert_int_equal(used, sizeof card_in);
    assert_int_equal(frame.type, CARDLINK_CARD_IN);
    assert_int_equal(frame.generation, 0x102);
    assert_true(bytes_equal(frame.payload, BYTES(atr)));
    buffer_clear(&raw);
    assert_int_equal(cardlink_hello_build(CARDLINK_VERSION, &raw), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&raw), BYTES(hello)));
    assert_int_equal(cardlink_frame_parse(buffer_bytes(&raw), &frame, &used), RESULT_OK);
    assert_int_equal(cardlink_hello_check(&frame, &version), RESULT_OK);
    raw.data[17] = 2;
    assert_int_equal(cardlink_hello_check(&frame, &version), RESULT_UNSUPPORTED);
    assert_int_equal(version, 2);
    raw.data[12] = 'X';
    assert_int_equal(cardlink_hello_check(&frame, &version), RESULT_INVALID);
    buffer_wipe(&raw);
}

static void a_frame_is_whole_or_truncated(void **state) {
    (void)state;
    buffer raw = BUFFER_INIT(CARDLINK_STREAM_MAX);
    cardlink_frame frame;
    size_t used;
    cardlink_frame_build(&(cardlink_frame){CARDLINK_TRANSMIT, 1, BYTES(atr)}, &raw);
    for (size_t length = 0; length < raw.length; length++)
        assert_int_equal(cardlink_frame_parse(bytes_of(raw.data, length), &frame, &used), RESULT_TRUNCATED);
    buffer_append_u8(&raw, 0xAA); /* the next frame's */
    assert_int_equal(cardlink_frame_parse(buffer_bytes(&raw), &frame, &used), RESULT_OK);
    assert_int_equal(used, raw.length - 1);
    buffer_wipe(&raw);
}

static void bounds_are_checked_from_the_header(void **state) {
    (void)state;
    static const struct {
        uint8_t type;
        uint32_t generation, length;
        result expected;
    } rows[] = {
        {CARDLINK_TRANSMIT, 1, CARDLINK_COMMAND_MAX, RESULT_TRUNCATED},
        {CARDLINK_TRANSMIT, 1, CARDLINK_COMMAND_MAX + 1, RESULT_INVALID},
        {CARDLINK_TRANSMIT, 1, 0, RESULT_INVALID},
        {CARDLINK_TRANSMIT, 0, 5, RESULT_INVALID},
        {CARDLINK_RESPONSE, 1, CARDLINK_RESPONSE_MAX, RESULT_TRUNCATED},
        {CARDLINK_RESPONSE, 1, CARDLINK_RESPONSE_MAX + 1, RESULT_INVALID},
        {CARDLINK_RESPONSE, 1, 0xFFFFFFFF, RESULT_INVALID},
        {CARDLINK_RESPONSE, 1, 0, RESULT_OK},
        {CARDLINK_CARD_IN, 1, 1, RESULT_INVALID},
        {CARDLINK_CARD_IN, 1, CARDLINK_ATR_MAX, RESULT_TRUNCATED},
        {CARDLINK_CARD_IN, 1, CARDLINK_ATR_MAX + 1, RESULT_INVALID},
        {CARDLINK_CARD_OUT, 1, 0, RESULT_OK},
        {CARDLINK_CARD_OUT, 1, 1, RESULT_INVALID},
        {CARDLINK_POWER_UP_DONE, 1, 0, RESULT_OK},
        {CARDLINK_POWER_UP_DONE, 1, CARDLINK_ATR_MAX + 1, RESULT_INVALID},
        {CARDLINK_HELLO, 0, 6, RESULT_TRUNCATED},
        {CARDLINK_HELLO, 1, 6, RESULT_INVALID},
        {CARDLINK_HELLO, 0, 7, RESULT_INVALID},
        {0x00, 1, 0, RESULT_INVALID},
        {0x14, 1, 0, RESULT_INVALID},
        {0xFF, 1, 0, RESULT_INVALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buffer raw = BUFFER_INIT(64);
        cardlink_frame frame;
        size_t used;
        append_header(&raw, rows[i].length, (uint32_t)rows[i].type << 24, rows[i].generation);
        result got = cardlink_frame_parse(buffer_bytes(&raw), &frame, &used);
        if (got != rows[i].expected)
            print_message("row %zu\n", i);
        assert_int_equal(got, rows[i].expected);
        raw.data[5 + i % 3] = 1; /* reserved */
        assert_int_equal(cardlink_frame_parse(buffer_bytes(&raw), &frame, &used), RESULT_INVALID);
        buffer_wipe(&raw);
    }
}

static void build_refuses_what_parse_refuses(void **state) {
    (void)state;
    buffer raw = BUFFER_INIT(CARDLINK_STREAM_MAX);
    cardlink_frame bad[] = {
        {CARDLINK_TRANSMIT, 0, BYTES(atr)}, {CARDLINK_TRANSMIT, 1, {NULL, 0}},   {CARDLINK_HELLO, 1, BYTES(atr)},
        {CARDLINK_CARD_OUT, 1, BYTES(atr)}, {(cardlink_type)0x55, 1, {NULL, 0}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(cardlink_frame_build(&bad[i], &raw), RESULT_INVALID);
    assert_int_equal(raw.length, 0);
    buffer_wipe(&raw);
}

/* Whatever bytes come: a parsed frame lies inside them and can be built again to the same bytes. */
static void random_bytes_never_lead_outside(void **state) {
    (void)state;
    unsigned seed = 20261123;
    int parsed = 0;
    for (int round = 0; round < 20000; round++) {
        uint8_t raw[64];
        size_t length = (size_t)rand_r(&seed) % sizeof raw;
        for (size_t i = 0; i < length; i++)
            raw[i] = (uint8_t)rand_r(&seed);
        if (round % 2 == 0 && length >= CARDLINK_HEADER_LENGTH) { /* likely enough to parse */
            static const uint8_t types[] = {1, 2, 3, 0x10, 0x13, 0x90, 0x93, 0x77};
            memset(raw, 0, 8);
            raw[3] = (uint8_t)(rand_r(&seed) % 60);
            raw[4] = types[rand_r(&seed) % sizeof types];
        }
        cardlink_frame frame;
        size_t used;
        if (cardlink_frame_parse(bytes_of(raw, length), &frame, &used) != RESULT_OK)
            continue;
        buffer again = BUFFER_INIT(sizeof raw);
        assert_true(used <= length && frame.payload.length + CARDLINK_HEADER_LENGTH == used);
        assert_int_equal(cardlink_frame_build(&frame, &again), RESULT_OK);
        assert_true(bytes_equal(buffer_bytes(&again), bytes_of(raw, used)));
        buffer_wipe(&again);
        parsed++;
    }
    assert_true(parsed > 500);
}

static void open_pair(cardlink_stream *stream, int *other) {
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(cardlink_stream_open(stream, pair[0]), RESULT_OK);
    *other = pair[1];
}

static void stream_takes_frames_in_pieces_and_together(void **state) {
    (void)state;
    cardlink_stream stream;
    int other;
    cardlink_frame frame;
    buffer raw = BUFFER_INIT(4096);
    open_pair(&stream, &other);
    cardlink_frame_build(&(cardlink_frame){CARDLINK_CARD_IN, 1, BYTES(atr)}, &raw);
    cardlink_frame_build(&(cardlink_frame){CARDLINK_CARD_OUT, 1, {NULL, 0}}, &raw);
    for (size_t i = 0; i < 16; i++) {
        assert_int_equal(cardlink_stream_receive(&stream, &frame, 0), RESULT_TIMEOUT);
        assert_int_equal(write(other, raw.data + i, 1), 1);
    }
    assert_int_equal(write(other, raw.data + 16, raw.length - 16), raw.length - 16);
    assert_int_equal(cardlink_stream_receive(&stream, &frame, 0), RESULT_OK);
    assert_true(bytes_equal(frame.payload, BYTES(atr)));
    assert_int_equal(cardlink_stream_receive(&stream, &frame, 0), RESULT_OK);
    assert_int_equal(frame.type, CARDLINK_CARD_OUT);
    assert_int_equal(cardlink_stream_receive(&stream, &frame, 0), RESULT_TIMEOUT);
    close(other);
    assert_int_equal(cardlink_stream_receive(&stream, &frame, clock_monotonic_ms() + 1000), RESULT_REMOVED);
    cardlink_stream_close(&stream);
    buffer_wipe(&raw);
}

static void stream_has_deadlines(void **state) {
    (void)state;
    cardlink_stream stream;
    int other;
    cardlink_frame frame;
    open_pair(&stream, &other);
    int64_t start = clock_monotonic_ms();
    assert_int_equal(cardlink_stream_receive(&stream, &frame, start + 50), RESULT_TIMEOUT);
    assert_in_range(clock_monotonic_ms() - start, 49, 2000);
    /* Half a frame, then silence: noticed by itself, however far the caller's deadline is. */
    assert_int_equal(write(other, "\0\0\0\5", 4), 4);
    start = clock_monotonic_ms();
    assert_int_equal(cardlink_stream_receive(&stream, &frame, start + 60000), RESULT_INVALID);
    assert_in_range(clock_monotonic_ms() - start, CARDLINK_FRAME_DEADLINE_MS - 10, 59000);
    cardlink_stream_close(&stream);
    close(other);
    /* A peer that takes nothing. */
    static uint8_t large[CARDLINK_COMMAND_MAX];
    open_pair(&stream, &other);
    result code = RESULT_OK;
    for (int i = 0; code == RESULT_OK && i < 100; i++)
        code = cardlink_stream_send(&stream, &(cardlink_frame){CARDLINK_TRANSMIT, 1, BYTES(large)},
                                    clock_monotonic_ms() + 50);
    assert_int_equal(code, RESULT_TIMEOUT);
    cardlink_stream_close(&stream);
    close(other);
    assert_int_equal(cardlink_stream_receive(&stream, &frame, 0), RESULT_REMOVED);
}

/* Who only looks from time to time notices it, too. */
static void half_a_frame_has_its_time(void **state) {
    (void)state;
    cardlink_stream stream;
    int other;
    cardlink_frame frame;
    open_pair(&stream, &other);
    assert_int_equal(write(other, "\0\0\0\5", 4), 4);
    assert_int_equal(cardlink_stream_receive(&stream, &frame, 0), RESULT_TIMEOUT);
    skipped_s += CARDLINK_FRAME_DEADLINE_MS / 1000 + 1;
    assert_int_equal(cardlink_stream_receive(&stream, &frame, 0), RESULT_INVALID);
    cardlink_stream_close(&stream);
    close(other);
}

static void the_other_end_is_root_ourselves_or_one_user(void **state) {
    const uid_t own = geteuid(), one = own + 1000, another = own + 2000, nobody = (uid_t)-1;
    const struct {
        uid_t peer, trusted;
        result due;
    } rows[] = {
        {0, nobody, RESULT_OK}, {own, nobody, RESULT_OK}, {one, nobody, RESULT_DENIED},  {one, one, RESULT_OK},
        {0, one, RESULT_OK},    {own, one, RESULT_OK},    {another, one, RESULT_DENIED},
    };
    (void)state;
    cardlink_stream stream;
    int other;
    open_pair(&stream, &other);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uid_t found = nobody;
        told_peer = rows[i].peer;
        assert_int_equal(cardlink_check_peer(other, rows[i].trusted, &found), rows[i].due);
        assert_int_equal(found, rows[i].peer);
    }
    told_peer = (uid_t)-1;
    cardlink_stream_close(&stream);
    close(other);
}

static char folder[] = "/tmp/uketsuke-test-cardlink.XXXXXX";

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state) {
    (void)state;
    return rmdir(folder);
}

/* A handler as the specification has it, as far as the backend's end can see. */
static int listen_at(struct sockaddr_un *address) {
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(address->sun_path, sizeof address->sun_path, "%s/reader.sock", folder);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)address, sizeof *address), 0);
    assert_int_equal(listen(fd, 4), 0);
    return fd;
}

static void say_hello(cardlink_stream *stream, uint16_t version) {
    buffer raw = BUFFER_INIT(64);
    cardlink_hello_build(version, &raw);
    assert_int_equal(write(stream->fd, raw.data, raw.length), raw.length);
    buffer_wipe(&raw);
}

static void backend_tells_answers_and_forgets(void **state) {
    (void)state;
    static const uint8_t command[] = {0, 0xB0, 0, 0, 0}, answer[] = {0x90, 0};
    struct sockaddr_un address;
    cardlink_backend *backend;
    cardlink_request request;
    cardlink_stream stream;
    cardlink_frame frame;
    int listener = listen_at(&address);
    assert_int_equal(cardlink_backend_new(address.sun_path, (uid_t)-1, &backend), RESULT_OK);
    assert_int_equal(cardlink_backend_card_in(backend, bytes_of(atr, 1)), RESULT_INVALID);
    assert_int_equal(cardlink_backend_card_in(backend, BYTES(atr)), RESULT_OK);
    /* Our HELLO waits in the socket before the backend asks for it: one thread is enough. */
    struct sockaddr_un unused;
    socklen_t length = sizeof unused;
    assert_false(cardlink_backend_is_linked(backend));
    pid_t child = fork();
    if (child == 0) {
        result code = cardlink_backend_next(backend, &request, clock_monotonic_ms() + 10000);
        bool good = code == RESULT_OK && request.type == CARDLINK_TRANSMIT &&
                    bytes_equal(request.command, BYTES(command)) &&
                    cardlink_backend_answer(backend, &request, BYTES(answer)) == RESULT_OK;
        cardlink_backend_card_out(backend);
        good = good && cardlink_backend_answer(backend, &request, BYTES(answer)) == RESULT_REMOVED;
        cardlink_backend_card_in(backend, BYTES(atr)); /* the handler waits for it: until here the link was up */
        /* The request about the card that is gone is not handed out; then the handler hangs up. */
        code = cardlink_backend_next(backend, &request, clock_monotonic_ms() + 2000);
        _exit(good && code == RESULT_TIMEOUT && !cardlink_backend_is_linked(backend) ? 0 : 1);
    }
    int fd = -1;
    for (int i = 0; fd < 0 && i < 500; i++, usleep(10000))
        fd = accept(listener, (struct sockaddr *)&unused, &length);
    int64_t deadline = clock_monotonic_ms() + 10000;
    assert_int_equal(cardlink_stream_open(&stream, fd), RESULT_OK);
    say_hello(&stream, CARDLINK_VERSION);
    assert_int_equal(cardlink_stream_receive(&stream, &frame, deadline), RESULT_OK);
    assert_int_equal(frame.type, CARDLINK_HELLO);
    assert_int_equal(cardlink_stream_receive(&stream, &frame, deadline), RESULT_OK);
    assert_int_equal(frame.type, CARDLINK_CARD_IN);
    uint32_t generation = frame.generation;
    cardlink_stream_send(&stream, &(cardlink_frame){CARDLINK_TRANSMIT, generation, BYTES(command)}, deadline);
    assert_int_equal(cardlink_stream_receive(&stream, &frame, deadline), RESULT_OK);
    assert_int_equal(frame.type, CARDLINK_RESPONSE);
    assert_int_equal(frame.generation, generation);
    assert_true(bytes_equal(frame.payload, BYTES(answer)));
    assert_int_equal(cardlink_stream_receive(&stream, &frame, deadline), RESULT_OK);
    assert_int_equal(frame.type, CARDLINK_CARD_OUT);
    assert_int_equal(cardlink_stream_receive(&stream, &frame, deadline), RESULT_OK);
    assert_int_equal(frame.type, CARDLINK_CARD_IN);
    cardlink_stream_send(&stream, &(cardlink_frame){CARDLINK_TRANSMIT, generation, BYTES(command)}, deadline);
    cardlink_stream_close(&stream);
    close(listener);
    unlink(address.sun_path);
    int status = -1;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    cardlink_backend_free(&backend);
}

static void backend_says_why_it_is_not_linked(void **state) {
    (void)state;
    struct sockaddr_un address;
    cardlink_backend *backend;
    cardlink_request request;
    cardlink_stream stream;
    int listener = listen_at(&address);
    assert_int_equal(cardlink_backend_new(address.sun_path, (uid_t)-1, &backend), RESULT_OK);
    pid_t child = fork();
    if (child == 0) { /* a handler of another version */
        int fd = -1;
        for (int i = 0; fd < 0 && i < 500; i++, usleep(10000))
            fd = accept(listener, NULL, NULL);
        if (cardlink_stream_open(&stream, fd) == RESULT_OK)
            say_hello(&stream, CARDLINK_VERSION + 1);
        usleep(100000);
        _exit(0);
    }
    close(listener);
    assert_int_equal(cardlink_backend_next(backend, &request, clock_monotonic_ms() + 5), RESULT_TIMEOUT);
    assert_string_equal(cardlink_backend_problem(backend), "the handler speaks another version of cardlink");
    int status;
    waitpid(child, &status, 0);
    unlink(address.sun_path);
    assert_int_equal(cardlink_backend_next(backend, &request, clock_monotonic_ms() + 30), RESULT_TIMEOUT);
    assert_string_equal(cardlink_backend_problem(backend), "no handler listens: is pcscd up?");
    cardlink_backend_interrupt(backend);
    assert_int_equal(cardlink_backend_next(backend, &request, clock_monotonic_ms() + 10000), RESULT_REMOVED);
    cardlink_backend_free(&backend);
    assert_null(backend);
    char long_path[200];
    memset(long_path, 'x', sizeof long_path);
    long_path[sizeof long_path - 1] = 0;
    assert_int_equal(cardlink_backend_new(long_path, (uid_t)-1, &backend), RESULT_TOO_LONG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_as_specified),
        cmocka_unit_test(a_frame_is_whole_or_truncated),
        cmocka_unit_test(bounds_are_checked_from_the_header),
        cmocka_unit_test(build_refuses_what_parse_refuses),
        cmocka_unit_test(random_bytes_never_lead_outside),
        cmocka_unit_test(stream_takes_frames_in_pieces_and_together),
        cmocka_unit_test(stream_has_deadlines),
        cmocka_unit_test(half_a_frame_has_its_time),
        cmocka_unit_test(the_other_end_is_root_ourselves_or_one_user),
        cmocka_unit_test(backend_tells_answers_and_forgets),
        cmocka_unit_test(backend_says_why_it_is_not_linked),
    };
    return cmocka_run_group_tests_name("cardlink", tests, make_folder, remove_folder);
}
