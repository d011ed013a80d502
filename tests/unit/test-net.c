/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/net, both ends against each other: mutual TLS, each way to fail with its words, deadlines, clean end. */
#include "base/clock.h"
#include "net-fixture.h"

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

/* One GET /echo as that client; the answer's message must hold these words. */
static void expect(const char *certificate, const char *key, result due, const char *words) {
    http_client *client = net_client(certificate, key);
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
    http_client *client = net_client(net_paths[NET_TERMINAL], net_paths[NET_TERMINAL + 1]);
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

static void clients_are_checked(void **state) {
    (void)state;
    http_client *client = net_client(net_paths[NET_FOREIGN], net_paths[NET_FOREIGN + 1]);
    http_answer answer;
    assert_int_equal(http_client_call(client, "GET", "/echo", NULL, bytes_of(NULL, 0), &answer), RESULT_OK);
    assert_int_equal(answer.status, 403);
    http_answer_wipe(&answer);
    http_client_free(&client);
    client = net_client(net_paths[NET_REVOKED], net_paths[NET_REVOKED + 1]);
    assert_int_equal(http_client_call(client, "GET", "/echo", NULL, bytes_of(NULL, 0), &answer), RESULT_OK);
    assert_int_equal(answer.status, 403);
    assert_non_null(strstr(buffer_text(&answer.body), "revoked"));
    http_answer_wipe(&answer);
    http_client_free(&client);
    client = net_client(net_paths[NET_UNPRINTABLE], net_paths[NET_UNPRINTABLE + 1]);
    assert_int_equal(http_client_call(client, "GET", "/echo", NULL, bytes_of(NULL, 0), &answer), RESULT_OK);
    assert_int_equal(answer.status, 403);
    assert_non_null(strstr(buffer_text(&answer.body), "names no institution code"));
    http_answer_wipe(&answer);
    http_client_free(&client);
    expect(NULL, NULL, RESULT_DENIED, "requires a client certificate");
    expect(net_paths[NET_TERMINAL], "/nonexistent", RESULT_DENIED, "cannot be used");
}

/* A list that comes while a connection is open counts for its next request. */
static void a_new_list_counts_on_open_connections(void **state) {
    (void)state;
    http_client *client = net_client(net_paths[NET_TERMINAL], net_paths[NET_TERMINAL + 1]);
    http_answer answer;
    for (int round = 0; round < 2; round++) {
        assert_int_equal(http_client_call(client, "GET", "/echo", NULL, bytes_of(NULL, 0), &answer), RESULT_OK);
        assert_int_equal(answer.status, round == 0 ? 200 : 403);
        http_answer_wipe(&answer);
        test_revocation_write(&net_ca, &net_terminal, net_paths[NET_LIST]);
        http_server_look(net_server, true);
    }
    http_client_free(&client);
    test_revocation_write(&net_ca, &net_revoked, net_paths[NET_LIST]);
}

/* A key in the caller's hands, as a token's is. */
static result key_answer;
static unsigned certificates_given, signatures_made;

static result give_certificate(void *context, buffer *der) {
    gnutls_datum_t out = {NULL, 0};
    certificates_given++;
    assert_ptr_equal(context, &net_terminal);
    assert_int_equal(gnutls_x509_crt_export2(net_terminal.certificate, GNUTLS_X509_FMT_DER, &out), 0);
    const result code = buffer_append(der, bytes_of(out.data, out.size));
    gnutls_free(out.data);
    return code;
}

static result make_signature(void *context, const uint8_t digest[HTTP_KEY_DIGEST_LENGTH], buffer *signature) {
    const gnutls_datum_t hash = {(unsigned char *)(uintptr_t)digest, HTTP_KEY_DIGEST_LENGTH};
    gnutls_datum_t out = {NULL, 0};
    gnutls_privkey_t private;
    signatures_made++;
    assert_ptr_equal(context, &net_terminal);
    if (key_answer != RESULT_OK)
        return key_answer;
    assert_int_equal(gnutls_privkey_init(&private), 0);
    assert_int_equal(gnutls_privkey_import_x509(private, net_terminal.key, 0), 0);
    assert_int_equal(gnutls_privkey_sign_hash2(private, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, 0, &hash, &out), 0);
    gnutls_privkey_deinit(private);
    const result code = buffer_append(signature, bytes_of(out.data, out.size));
    gnutls_free(out.data);
    return code;
}

static void callers_sign(void **state) {
    static const http_key key = {give_certificate, make_signature, &net_terminal, 2048};
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
    const http_client_options options = {.base_url = net_url,
                                         .certificate = HTTP_KEY_OF_CALLER,
                                         .key = HTTP_KEY_OF_CALLER,
                                         .trust_anchor = net_paths[NET_CA],
                                         .trust_crl = net_paths[NET_LIST],
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
    http_server_options options = net_server_options();
    options.certificate = certificate;
    options.key = key;
    options.ticket_key = ticket_key;
    options.port = net_server ? http_server_port(net_server) : 0;
    net_stop(NULL);
    assert_int_equal(net_serve_with(&options), 0);
}

static void sessions_are_resumed(void **state) {
    static const http_key key = {give_certificate, make_signature, &net_terminal, 2048};
    static test_identity replaced;
    const char *ticket_key = net_path("ticket-key"), *second = net_path("s2.pem"), *second_key = net_path("s2.key");
    const test_profile profile = {
        "CN=localhost,C=JP",     9, time(NULL) - 7200, time(NULL) + 7200, GNUTLS_KEY_DIGITAL_SIGNATURE,
        GNUTLS_KP_TLS_WWW_SERVER};
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
    test_identity_make(&replaced, &profile, &net_ca, NULL);
    test_identity_write(&replaced, second, second_key);
    http_client_end();
    assert_int_equal(http_client_init(&key), RESULT_OK);
    key_answer = RESULT_OK;
    serve_again(net_paths[NET_SERVER], net_paths[NET_SERVER + 1], ticket_key);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 200), 1);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 200), resumed);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 200), resumed);
    /* Also at another instance; but what it was proven with is revoked meanwhile: a whole handshake. */
    serve_again(second, second_key, ticket_key);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 200), resumed);
    test_revocation_write(&net_ca, &net_server_identity, net_paths[NET_LIST]);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 200), 1);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 200), 1); /* the one refused is not met again */
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 200), resumed);
    /* Ours is revoked: the session does not hide it. */
    test_revocation_write(&net_ca, &net_terminal, net_paths[NET_LIST]);
    serve_again(second, second_key, ticket_key);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 403), resumed);
    assert_int_equal(signatures_of_call(&sessions, RESULT_OK, 403), 1);
    test_revocation_write(&net_ca, &net_revoked, net_paths[NET_LIST]);
    /* Forgotten: the token has left. */
    serve_again(net_paths[NET_SERVER], net_paths[NET_SERVER + 1], ticket_key);
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
        http_server_options options = net_server_options();
        options.certificate = net_paths[cases[i].certificate];
        options.key = net_paths[cases[i].certificate + 1];
        assert_int_equal(net_serve_with(&options), 0);
        expect(net_paths[NET_TERMINAL], net_paths[NET_TERMINAL + 1], cases[i].due, cases[i].words);
        net_stop(NULL);
    }
    expect(net_paths[NET_TERMINAL], net_paths[NET_TERMINAL + 1], RESULT_UNAVAILABLE, "Nothing answers");
}

static void time_outs_are_kept(void **state) {
    (void)state;
    http_client *client = net_client(net_paths[NET_TERMINAL], net_paths[NET_TERMINAL + 1]);
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
    http_client *client = net_client(net_paths[NET_TERMINAL], net_paths[NET_TERMINAL + 1]);
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
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(http_server_port(net_server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
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
    http_client *client = net_client(net_paths[NET_TERMINAL], net_paths[NET_TERMINAL + 1]);
    assert_int_equal(net_serve(NULL), 0);
    http_client_free(&client);
    client = net_client(net_paths[NET_TERMINAL], net_paths[NET_TERMINAL + 1]);
    const int calls = net_slow_calls;
    assert_int_equal(pthread_create(&thread, NULL, call_slow, client), 0);
    for (int i = 0; i < 3000 && net_slow_calls == calls; i++)
        usleep(10000);
    net_stop(NULL);
    pthread_join(thread, &status);
    assert_int_equal((intptr_t)status, 200);
    http_client_free(&client);
}

static void bad_options_are_refused(void **state) {
    http_server_options options = net_server_options();
    http_server *none = NULL;
    (void)state;
    options.certificate = "/nonexistent";
    assert_int_equal(http_server_start(&options, &none), RESULT_NOT_FOUND);
    options = net_server_options();
    options.address = "localhost";
    assert_int_equal(http_server_start(&options, &none), RESULT_INVALID);
    options = net_server_options();
    options.key = net_paths[NET_TERMINAL + 1];
    assert_int_equal(http_server_start(&options, &none), RESULT_INVALID);
    options = net_server_options();
    options.port = http_server_port(net_server);
    assert_int_equal(http_server_start(&options, &none), RESULT_UNAVAILABLE);
    assert_null(none);
    http_client *client = NULL;
    const http_client_options plain = {.base_url = "http://localhost", .trust_anchor = net_paths[NET_CA]};
    assert_int_equal(http_client_new(&plain, &client), RESULT_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(call_and_answer, net_serve, net_stop),
        cmocka_unit_test_setup_teardown(clients_are_checked, net_serve, net_stop),
        cmocka_unit_test_setup_teardown(a_new_list_counts_on_open_connections, net_serve, net_stop),
        cmocka_unit_test_setup_teardown(callers_sign, net_serve, net_stop),
        cmocka_unit_test_setup_teardown(sessions_are_resumed, net_serve, net_stop),
        cmocka_unit_test(servers_are_checked),
        cmocka_unit_test_setup_teardown(time_outs_are_kept, net_serve, net_stop),
        cmocka_unit_test_setup_teardown(calls_are_broken_off, net_serve, net_stop),
        cmocka_unit_test_setup_teardown(trickling_peers_are_ended, net_serve, net_stop),
        cmocka_unit_test(requests_in_flight_are_finished),
        cmocka_unit_test_setup_teardown(bad_options_are_refused, net_serve, net_stop),
    };
    return cmocka_run_group_tests(tests, net_begin, net_end);
}
