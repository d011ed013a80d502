/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The desk's socket by itself: who may speak, whose socket is taken for the desk's, how long frames may be. Who the
 * other end is and to whom a folder belongs is written here, in the C library's place. */
#include "desk/desk_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#define OTHER 65531
#define GROUP 65532

static bool kernel_is_silent, scripted;
static struct ucred said;
static gid_t said_groups[4];
static size_t group_count;
static struct stat said_folder;

int getsockopt(int fd, int level, int name, void *value, socklen_t *length) {
    if (!scripted)
        return (int)syscall(SYS_getsockopt, fd, level, name, value, length);
    if (kernel_is_silent) {
        errno = ENOPROTOOPT;
        return -1;
    }
    if (name == SO_PEERCRED)
        memcpy(value, &said, *length = sizeof said);
    else
        memcpy(value, said_groups, *length = (socklen_t)(group_count * sizeof *said_groups));
    return 0;
}

int stat(const char *restrict path, struct stat *restrict out) {
    if (!scripted)
        return fstatat(AT_FDCWD, path, out, 0);
    *out = said_folder;
    return 0;
}

static void by_the_script(uid_t uid) {
    scripted = true;
    kernel_is_silent = false;
    said = (struct ucred){.pid = 1, .uid = uid, .gid = uid};
    group_count = 0;
}

static int end(void **state) {
    (void)state;
    scripted = false;
    return 0;
}

static void the_user_and_the_group_may_speak(void **state) {
    static const struct {
        const char *who;
        bool same_user;
        gid_t own, second, group;
        bool may;
    } rows[] = {
        {"the desk's user", true, 1, 1, DESK_NO_GROUP, true},
        {"the desk's user beside a group", true, 1, 1, GROUP, true},
        {"another user without a group", false, 1, 1, DESK_NO_GROUP, false},
        {"a group of its own number, none being set", false, DESK_NO_GROUP, DESK_NO_GROUP, DESK_NO_GROUP, false},
        {"a stranger to the group", false, 1, 2, GROUP, false},
        {"a member by its own group", false, GROUP, 1, GROUP, true},
        {"a member by another group", false, 1, GROUP, GROUP, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        by_the_script(OTHER);
        said_groups[0] = 3;
        said_groups[1] = rows[i].second;
        group_count = 2;
        const desk_peer peer = {rows[i].same_user ? geteuid() : OTHER, rows[i].own, 1};
        if (desk_peer_may_speak(0, &peer, rows[i].group) != rows[i].may)
            fail_msg("%s", rows[i].who);
    }
    kernel_is_silent = true;
    const desk_peer silent = {OTHER, 1, 1};
    desk_peer out;
    assert_false(desk_peer_may_speak(0, &silent, GROUP));
    assert_false(desk_peer_of(0, &out));
}

static void only_the_owner_of_the_folder_has_put_the_socket_there(void **state) {
    const uid_t me = geteuid();
    const struct {
        uid_t peer, owner;
        mode_t mode;
        result due;
    } rows[] = {
        {me, OTHER, 0777, RESULT_OK},         {OTHER, OTHER, 0755, RESULT_OK},     {OTHER, OTHER, 0700, RESULT_OK},
        {OTHER, OTHER, 0775, RESULT_DENIED},  {OTHER, OTHER, 0757, RESULT_DENIED}, {OTHER, me, 0755, RESULT_DENIED},
        {OTHER, OTHER, 01777, RESULT_DENIED},
    };
    char folder[] = "/tmp/test-desk-wire.XXXXXX", path[64];
    int listener, fd;
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/sock", folder);
    assert_int_equal(desk_wire_connect(path, &fd), RESULT_NOT_FOUND);
    assert_int_equal(desk_wire_listen(path, DESK_NO_GROUP, &listener), RESULT_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        by_the_script(rows[i].peer);
        said_folder = (struct stat){.st_uid = rows[i].owner, .st_mode = S_IFDIR | rows[i].mode};
        if (desk_wire_connect(path, &fd) != rows[i].due)
            fail_msg("row %zu", i);
        assert_int_equal(fd >= 0, rows[i].due == RESULT_OK);
        if (fd >= 0)
            close(fd);
    }
    kernel_is_silent = true;
    assert_int_equal(desk_wire_connect(path, &fd), RESULT_DENIED);
    scripted = false;
    assert_int_equal(desk_wire_listen(path, DESK_NO_GROUP, &fd), RESULT_EXISTS); /* one is alive */
    close(listener);
    assert_int_equal(desk_wire_connect(path, &fd), RESULT_NOT_FOUND);
    assert_int_equal(desk_wire_listen(path, DESK_NO_GROUP, &listener), RESULT_OK); /* in a dead one's place */
    close(listener);
    unlink(path);
    rmdir(folder);
}

typedef struct sending {
    int fd;
    bytes content;
    result code;
} sending;

static void *send_frame(void *context) {
    sending *s = context;
    s->code = desk_wire_send(s->fd, 'O', s->content);
    return NULL;
}

static void frames_have_a_longest(void **state) {
    int ends[2];
    char type = 0;
    uint8_t byte;
    pthread_t thread;
    buffer content = BUFFER_INIT(DESK_FRAME_MAX + 1), got = BUFFER_INIT(DESK_FRAME_MAX);
    (void)state;
    assert_non_null(buffer_extend(&content, DESK_FRAME_MAX + 1));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    close(ends[1]); /* whoever sends now is told so, and does not wait */
    assert_int_equal(desk_wire_send(ends[0], 'O', buffer_bytes(&content)), RESULT_TOO_LONG);
    close(ends[0]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(desk_wire_send(ends[0], 'O', buffer_bytes(&content)), RESULT_TOO_LONG);
    assert_int_equal(recv(ends[1], &byte, 1, MSG_DONTWAIT), -1); /* nothing was sent */
    sending s = {ends[0], bytes_slice(buffer_bytes(&content), 0, DESK_FRAME_MAX), RESULT_INTERNAL};
    assert_int_equal(pthread_create(&thread, NULL, send_frame, &s), 0);
    assert_int_equal(desk_wire_receive(ends[1], &type, &got), RESULT_OK);
    pthread_join(thread, NULL);
    assert_int_equal(s.code, RESULT_OK);
    assert_int_equal(type, 'O');
    assert_int_equal(got.length, DESK_FRAME_MAX);
    buffer_wipe(&content);
    buffer_wipe(&got);
    /* What the other end says is longer than the room is not read. */
    buffer small = BUFFER_INIT(4);
    assert_int_equal(desk_wire_send(ends[0], 'P', BYTES("12345")), RESULT_OK);
    assert_int_equal(desk_wire_receive(ends[1], &type, &small), RESULT_TOO_LONG);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(send(ends[0], "P\0\0\0\2a", 6, 0), 6); /* and the other end ends */
    close(ends[0]);
    assert_int_equal(desk_wire_receive(ends[1], &type, &small), RESULT_UNAVAILABLE);
    close(ends[1]);
    buffer_wipe(&small);
}

static void a_head_says_its_length(void **state) {
    static const struct {
        uint8_t head[DESK_HEAD_LENGTH];
        size_t length;
    } rows[] = {{{'O', 0, 0, 0, 0}, 0},     {{'O', 0, 0, 0, 1}, 1},        {{'O', 0, 0, 1, 0}, 256},
                {{'O', 0, 1, 0, 0}, 65536}, {{'O', 1, 0, 0, 0}, 16777216}, {{'O', 0xFF, 0xFF, 0xFF, 0xFF}, 0xFFFFFFFF}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(desk_wire_length(rows[i].head) == rows[i].length);
    buffer frame = BUFFER_INIT(16);
    assert_int_equal(desk_wire_append(&frame, 'E', bytes_of("ab", 2)), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&frame), bytes_of("E\0\0\0\2ab", 7)));
    buffer_wipe(&frame);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_user_and_the_group_may_speak, end),
        cmocka_unit_test_teardown(only_the_owner_of_the_folder_has_put_the_socket_there, end),
        cmocka_unit_test(frames_have_a_longest),
        cmocka_unit_test(a_head_says_its_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
