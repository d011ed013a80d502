/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The orders of a relay's administrator: by whom, and which line reaches which row. The kernel's word about the peer is
 * the test's. */
#include "main/relay_control.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/test-relay-control-XXXXXX";
static char path[64];
static relay_control *control;
static struct ucred peer;
static int peer_outcome;

int __wrap_getsockopt(int fd, int level, int name, void *out, socklen_t *length);
int __real_getsockopt(int fd, int level, int name, void *out, socklen_t *length);

int __wrap_getsockopt(int fd, int level, int name, void *out, socklen_t *length) {
    if (level != SOL_SOCKET || name != SO_PEERCRED)
        return __real_getsockopt(fd, level, name, out, length);
    memcpy(out, &peer, sizeof peer);
    return peer_outcome;
}

static result answer_status(void *context, bytes words, buffer *answer) {
    (void)context;
    return buffer_append_format(answer, "status of %.*s\n", (int)words.length, (const char *)words.data);
}

static result answer_unlock(void *context, bytes words, buffer *answer) {
    *(unsigned *)context += 1;
    return buffer_append_format(answer, "unlocked with %zu\n", words.length);
}

static unsigned unlocked;
static const relay_control_line lines[] = {{"status", answer_status}, {"unlock", answer_unlock}, {NULL, NULL}};

static int begin(void **state) {
    (void)state;
    peer = (struct ucred){.uid = geteuid()};
    peer_outcome = 0;
    unlocked = 0;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/relay.sock", folder);
    return relay_control_start(path, lines, &unlocked, &control) == RESULT_OK ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    relay_control_stop(&control);
    assert_int_not_equal(access(path, F_OK), 0);
    rmdir(folder);
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    return 0;
}

typedef struct asking {
    const char *line;
    buffer answer;
    result code;
    _Atomic bool done;
} asking;

static void *ask(void *context) {
    asking *a = context;
    a->code = relay_control_ask(path, bytes_of(a->line, strlen(a->line)), &a->answer);
    a->done = true;
    return NULL;
}

/* NULL: no answer. */
static void gets(const char *line, const char *due) {
    pthread_t thread;
    asking a = {.line = line, .answer = BUFFER_INIT(CONTROL_ANSWER_MAX)};
    assert_int_equal(pthread_create(&thread, NULL, ask, &a), 0);
    while (!a.done) {
        relay_control_turn(control);
        usleep(1000);
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    if (due != NULL)
        assert_string_equal(buffer_text(&a.answer), due);
    assert_int_equal(a.code == RESULT_OK, due != NULL);
    buffer_wipe(&a.answer);
}

static void each_line_reaches_its_row(void **state) {
    char much[512];
    (void)state;
    gets("status \n", "status of \n");
    gets("status all\n", "status of all\n");
    gets("unlock 123456\n", "unlocked with 6\n");
    gets("unlock\n", "unlocked with 0\n");
    gets("lock\n", "unknown\n");
    gets("\n", "unknown\n");
    memset(much, 'x', sizeof much);
    much[sizeof much - 2] = '\n';
    much[sizeof much - 1] = '\0';
    gets(much, NULL); /* longer than any line */
    gets("status again\n", "status of again\n");
}

static void only_its_user_and_root_give_orders(void **state) {
    (void)state;
    peer.uid = geteuid() + 1;
    gets("unlock 1\n", NULL);
    peer.uid = 0;
    peer_outcome = -1; /* the kernel does not know */
    gets("unlock 1\n", NULL);
    assert_int_equal(unlocked, 0);
    peer_outcome = 0;
    gets("unlock 1\n", "unlocked with 1\n");
    peer.uid = geteuid();
    gets("unlock 1\n", "unlocked with 1\n");
    assert_int_equal(unlocked, 2);
}

static void without_a_relay_there_is_no_answer(void **state) {
    buffer answer = BUFFER_INIT(16);
    char other[200];
    (void)state;
    snprintf(other, sizeof other, "%s.not", path);
    assert_int_equal(relay_control_ask(other, bytes_of("status\n", 7), &answer), RESULT_NOT_FOUND);
    memset(other, 'x', sizeof other - 1);
    other[sizeof other - 1] = '\0';
    assert_int_equal(relay_control_ask(other, bytes_of("status\n", 7), &answer), RESULT_TOO_LONG);
    buffer_wipe(&answer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(each_line_reaches_its_row),
        TEST(only_its_user_and_root_give_orders),
        TEST(without_a_relay_there_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
