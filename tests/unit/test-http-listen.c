/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/net's listening sockets: each reason why there is none is told by its own words, whatever user runs this. */
#include "base/log.h"
#include "net/http_listen.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

static int bind_fails; /* errno, or 0: the kernel decides */

/* In the C library's place. */
int bind(int fd, const struct sockaddr *address, socklen_t length) {
    if (bind_fails == 0)
        return (int)syscall(SYS_bind, fd, address, length);
    errno = bind_fails;
    return -1;
}

static char *words; /* of the log since it was opened */
static size_t word_count;
static FILE *stream;

static int open_log(void **state) {
    (void)state;
    stream = open_memstream(&words, &word_count);
    log_open("test", LOG_ERROR, stream);
    bind_fails = 0;
    return stream ? 0 : -1;
}

static int close_log(void **state) {
    (void)state;
    log_open("test", LOG_ERROR, NULL);
    fclose(stream);
    free(words);
    return 0;
}

static void said(const char *due) {
    fflush(stream);
    if (!strstr(words, due))
        fail_msg("\"%s\" does not say \"%s\"", words, due);
}

static void each_cause_has_its_words(void **state) {
    static const struct {
        int number;
        result due;
        const char *words;
    } cases[] = {
        {EADDRINUSE, RESULT_UNAVAILABLE, "127.0.0.1 port 80: it is in use"},
        {EACCES, RESULT_DENIED, "127.0.0.1 port 80: this user may not listen there. Choose a port from 1024 on"},
        {EADDRNOTAVAIL, RESULT_UNAVAILABLE, "this machine has no such address"},
        {ENOMEM, RESULT_IO, "Cannot allocate memory"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int fd = 0;
        uint16_t port = 0;
        bind_fails = cases[i].number;
        assert_int_equal(http_listen_tcp("127.0.0.1", 80, &fd, &port), cases[i].due);
        assert_int_equal(fd, -1);
        said(cases[i].words);
    }
}

static void taken_ports_are_seen(void **state) {
    int first = -1, second = -1;
    uint16_t port = 0, other = 0;
    (void)state;
    assert_int_equal(http_listen_tcp("127.0.0.1", 0, &first, &port), RESULT_OK);
    assert_true(port > 0);
    assert_int_equal(http_listen_tcp("127.0.0.1", port, &second, &other), RESULT_UNAVAILABLE);
    said("it is in use");
    close(first);
    assert_int_equal(http_listen_tcp("127.0.0.1", port, &second, &other), RESULT_OK);
    assert_int_equal(other, port);
    close(second);
    assert_int_equal(http_listen_tcp("localhost", 0, &second, &other), RESULT_INVALID);
    said("localhost is no IP address");
}

static void sockets_of_the_file_system(void **state) {
    char folder[] = "/tmp/uketsuke-listen.XXXXXX", path[64], long_path[200];
    struct stat facts;
    int fd = -1;
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/page", folder);
    for (int i = 0; i < 2; i++) { /* one that was left over is replaced */
        assert_int_equal(http_listen_unix(path, &fd), RESULT_OK);
        assert_int_equal(stat(path, &facts), 0);
        assert_int_equal(facts.st_mode & 0777, 0600);
        close(fd);
    }
    unlink(path);
    fclose(fopen(path, "w")); /* but nothing else is */
    assert_int_equal(http_listen_unix(path, &fd), RESULT_UNAVAILABLE);
    said("page: it is in use");
    unlink(path);
    rmdir(folder);
    assert_int_equal(http_listen_unix(path, &fd), RESULT_NOT_FOUND);
    said("its folder is not there");
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    assert_int_equal(http_listen_unix(long_path, &fd), RESULT_TOO_LONG);
    said("Choose a shorter one");
}

/* The number may have been reused by then. */
static void only_our_own_socket_is_undone(void **state) {
    int fd = -1, other;
    uint16_t port;
    (void)state;
    assert_int_equal(http_listen_tcp("127.0.0.1", 0, &fd, &port), RESULT_OK);
    const uint64_t identity = http_listen_identity(fd);
    close(fd);
    other = dup(STDERR_FILENO);
    assert_int_equal(other, fd);
    http_listen_undo(fd, identity);
    assert_int_not_equal(http_listen_identity(other), 0);
    close(other);
    assert_int_equal(http_listen_tcp("127.0.0.1", 0, &fd, &port), RESULT_OK);
    http_listen_undo(fd, http_listen_identity(fd));
    assert_int_equal(http_listen_identity(fd), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_cause_has_its_words, open_log, close_log),
        cmocka_unit_test_setup_teardown(taken_ports_are_seen, open_log, close_log),
        cmocka_unit_test_setup_teardown(sockets_of_the_file_system, open_log, close_log),
        cmocka_unit_test_setup_teardown(only_our_own_socket_is_undone, open_log, close_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
