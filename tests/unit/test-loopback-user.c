/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whose socket it is, by rows as the kernel writes them (proc(5)) and by the kernel itself. */
#include "net/http_loopback_user.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
#define REST " 00000000:00000000 00:00000000 00000000 %5d        0 4711 1 0000000000000000 20 4 30 10 -1\n"
#define ROW "   %d: %08X:%04X %08X:%04X %02X" REST

static struct sockaddr_in address(const char *host, uint16_t port) {
    struct sockaddr_in made = {.sin_family = AF_INET, .sin_port = htons(port)};
    assert_int_equal(inet_pton(AF_INET, host, &made.sin_addr), 1);
    return made;
}

static const char *table_of(const struct sockaddr_in *client, const struct sockaddr_in *server, int state) {
    static char name[] = "/tmp/test-loopback-user.XXXXXX";
    snprintf(name, sizeof name, "%s", "/tmp/test-loopback-user.XXXXXX");
    const int fd = mkstemp(name);
    assert_true(fd >= 0);
    dprintf(fd, HEAD);
    /* Our own side of the same connection, and another connection of the same client, come first. */
    dprintf(fd, ROW, 0, server->sin_addr.s_addr, ntohs(server->sin_port), client->sin_addr.s_addr,
            ntohs(client->sin_port), 1, 7);
    dprintf(fd, ROW, 1, client->sin_addr.s_addr, ntohs(client->sin_port), server->sin_addr.s_addr, 9, 1, 8);
    dprintf(fd, ROW, 2, client->sin_addr.s_addr, ntohs(client->sin_port), server->sin_addr.s_addr,
            ntohs(server->sin_port), state, 1234);
    close(fd);
    return name;
}

static void test_client_row_counts(void **state) {
    (void)state;
    const struct sockaddr_in client = address("127.0.0.1", 40000), server = address("127.0.0.1", 8790);
    const char *table = table_of(&client, &server, 1);
    uid_t uid = 0;
    assert_int_equal(http_loopback_user_in(table, &client, &server, &uid), RESULT_OK);
    assert_int_equal(uid, 1234);
    unlink(table);
}

/* TCP_TIME_WAIT and others that close: the kernel names root there. */
static void test_closing_is_nobody(void **state) {
    (void)state;
    const struct sockaddr_in client = address("127.0.0.1", 40000), server = address("127.0.0.1", 8790);
    for (int closing = 2; closing <= 11; closing++) {
        const char *table = table_of(&client, &server, closing);
        uid_t uid = 0;
        assert_int_equal(http_loopback_user_in(table, &client, &server, &uid), RESULT_NOT_FOUND);
        unlink(table);
    }
}

static void test_another_connection_is_nobody(void **state) {
    (void)state;
    const struct sockaddr_in client = address("127.0.0.1", 40000), server = address("127.0.0.1", 8790);
    const struct sockaddr_in others[] = {address("127.0.0.2", 40000), address("127.0.0.1", 40001)};
    const char *table = table_of(&client, &server, 1);
    uid_t uid = 0;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(http_loopback_user_in(table, &others[i], &server, &uid), RESULT_NOT_FOUND);
    assert_int_equal(http_loopback_user_in("/nowhere", &client, &server, &uid), RESULT_IO);
    unlink(table);
}

static void test_kernel_says_it(void **state) {
    (void)state;
    struct sockaddr_in server = address("127.0.0.1", 0), client;
    socklen_t length = sizeof server;
    const int listener = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
    uid_t uid = (uid_t)-1;
    assert_int_equal(bind(listener, (struct sockaddr *)&server, sizeof server), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&server, &length), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&server, sizeof server), 0);
    length = sizeof client;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&client, &length), 0);
    assert_int_equal(http_loopback_user(&client, &server, &uid), RESULT_OK);
    assert_int_equal(uid, geteuid());
    close(fd);
    close(listener);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_client_row_counts),
        cmocka_unit_test(test_closing_is_nobody),
        cmocka_unit_test(test_another_connection_is_nobody),
        cmocka_unit_test(test_kernel_says_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
