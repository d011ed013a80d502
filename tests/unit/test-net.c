/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/net, both ends against each other: mutual TLS, each way to fail with its words, bounds, deadlines, clean end. */
#include "base/clock.h"
#include "net/http_client.h"
#include "net/http_message.h"
#include "net/http_server.h"
#include "test_certificates.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static char paths[32][128];
static size_t path_count;
static test_identity ca, other_ca, server_identity, other_server, expired_server, named_server;
static test_identity terminal, foreign, revoked, unprintable;
static http_server *server;
static char url[64];

static const char *path_of(const char *name) {
    char *path = paths[path_count++];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void echo(void *context, const http_request *request, http_reply *reply) {
    (void)context;
    reply->status = 200;
    reply->content_type = "text/plain";
    buffer_append_format(&reply->body, "%s %s %s ", request->peer->institution_code, request->peer->terminal_id,
                         request->content_type);
    buffer_append(&reply->body, request->body);
    buffer_append_text(&reply->signature, "c2lnbmVk");
    reply->retry_after = 7;
}

static atomic_int slow_calls;

static void slow(void *context, const http_request *request, http_reply *reply) {
    (void)context;
    (void)request;
    atomic_fetch_add(&slow_calls, 1);
    usleep(600000);
    reply->status = 200;
    reply->content_type = "text/plain";
    buffer_append_text(&reply->body, "late");
}

static void refuse(void *context, int status, const char *cause, http_reply *reply) {
    (void)context;
    reply->status = status;
    reply->content_type = "text/plain";
    buffer_append_text(&reply->body, cause);
}

static const http_route routes[] = {{"POST", "/echo", echo, 0, 1000},
                                    {"GET", "/echo", echo, 0, 0},
                                    {"GET", "/slow", slow, 0, 0},
                                    {NULL, NULL, NULL, 0, 0}};

static http_server_options server_options(void) {
    return (http_server_options){.certificate = paths[2],
                                 .key = paths[3],
                                 .client_ca = paths[0],
                                 .client_crl = paths[14],
                                 .request_ms = 2000,
                                 .idle_ms = 1000,
                                 .handshake_ms = 1000,
                                 .routes = routes,
                                 .refuser = refuse};
}

static void make(test_identity *out, const char *dn, uint32_t serial, int64_t from, int64_t to, const char *purpose,
                 const test_identity *issuer, const char *certificate, const char *key) {
    const test_profile profile = {dn, serial, from, to, GNUTLS_KEY_DIGITAL_SIGNATURE, purpose};
    test_identity_make(out, &profile, issuer, NULL);
    const char *certificate_path = path_of(certificate), *key_path = path_of(key);
    test_identity_write(out, certificate_path, key_path);
}

static void make_authority(test_identity *out, const char *certificate, const char *key) {
    const test_profile profile = {"CN=TLS CA,C=JP",
                                  1,
                                  time(NULL) - 86400,
                                  time(NULL) + 86400,
                                  GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN,
                                  NULL};
    test_identity_make(out, &profile, NULL, NULL);
    const char *certificate_path = path_of(certificate), *key_path = path_of(key);
    test_identity_write(out, certificate_path, key_path);
}

static int begin(void **state) {
    int64_t from = time(NULL) - 7200, to = time(NULL) + 7200;
    const char *name = "CN=terminal-1,serialNumber=1312345678,C=JP";
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/uketsuke-net.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    make_authority(&ca, "ca.pem", "ca.key");                                                                   /* 0 1 */
    make(&server_identity, "CN=localhost,C=JP", 2, from, to, GNUTLS_KP_TLS_WWW_SERVER, &ca, "s.pem", "s.key"); /* 2 3 */
    make_authority(&other_ca, "other.pem", "other.key");                                                       /* 4 5 */
    make(&other_server, "CN=localhost,C=JP", 3, from, to, GNUTLS_KP_TLS_WWW_SERVER, &other_ca, "o.pem",
         "o.key");                                                                            /* 6 7 */
    make(&terminal, name, 4, from, to, GNUTLS_KP_TLS_WWW_CLIENT, &ca, "t.pem", "t.key");      /* 8 9 */
    make(&foreign, name, 4, from, to, GNUTLS_KP_TLS_WWW_CLIENT, &other_ca, "f.pem", "f.key"); /* 10 11 */
    make(&revoked, name, 5, from, to, GNUTLS_KP_TLS_WWW_CLIENT, &ca, "r.pem", "r.key");       /* 12 13 */
    test_revocation_write(&ca, &revoked, path_of("ca.crl"));                                  /* 14 */
    make(&expired_server, "CN=localhost,C=JP", 6, from, time(NULL) - 60, GNUTLS_KP_TLS_WWW_SERVER, &ca, "e.pem",
         "e.key"); /* 15 16 */
    make(&named_server, "CN=elsewhere.example,C=JP", 7, from, to, GNUTLS_KP_TLS_WWW_SERVER, &ca, "n.pem",
         "n.key"); /* 17 18 */
    make(&unprintable, "CN=端末,serialNumber=1312345678,C=JP", 8, from, to, GNUTLS_KP_TLS_WWW_CLIENT, &ca, "u.pem",
         "u.key"); /* 19 20 */
    return http_client_init(NULL) == RESULT_OK ? 0 : -1;
}

static int end(void **state) {
    test_identity *const all[] = {&ca,           &other_ca, &server_identity, &other_server, &expired_server,
                                  &named_server, &terminal, &foreign,         &revoked,      &unprintable};
    (void)state;
    http_client_end();
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        test_identity_free(all[i]);
    for (size_t i = 0; i < path_count; i++)
        unlink(paths[i]);
    return rmdir(folder);
}

static int serve_with(const http_server_options *options) {
    if (http_server_start(options, &server) != RESULT_OK)
        return -1;
    snprintf(url, sizeof url, "https://localhost:%u", http_server_port(server));
    return 0;
}

static int serve(void **state) {
    const http_server_options options = server_options();
    (void)state;
    return serve_with(&options);
}

static int stop(void **state) {
    (void)state;
    http_server_stop(&server);
    return server ? -1 : 0;
}

static http_client *client_of(const char *certificate, const char *key) {
    const http_client_options options = {.base_url = url,
                                         .certificate = certificate,
                                         .key = key,
                                         .trust_anchor = paths[0],
                                         .response_max = 500,
                                         .total_timeout_ms = 5000};
    http_client *client = NULL;
    assert_int_equal(http_client_new(&options, &client), RESULT_OK);
    return client;
}

/* One GET /echo as that client; the answer's message must hold these words. */
static void expect(const char *certificate, const char *key, result due, const char *words) {
    http_client *client = client_of(certificate, key);
    http_answer answer;
    const result code = http_client_call(client, "GET", "/echo", NULL, bytes_of(NULL, 0), &answer);
    if (code != due)
        fail_msg("%s instead of %s: %s", result_text(code), result_text(due), answer.message);
    if (!strstr(answer.message, words))
        fail_msg("\"%s\" does not say \"%s\"", answer.message, words);
    http_answer_wipe(&answer);
    http_client_free(&client);
    assert_null(client);
}

static void call_and_answer(void **state) {
    (void)state;
    http_client *client = client_of(paths[8], paths[9]);
    http_answer answer;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(http_client_call(client, "POST", "/echo", "text/x", bytes_of("hello", 5), &answer), RESULT_OK);
        assert_int_equal(answer.status, 200);
        assert_string_equal(buffer_text(&answer.body), "1312345678 terminal-1 text/x hello");
        assert_string_equal(answer.signature, "c2lnbmVk");
        assert_int_equal(answer.retry_after, 7);
        http_answer_wipe(&answer);
    }
    assert_int_equal(http_client_call(client, "GET", "/nowhere", NULL, bytes_of(NULL, 0), &answer), RESULT_OK);
    assert_int_equal(answer.status, 404);
    http_answer_wipe(&answer);
    assert_int_equal(http_client_call(client, "POST", "/slow", "a/b", bytes_of("x", 1), &answer), RESULT_OK);
    assert_int_equal(answer.status, 405);
    http_answer_wipe(&answer);
    http_client_free(&client);
}

static void bodies_have_bounds(void **state) {
    (void)state;
    static const uint8_t much[1001] = {'x'};
    http_client *client = client_of(paths[8], paths[9]);
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
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(http_server_port(server)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
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
        raw_connect(&peer, paths[cases[i].certificate], paths[cases[i].certificate + 1]);
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
    raw_connect(&peer, paths[8], paths[9]);
    raw_send(&peer, request);
    raw_wait_for_end(&peer);
    assert_in_range(raw_pour(&peer, much), 0, much - 1);
    raw_close(&peer);
    raw_connect(&peer, paths[8], paths[9]);
    raw_send(&peer, request);
    raw_wait_for_end(&peer);
    stop(NULL); /* waits for this connection */
    raw_close(&peer);
}

/* A refusal whose request is read keeps the connection: the next request is answered on it. */
static void refusals_keep_the_connection(void **state) {
    static const char body[1001] = {'x'};
    static const char *const due[] = {"HTTP/1.1 413", "HTTP/1.1 404", "HTTP/1.1 405", "HTTP/1.1 200"};
    raw_peer peer;
    char answer[4000];
    (void)state;
    raw_connect(&peer, paths[8], paths[9]);
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
        raw_connect(&peer, paths[8], paths[9]);
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
    http_server_options options = server_options();
    http_answer answer;
    (void)state;
    options.bodies_max = options.bodies_per_institution = sizeof body;
    options.admitter = refuse_posts;
    assert_int_equal(serve_with(&options), 0);
    http_client *client = client_of(paths[8], paths[9]);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(http_client_call(client, "POST", "/echo", "x/y", BYTES(body), &answer), RESULT_OK);
        assert_int_equal(answer.status, 429);
        http_answer_wipe(&answer);
    }
    assert_int_equal(http_client_call(client, "POST", "/echo", "a/b", bytes_of(body, 100), &answer), RESULT_OK);
    assert_int_equal(answer.status, 200);
    http_answer_wipe(&answer);
    http_client_free(&client);
    stop(NULL);
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
        raw_connect(&peer, paths[8], paths[9]);
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

static void clients_are_checked(void **state) {
    (void)state;
    http_client *client = client_of(paths[10], paths[11]);
    http_answer answer;
    assert_int_equal(http_client_call(client, "GET", "/echo", NULL, bytes_of(NULL, 0), &answer), RESULT_OK);
    assert_int_equal(answer.status, 403);
    http_answer_wipe(&answer);
    http_client_free(&client);
    client = client_of(paths[12], paths[13]);
    assert_int_equal(http_client_call(client, "GET", "/echo", NULL, bytes_of(NULL, 0), &answer), RESULT_OK);
    assert_int_equal(answer.status, 403);
    assert_non_null(strstr(buffer_text(&answer.body), "revoked"));
    http_answer_wipe(&answer);
    http_client_free(&client);
    client = client_of(paths[19], paths[20]);
    assert_int_equal(http_client_call(client, "GET", "/echo", NULL, bytes_of(NULL, 0), &answer), RESULT_OK);
    assert_int_equal(answer.status, 403);
    assert_non_null(strstr(buffer_text(&answer.body), "names no institution code"));
    http_answer_wipe(&answer);
    http_client_free(&client);
    expect(NULL, NULL, RESULT_DENIED, "requires a client certificate");
    expect(paths[8], "/nonexistent", RESULT_DENIED, "cannot be used");
}

/* A list that comes while a connection is open counts for its next request. */
static void a_new_list_counts_on_open_connections(void **state) {
    (void)state;
    http_client *client = client_of(paths[8], paths[9]);
    http_answer answer;
    for (int round = 0; round < 2; round++) {
        assert_int_equal(http_client_call(client, "GET", "/echo", NULL, bytes_of(NULL, 0), &answer), RESULT_OK);
        assert_int_equal(answer.status, round == 0 ? 200 : 403);
        http_answer_wipe(&answer);
        test_revocation_write(&ca, &terminal, paths[14]);
        http_server_look(server, true);
    }
    http_client_free(&client);
    test_revocation_write(&ca, &revoked, paths[14]);
}

/* A key in the caller's hands, as a token's is. */
static result key_answer;
static unsigned certificates_given, signatures_made;

static result give_certificate(void *context, buffer *der) {
    gnutls_datum_t out = {NULL, 0};
    certificates_given++;
    assert_ptr_equal(context, &terminal);
    assert_int_equal(gnutls_x509_crt_export2(terminal.certificate, GNUTLS_X509_FMT_DER, &out), 0);
    const result code = buffer_append(der, bytes_of(out.data, out.size));
    gnutls_free(out.data);
    return code;
}

static result make_signature(void *context, const uint8_t digest[HTTP_KEY_DIGEST_LENGTH], buffer *signature) {
    const gnutls_datum_t hash = {(unsigned char *)(uintptr_t)digest, HTTP_KEY_DIGEST_LENGTH};
    gnutls_datum_t out = {NULL, 0};
    gnutls_privkey_t private;
    signatures_made++;
    assert_ptr_equal(context, &terminal);
    if (key_answer != RESULT_OK)
        return key_answer;
    assert_int_equal(gnutls_privkey_init(&private), 0);
    assert_int_equal(gnutls_privkey_import_x509(private, terminal.key, 0), 0);
    assert_int_equal(gnutls_privkey_sign_hash2(private, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, 0, &hash, &out), 0);
    gnutls_privkey_deinit(private);
    const result code = buffer_append(signature, bytes_of(out.data, out.size));
    gnutls_free(out.data);
    return code;
}

static void callers_sign(void **state) {
    static const http_key key = {give_certificate, make_signature, &terminal, 2048};
    (void)state;
    http_client_end();
    assert_int_equal(http_client_init(&key), RESULT_OK);
    key_answer = RESULT_OK;
    expect(HTTP_KEY_OF_CALLER, HTTP_KEY_OF_CALLER, RESULT_OK, "");
    assert_int_equal(signatures_made, 1);
    key_answer = RESULT_REMOVED;
    expect(HTTP_KEY_OF_CALLER, HTTP_KEY_OF_CALLER, RESULT_REMOVED, result_text(RESULT_REMOVED));
    key_answer = RESULT_OK;
    expect(HTTP_KEY_OF_CALLER, HTTP_KEY_OF_CALLER, RESULT_OK, "");
    http_client_end();
    assert_int_equal(http_client_init(NULL), RESULT_OK);
    expect(HTTP_KEY_OF_CALLER, HTTP_KEY_OF_CALLER, RESULT_DENIED, "cannot be used");
}

/* One GET /echo of another client that shares the sessions; how many signatures it took. */
static unsigned signatures_of_call(http_sessions **sessions, result due, int status) {
    const http_client_options options = {.base_url = url,
                                         .certificate = HTTP_KEY_OF_CALLER,
                                         .key = HTTP_KEY_OF_CALLER,
                                         .trust_anchor = paths[0],
                                         .trust_crl = paths[14],
                                         .total_timeout_ms = 5000,
                                         .sessions = http_sessions_current(sessions)};
    const unsigned before = signatures_made;
    http_client *client = NULL;
    http_answer answer;
    assert_int_equal(http_client_new(&options, &client), RESULT_OK);
    assert_int_equal(http_client_call(client, "GET", "/echo", NULL, bytes_of(NULL, 0), &answer), due);
    assert_int_equal(answer.status, status);
    http_answer_wipe(&answer);
    http_client_free(&client);
    return signatures_made - before;
}

static void serve_again(const char *certificate, const char *key, const char *ticket_key) {
    http_server_options options = server_options();
    options.certificate = certificate;
    options.key = key;
    options.ticket_key = ticket_key;
    options.port = server ? http_server_port(server) : 0;
    stop(NULL);
    assert_int_equal(serve_with(&options), 0);
}

static void sessions_are_resumed(void **state) {
    static const http_key key = {give_certificate, make_signature, &terminal, 2048};
    static test_identity replaced;
    const char *ticket_key = path_of("ticket-key");
    http_sessions *sessions = NULL;
    /* libcurl of Debian 12 takes no sessions: a whole handshake each time. */
    const unsigned resumed = curl_version_info(CURLVERSION_NOW)->version_num >= 0x080E00 ? 0 : 1;
    FILE *file = fopen(ticket_key, "w");
    (void)state;
    assert_non_null(file);
    for (int i = 0; i < 64; i++)
        fputc(i, file);
    fclose(file);
    chmod(ticket_key, 0600);
    make(&replaced, "CN=localhost,C=JP", 9, time(NULL) - 7200, time(NULL) + 7200, GNUTLS_KP_TLS_WWW_SERVER, &ca,
         "s2.pem", "s2.key");
    http_client_end();
    assert_int_equal(http_client_init(&key), RESULT_OK);
    key_answer = RESULT_OK;
    serve_again(paths[2], paths[3], ticket_key);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 200), 1);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 200), resumed);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 200), resumed);
    /* Also at another instance; but what it was proven with is revoked meanwhile: a whole handshake. */
    serve_again(paths[path_count - 2], paths[path_count - 1], ticket_key);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 200), resumed);
    test_revocation_write(&ca, &server_identity, paths[14]);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 200), 1);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 200), 1); /* the one refused is not met again */
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 200), resumed);
    /* Ours is revoked: the session does not hide it. */
    test_revocation_write(&ca, &terminal, paths[14]);
    serve_again(paths[path_count - 2], paths[path_count - 1], ticket_key);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 403), resumed);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 403), 1);
    test_revocation_write(&ca, &revoked, paths[14]);
    /* Forgotten: the token has left. */
    serve_again(paths[2], paths[3], ticket_key);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 200), 1);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 200), resumed);
    http_sessions_forget(&sessions);
    assert_null(sessions);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 200), 1);
    http_sessions_forget(&sessions);
    http_client_end();
    assert_int_equal(http_client_init(NULL), RESULT_OK);
    test_identity_free(&replaced);
}

static void servers_are_checked(void **state) {
    const struct {
        size_t certificate;
        result due;
        const char *words;
    } cases[] = {{6, RESULT_BAD_SIGNATURE, "another CA"},
                 {15, RESULT_EXPIRED, "expired"},
                 {17, RESULT_BAD_SIGNATURE, "another name"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        http_server_options options = server_options();
        options.certificate = paths[cases[i].certificate];
        options.key = paths[cases[i].certificate + 1];
        assert_int_equal(serve_with(&options), 0);
        expect(paths[8], paths[9], cases[i].due, cases[i].words);
        stop(NULL);
    }
    expect(paths[8], paths[9], RESULT_UNAVAILABLE, "Nothing answers");
}

static void time_outs_are_kept(void **state) {
    (void)state;
    http_client *client = client_of(paths[8], paths[9]);
    http_answer answer;
    http_client_set_timeouts(client, 0, 200);
    int64_t before = clock_monotonic_ms();
    assert_int_equal(http_client_call(client, "GET", "/slow", NULL, bytes_of(NULL, 0), &answer), RESULT_TIMEOUT);
    assert_in_range(clock_monotonic_ms() - before, 199, 30000); /* the answer was not waited for: RESULT_TIMEOUT */
    assert_non_null(strstr(answer.message, "200 ms"));
    http_answer_wipe(&answer);
    http_client_free(&client);
}

static bool stop_at_the_third(void *context) {
    return ++*(int *)context == 3;
}

/* Broken off by the caller; the next call gets its own answer. */
static void calls_are_broken_off(void **state) {
    (void)state;
    int asked = 0;
    http_client *client = client_of(paths[8], paths[9]);
    http_answer answer;
    http_client_set_stop(client, stop_at_the_third, &asked);
    assert_int_equal(http_client_call(client, "GET", "/slow", NULL, bytes_of(NULL, 0), &answer), RESULT_TIMEOUT);
    assert_int_equal(asked, 3);
    assert_int_equal(answer.status, 0);
    assert_non_null(strstr(answer.message, "interrupted"));
    http_answer_wipe(&answer);
    assert_int_equal(http_client_call(client, "GET", "/echo", NULL, bytes_of(NULL, 0), &answer), RESULT_OK);
    assert_string_equal(buffer_text(&answer.body), "1312345678 terminal-1  ");
    http_answer_wipe(&answer);
    http_client_free(&client);
}

/* A peer that trickles bytes is never silent; its time still ends. */
static void trickling_peers_are_ended(void **state) {
    (void)state;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(http_server_port(server)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    static const uint8_t hello[] = {0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3};
    int fd = socket(AF_INET, SOCK_STREAM, 0), ended = 0;
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    int64_t before = clock_monotonic_ms();
    for (int i = 0; i < 600 && !ended; i++) {
        uint8_t byte = i < (int)sizeof hello ? hello[i] : 0;
        char reply;
        ended = send(fd, &byte, 1, MSG_NOSIGNAL) != 1 || recv(fd, &reply, 1, MSG_DONTWAIT) == 0;
        usleep(50000);
    }
    close(fd);
    assert_true(ended);
    assert_in_range(clock_monotonic_ms() - before, 800, 30000);
}

static void *call_slow(void *context) {
    http_answer answer;
    http_client_call(context, "GET", "/slow", NULL, bytes_of(NULL, 0), &answer);
    int status = answer.status;
    http_answer_wipe(&answer);
    return (void *)(intptr_t)status;
}

static void requests_in_flight_are_finished(void **state) {
    (void)state;
    pthread_t thread;
    void *status = NULL;
    http_client *client = client_of(paths[8], paths[9]);
    assert_int_equal(serve(NULL), 0);
    http_client_free(&client);
    client = client_of(paths[8], paths[9]);
    const int calls = slow_calls;
    assert_int_equal(pthread_create(&thread, NULL, call_slow, client), 0);
    for (int i = 0; i < 3000 && slow_calls == calls; i++)
        usleep(10000);
    stop(NULL);
    pthread_join(thread, &status);
    assert_int_equal((intptr_t)status, 200);
    http_client_free(&client);
}

static void bad_options_are_refused(void **state) {
    http_server_options options = server_options();
    http_server *none = NULL;
    (void)state;
    options.certificate = "/nonexistent";
    assert_int_equal(http_server_start(&options, &none), RESULT_NOT_FOUND);
    options = server_options();
    options.address = "localhost";
    assert_int_equal(http_server_start(&options, &none), RESULT_INVALID);
    options = server_options();
    options.key = paths[9];
    assert_int_equal(http_server_start(&options, &none), RESULT_INVALID);
    options = server_options();
    options.port = http_server_port(server);
    assert_int_equal(http_server_start(&options, &none), RESULT_UNAVAILABLE);
    assert_null(none);
    http_client *client = NULL;
    const http_client_options plain = {.base_url = "http://localhost", .trust_anchor = paths[0]};
    assert_int_equal(http_client_new(&plain, &client), RESULT_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(call_and_answer, serve, stop),
        cmocka_unit_test_setup_teardown(bodies_have_bounds, serve, stop),
        cmocka_unit_test_setup_teardown(early_answers_arrive, serve, stop),
        cmocka_unit_test_setup_teardown(nobody_is_listened_to_for_ever, serve, stop),
        cmocka_unit_test_setup_teardown(refusals_keep_the_connection, serve, stop),
        cmocka_unit_test_setup_teardown(long_bodies_are_not_read_to_their_end, serve, stop),
        cmocka_unit_test(refused_bodies_give_their_room_back),
        cmocka_unit_test(targets_name_a_path),
        cmocka_unit_test_setup_teardown(what_can_be_read_in_two_ways_is_refused, serve, stop),
        cmocka_unit_test_setup_teardown(clients_are_checked, serve, stop),
        cmocka_unit_test_setup_teardown(a_new_list_counts_on_open_connections, serve, stop),
        cmocka_unit_test_setup_teardown(callers_sign, serve, stop),
        cmocka_unit_test_setup_teardown(sessions_are_resumed, serve, stop),
        cmocka_unit_test(servers_are_checked),
        cmocka_unit_test_setup_teardown(time_outs_are_kept, serve, stop),
        cmocka_unit_test_setup_teardown(calls_are_broken_off, serve, stop),
        cmocka_unit_test_setup_teardown(trickling_peers_are_ended, serve, stop),
        cmocka_unit_test(requests_in_flight_are_finished),
        cmocka_unit_test_setup_teardown(bad_options_are_refused, serve, stop),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
