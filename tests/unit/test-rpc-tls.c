/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Both ends of a relay's TLS against each other: who is taken for whom, and that no wait is without its end. */
#include "base/clock.h"
#include "net-fixture.h"
#include "net/http_listen.h"
#include "p11_rpc/rpc_tls.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define WAIT_MS 20000
#define SHORT_MS 300

static const revocation_policy without_lists = {.without_lists = true};

/* --- the relay's end, in a thread --------------------------------------------------------------------------------- */

static int listener;
static char port[8];
static http_tls *tls;
static struct {
    result code;
    http_peer peer;
} accepted;

static void open_port(size_t server) {
    http_server_options options = net_server_options();
    uint16_t bound;
    options.certificate = net_paths[server];
    options.key = net_paths[server + 1];
    assert_int_equal(http_tls_new(&options, &tls), RESULT_OK);
    assert_int_equal(http_listen_tcp("127.0.0.1", 0, &listener, &bound), RESULT_OK);
    snprintf(port, sizeof port, "%u", bound);
}

static void close_port(void) {
    http_tls_free(&tls);
    close(listener);
}

/* One connection: its first byte comes back. */
static void *serve(void *unused) {
    rpc_end end = {.fd = -1};
    unsigned generation;
    uint8_t byte;
    (void)unused;
    struct pollfd one = {.fd = listener, .events = POLLIN};
    poll(&one, 1, WAIT_MS);
    const int fd = accept(listener, NULL, NULL);
    http_trust *trust = http_tls_trust(tls, &generation);
    accepted.code = rpc_tls_accept(tls, trust, fd, &accepted.peer, &end);
    http_trust_free(&trust);
    if (accepted.code == RESULT_OK && rpc_read(&end, &byte, 1, WAIT_MS) == RESULT_OK)
        rpc_write(&end, bytes_of(&byte, 1), WAIT_MS);
    rpc_close(&end);
    return NULL;
}

/* --- the terminal's end ------------------------------------------------------------------------------------------- */

static rpc_tls_client client_of(size_t identity) {
    rpc_tls_client client;
    assert_int_equal(rpc_tls_client_new(net_paths[identity], net_paths[identity + 1], net_paths[NET_CA], NULL,
                                        &without_lists, &client),
                     RESULT_OK);
    return client;
}

/* What the terminal is told, in the end: TLS 1.3 tells a client of a refusal only when it reads. */
static result call(size_t server, size_t identity, const char *host) {
    rpc_tls_client client = client_of(identity);
    pthread_t thread;
    rpc_end end;
    uint8_t byte = 0;
    memset(&accepted, 0, sizeof accepted);
    open_port(server);
    assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
    result code = rpc_tls_connect(&client, host, port, WAIT_MS, &end);
    if (code == RESULT_OK) {
        code = rpc_write(&end, bytes_of("x", 1), WAIT_MS);
        if (code == RESULT_OK)
            code = rpc_read(&end, &byte, 1, WAIT_MS);
        assert_int_equal(byte, code == RESULT_OK ? 'x' : 0);
    } else {
        assert_int_equal(end.fd, -1);
        assert_null(end.session);
    }
    rpc_close(&end);
    assert_int_equal(pthread_join(thread, NULL), 0);
    close_port();
    rpc_tls_client_free(&client);
    return code;
}

static void a_terminal_is_known_by_its_certificate(void **state) {
    (void)state;
    assert_int_equal(call(NET_SERVER, NET_TERMINAL, "localhost"), RESULT_OK);
    assert_int_equal(accepted.code, RESULT_OK);
    assert_string_equal(accepted.peer.terminal_id, "terminal-1");
    assert_string_equal(accepted.peer.institution_code, "1312345678");
    assert_int_equal(strlen(accepted.peer.key), 64);
}

static void others_are_refused(void **state) {
    static const size_t rows[] = {NET_FOREIGN, NET_REVOKED, NET_SERVER, NET_UNPRINTABLE};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (call(NET_SERVER, rows[i], "localhost") == RESULT_OK)
            fail_msg("row %zu is served", i);
        if (accepted.code == RESULT_OK)
            fail_msg("row %zu is taken in", i);
    }
}

static void only_the_named_server_is_trusted(void **state) {
    static const size_t rows[] = {NET_OTHER_SERVER, NET_NAMED_SERVER, NET_EXPIRED_SERVER};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(call(rows[i], NET_TERMINAL, "localhost"), RESULT_BAD_SIGNATURE);
    assert_int_equal(call(NET_SERVER, NET_TERMINAL, "127.0.0.1"), RESULT_BAD_SIGNATURE); /* not this one's name */
}

/* --- waits -------------------------------------------------------------------------------------------------------- */

static void a_silent_server_is_waited_for_no_longer(void **state) {
    rpc_tls_client client = client_of(NET_TERMINAL);
    rpc_end end;
    (void)state;
    open_port(NET_SERVER);
    const int64_t began_ms = clock_monotonic_ms();
    assert_int_equal(rpc_tls_connect(&client, "localhost", port, SHORT_MS, &end), RESULT_TIMEOUT);
    assert_true(clock_monotonic_ms() - began_ms >= SHORT_MS);
    assert_int_equal(end.fd, -1);
    close_port();
    assert_int_equal(rpc_tls_connect(&client, "localhost", port, SHORT_MS, &end), RESULT_UNAVAILABLE);
    assert_int_equal(rpc_tls_connect(&client, "localhost", "no port", SHORT_MS, &end), RESULT_UNAVAILABLE);
    assert_int_equal(end.fd, -1);
    rpc_tls_client_free(&client);
}

static void what_is_no_tls_is_refused(void **state) {
    pthread_t thread;
    (void)state;
    open_port(NET_SERVER);
    memset(&accepted, 0, sizeof accepted);
    assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof to;
    assert_int_equal(getsockname(listener, (struct sockaddr *)&to, &length), 0);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(send(fd, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL), 18);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(accepted.code, RESULT_DENIED);
    close(fd);
    close_port();
}

static void files_that_do_not_fit_are_named(void **state) {
    rpc_tls_client client;
    (void)state;
    assert_int_equal(rpc_tls_client_new(net_paths[NET_TERMINAL], net_paths[NET_TERMINAL + 1], "/nonexistent", NULL,
                                        &without_lists, &client),
                     RESULT_NOT_FOUND);
    assert_int_equal(rpc_tls_client_new(net_paths[NET_TERMINAL], net_paths[NET_FOREIGN + 1], net_paths[NET_CA], NULL,
                                        &without_lists, &client),
                     RESULT_INVALID);
    assert_int_equal(
        rpc_tls_client_new("/nonexistent", "/nonexistent", net_paths[NET_CA], NULL, &without_lists, &client),
        RESULT_INVALID);
    assert_null(client.credentials);
    assert_null(client.trust);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_terminal_is_known_by_its_certificate),
        cmocka_unit_test(others_are_refused),
        cmocka_unit_test(only_the_named_server_is_trusted),
        cmocka_unit_test(a_silent_server_is_waited_for_no_longer),
        cmocka_unit_test(what_is_no_tls_is_refused),
        cmocka_unit_test(files_that_do_not_fit_are_named),
    };
    return cmocka_run_group_tests(tests, net_begin, net_end);
}
