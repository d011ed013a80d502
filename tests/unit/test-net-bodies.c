/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requests that a server of lib/net does not read to their end: too long, refused early, or to be read in two ways. Their
 * peers write raw HTTP. */
#include "net-fixture.h"
#include "net/http_message.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void bodies_have_bounds(void **state) {
    (void)state;
    static const uint8_t much[1001] = {'x'};
    http_client *client = net_client(net_paths[NET_TERMINAL], net_paths[NET_TERMINAL + 1]);
    http_answer answer;
    assert_int_equal(http_client_call(client, "POST", "/echo", "a/b", BYTES(much), &answer), RESULT_OK);
    assert_int_equal(answer.status, 413);
    http_answer_wipe(&answer);
    assert_int_equal(http_client_call(client, "POST", "/echo", "a/b", bytes_of(much, 900), &answer), RESULT_TOO_LONG);
    assert_non_null(strstr(answer.message, "longer than 500"));
    http_answer_wipe(&answer);
    http_client_free(&client);
}

/* --- a peer that is still sending when the answer comes ----------------------------------------------------------- */

typedef struct raw_peer {
    int fd;
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t session;
} raw_peer;

static void raw_connect(raw_peer *peer, const char *certificate, const char *key) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(http_server_port(net_server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int code;
    peer->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(peer->fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(gnutls_certificate_allocate_credentials(&peer->credentials), 0);
    assert_int_equal(gnutls_certificate_set_x509_key_file(peer->credentials, certificate, key, GNUTLS_X509_FMT_PEM), 0);
    assert_int_equal(gnutls_init(&peer->session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL), 0);
    assert_int_equal(gnutls_set_default_priority(peer->session), 0);
    assert_int_equal(gnutls_credentials_set(peer->session, GNUTLS_CRD_CERTIFICATE, peer->credentials), 0);
    gnutls_transport_set_int(peer->session, peer->fd);
    do
        code = gnutls_handshake(peer->session);
    while (code < 0 && !gnutls_error_is_fatal(code));
    assert_int_equal(code, 0);
}

static void raw_close(raw_peer *peer) {
    gnutls_deinit(peer->session);
    gnutls_certificate_free_credentials(peer->credentials);
    close(peer->fd);
}

static void raw_send(raw_peer *peer, const char *text) {
    assert_int_equal(gnutls_record_send(peer->session, text, strlen(text)), (ssize_t)strlen(text));
}

/* How much more of a body can be sent, up to most bytes. */
static size_t raw_pour(raw_peer *peer, size_t max) {
    static const char piece[16000];
    size_t sent = 0;
    while (sent < max && gnutls_record_send(peer->session, piece, sizeof piece) == (ssize_t)sizeof piece)
        sent += sizeof piece;
    return sent;
}

static void raw_wait_for_end(const raw_peer *peer) {
    struct pollfd waiting = {.fd = peer->fd, .events = POLLRDHUP};
    assert_int_equal(poll(&waiting, 1, 60000), 1);
}

static void raw_answer(raw_peer *peer, char *text, size_t size) {
    size_t length = 0;
    for (ssize_t count = 1; count > 0 && length < size - 1; length += count > 0 ? (size_t)count : 0)
        do /* a ticket of TLS 1.3 came, and no data yet */
            count = gnutls_record_recv(peer->session, text + length, size - 1 - length);
        while (count == GNUTLS_E_AGAIN || count == GNUTLS_E_INTERRUPTED);
    text[length] = '\0';
}

/* The answer is there and the server has said that nothing more comes; its peer writes on, and reads only then. */
static void early_answers_arrive(void **state) {
    static const struct {
        size_t certificate;
        const char *request, *due;
    } cases[] = {
        {8, "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\n", "HTTP/1.1 413"},
        {8, "POST /nowhere HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFF\r\n",
         "HTTP/1.1 404"},
        {10, "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\n", "HTTP/1.1 403"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        raw_peer peer;
        char answer[2000];
        raw_connect(&peer, net_paths[cases[i].certificate], net_paths[cases[i].certificate + 1]);
        raw_send(&peer, cases[i].request);
        raw_wait_for_end(&peer);
        assert_int_equal(raw_pour(&peer, 160000), 160000);
        raw_answer(&peer, answer, sizeof answer);
        if (strncmp(answer, cases[i].due, strlen(cases[i].due)) != 0 || !strstr(answer, "Connection: close"))
            fail_msg("case %zu: %s", i, answer);
        raw_close(&peer);
    }
}

/* Who never stops sending, and who never closes, is left all the same. */
static void nobody_is_listened_to_for_ever(void **state) {
    static const char request[] = "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000000\r\n\r\n";
    const size_t much = 256 * 1024 * 1024;
    raw_peer peer;
    (void)state;
    raw_connect(&peer, net_paths[NET_TERMINAL], net_paths[NET_TERMINAL + 1]);
    raw_send(&peer, request);
    raw_wait_for_end(&peer);
    assert_in_range(raw_pour(&peer, much), 0, much - 1);
    raw_close(&peer);
    raw_connect(&peer, net_paths[NET_TERMINAL], net_paths[NET_TERMINAL + 1]);
    raw_send(&peer, request);
    raw_wait_for_end(&peer);
    net_stop(NULL); /* waits for this connection */
    raw_close(&peer);
}

/* A refusal whose request is read keeps the connection: the next request is answered on it. */
static void refusals_keep_the_connection(void **state) {
    static const char body[1001] = {'x'};
    static const char *const due[] = {"HTTP/1.1 413", "HTTP/1.1 404", "HTTP/1.1 405", "HTTP/1.1 200"};
    raw_peer peer;
    char answer[4000];
    (void)state;
    raw_connect(&peer, net_paths[NET_TERMINAL], net_paths[NET_TERMINAL + 1]);
    raw_send(&peer, "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\n\r\n");
    assert_int_equal(gnutls_record_send(peer.session, body, sizeof body), sizeof body);
    raw_send(&peer, "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n");
    raw_send(&peer, "DELETE /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
    raw_send(&peer, "GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    raw_answer(&peer, answer, sizeof answer);
    const char *place = answer;
    for (size_t i = 0; i < sizeof due / sizeof due[0]; i++) {
        place = strstr(place, due[i]);
        if (!place)
            fail_msg("no %s in: %s", due[i], answer);
    }
    raw_close(&peer);
}

/* A body of no told length is read beyond its bound, so that its sender hears why; but not for long. */
static void long_bodies_are_not_read_to_their_end(void **state) {
    static const struct {
        size_t length;
        const char *due;
    } rows[] = {{1000, "HTTP/1.1 200"}, {1001, "HTTP/1.1 413"}, {8000, "HTTP/1.1 413"}, {16000, ""}};
    static const char body[16000] = {'x'};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        raw_peer peer;
        char answer[4000], chunk[32];
        raw_connect(&peer, net_paths[NET_TERMINAL], net_paths[NET_TERMINAL + 1]);
        raw_send(&peer, "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                        "Connection: close\r\n\r\n");
        snprintf(chunk, sizeof chunk, "%zX\r\n", rows[i].length);
        raw_send(&peer, chunk);
        assert_int_equal(gnutls_record_send(peer.session, body, rows[i].length), (ssize_t)rows[i].length);
        gnutls_record_send(peer.session, "\r\n0\r\n\r\n", 7); /* fails when the server has gone already */
        raw_answer(&peer, answer, sizeof answer);
        if (strncmp(answer, rows[i].due, strlen(rows[i].due)) != 0 || (rows[i].due[0] == 0 && answer[0] != 0))
            fail_msg("%zu bytes: %s", rows[i].length, answer);
        raw_close(&peer);
    }
}

static bool refuse_posts(void *context, const http_route *route, const http_request *request, http_reply *reply) {
    (void)context;
    (void)request;
    reply->status = 429;
    return strcmp(route->method, "POST") != 0 || request->content_type[0] != 'x';
}

/* There is room for one body: a refused one gives it back. */
static void refused_bodies_give_their_room_back(void **state) {
    static const char body[1000] = {'x'};
    http_server_options options = net_server_options();
    http_answer answer;
    (void)state;
    options.bodies_max = options.bodies_per_institution = sizeof body;
    options.admitter = refuse_posts;
    assert_int_equal(net_serve_with(&options), 0);
    http_client *client = net_client(net_paths[NET_TERMINAL], net_paths[NET_TERMINAL + 1]);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(http_client_call(client, "POST", "/echo", "x/y", BYTES(body), &answer), RESULT_OK);
        assert_int_equal(answer.status, 429);
        http_answer_wipe(&answer);
    }
    assert_int_equal(http_client_call(client, "POST", "/echo", "a/b", bytes_of(body, 100), &answer), RESULT_OK);
    assert_int_equal(answer.status, 200);
    http_answer_wipe(&answer);
    http_client_free(&client);
    net_stop(NULL);
}

static void what_can_be_read_in_two_ways_is_refused(void **state) {
    static const struct {
        const char *headers, *due;
    } rows[] = {
        {"Host: localhost\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200"},
        {"Host: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "HTTP/1.1 200"},
        {"Host: localhost\r\nContent-Length: 15\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
         "HTTP/1.1 400"},
        {"Host: localhost\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 400"},
        {"Host: localhost\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 400"},
        {"Content-Length: 5\r\n\r\nhello", "HTTP/1.1 400"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        raw_peer peer;
        char answer[4000];
        raw_connect(&peer, net_paths[NET_TERMINAL], net_paths[NET_TERMINAL + 1]);
        raw_send(&peer, "POST /echo HTTP/1.1\r\nConnection: close\r\n");
        raw_send(&peer, rows[i].headers);
        raw_answer(&peer, answer, sizeof answer);
        if (strncmp(answer, rows[i].due, strlen(rows[i].due)) != 0)
            fail_msg("row %zu: %s", i, answer);
        raw_close(&peer);
    }
}

static void targets_name_a_path(void **state) {
    static const struct {
        const char *target, *path;
        int status;
    } rows[] = {
        {"/echo", "/echo", 0},
        {"*", "*", 0},
        {"https://localhost/echo?a=b", "/echo?a=b", 0},
        {"HTTPS://localhost", "/", 0},
        {"https://localhost?a", "/", 0},
        {"https:///echo", "/echo", MHD_HTTP_BAD_REQUEST},
        {"https://user@localhost/echo", "/echo", MHD_HTTP_BAD_REQUEST},
        {"https://user:word@localhost", "/", MHD_HTTP_BAD_REQUEST},
        {"https://localhost/user@home", "/user@home", 0},
        {"http://localhost/echo", "/echo", MHD_HTTP_MISDIRECTED_REQUEST},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *path = NULL;
        assert_int_equal(http_message_path(rows[i].target, "https", &path).status, rows[i].status);
        assert_string_equal(path, rows[i].path);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bodies_have_bounds, net_serve, net_stop),
        cmocka_unit_test_setup_teardown(early_answers_arrive, net_serve, net_stop),
        cmocka_unit_test_setup_teardown(nobody_is_listened_to_for_ever, net_serve, net_stop),
        cmocka_unit_test_setup_teardown(refusals_keep_the_connection, net_serve, net_stop),
        cmocka_unit_test_setup_teardown(long_bodies_are_not_read_to_their_end, net_serve, net_stop),
        cmocka_unit_test(refused_bodies_give_their_room_back),
        cmocka_unit_test(targets_name_a_path),
        cmocka_unit_test_setup_teardown(what_can_be_read_in_two_ways_is_refused, net_serve, net_stop),
    };
    return cmocka_run_group_tests(tests, net_begin, net_end);
}
