/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A balancer's header before the first byte of TLS: taken off in whatever pieces it comes, told once, and nothing of TLS
 * is lost. What GnuTLS would call is called by the test. */
#include "net/http_inlet.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* The PROXY protocol, 2.2: TCP over IPv4 from 203.0.113.7; LOCAL. */
#define HEAD "\r\n\r\n\0\r\nQUIT\n"
#define V4 HEAD "\x21\x11\0\x0C\xCB\0\x71\x07\x0A\0\0\1\x30\x39\x01\xBB"
#define LOCAL HEAD "\x20\0\0\0"
#define TLS "\x16\x03\x01 and so on"

static gnutls_pull_func pull;
static gnutls_pull_timeout_func pull_within;
static gnutls_transport_ptr_t context;

void __wrap_gnutls_transport_set_pull_function(gnutls_session_t session, gnutls_pull_func function);
void __wrap_gnutls_transport_set_pull_timeout_function(gnutls_session_t session, gnutls_pull_timeout_func function);
void __wrap_gnutls_transport_set_ptr2(gnutls_session_t session, gnutls_transport_ptr_t in, gnutls_transport_ptr_t out);

void __wrap_gnutls_transport_set_pull_function(gnutls_session_t session, gnutls_pull_func function) {
    (void)session;
    pull = function;
}

void __wrap_gnutls_transport_set_pull_timeout_function(gnutls_session_t session, gnutls_pull_timeout_func function) {
    (void)session;
    pull_within = function;
}

void __wrap_gnutls_transport_set_ptr2(gnutls_session_t session, gnutls_transport_ptr_t in, gnutls_transport_ptr_t out) {
    (void)session, (void)out;
    context = in;
}

static struct {
    unsigned count;
    bool with_address;
    uint8_t address[HTTP_PROXY_ADDRESS];
    bool goes_on; /* what it answers */
} told;

static bool note(void *unused, const uint8_t address[HTTP_PROXY_ADDRESS]) {
    (void)unused;
    told.count++;
    told.with_address = address != NULL;
    if (address != NULL)
        memcpy(told.address, address, sizeof told.address);
    return told.goes_on;
}

static http_inlet inlet;
static int balancer; /* its end */

static int begin(void **state) {
    int pair[2];
    (void)state;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || fcntl(pair[0], F_SETFL, O_NONBLOCK) != 0)
        return -1;
    memset(&told, 0, sizeof told);
    told.goes_on = true;
    inlet = (http_inlet){.told = note};
    balancer = pair[1];
    http_inlet_begin(&inlet, pair[0], NULL);
    assert_ptr_equal(context, &inlet);
    return 0;
}

static int end(void **state) {
    (void)state;
    if (balancer >= 0)
        close(balancer);
    return close(inlet.fd);
}

static void say(const void *data, size_t length) {
    assert_int_equal(write(balancer, data, length), length);
}
#define SAY(text) say(text, sizeof text - 1)

/* What GnuTLS gets. */
static ssize_t get(char out[64]) {
    memset(out, 0, 64);
    return pull(context, out, 63);
}

static void nothing_of_tls_is_lost(void **state) {
    static const uint8_t v4[HTTP_PROXY_ADDRESS] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 203, 0, 113, 7};
    char out[64];
    (void)state;
    SAY(V4 TLS);
    assert_int_equal(get(out), sizeof TLS - 1);
    assert_memory_equal(out, TLS, sizeof TLS - 1);
    assert_int_equal(told.count, 1);
    assert_true(told.with_address);
    assert_memory_equal(told.address, v4, sizeof v4);
    SAY(V4); /* what follows is TLS, whatever it looks like */
    assert_int_equal(get(out), sizeof V4 - 1);
    assert_int_equal(told.count, 1);
}

static void a_header_may_come_byte_by_byte(void **state) {
    static const char whole[] = V4;
    char out[64];
    (void)state;
    for (size_t i = 0; i < sizeof whole - 1; i++) {
        assert_int_equal(get(out), -1);
        assert_int_equal(errno, EAGAIN);
        assert_int_equal(told.count, 0);
        say(whole + i, 1);
    }
    assert_int_equal(pull_within(context, 0), 1);
    assert_int_equal(get(out), -1); /* the header is whole, and no TLS is there yet */
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(told.count, 1);
    assert_int_equal(pull_within(context, 10), 0);
    SAY(TLS);
    assert_int_equal(pull_within(context, GNUTLS_INDEFINITE_TIMEOUT), 1);
    assert_int_equal(get(out), sizeof TLS - 1);
}

static void a_balancer_may_speak_for_itself(void **state) {
    char out[64];
    (void)state;
    SAY(LOCAL TLS);
    assert_int_equal(get(out), sizeof TLS - 1);
    assert_int_equal(told.count, 1);
    assert_false(told.with_address);
}

static void what_is_no_header_ends_the_connection(void **state) {
    static const struct {
        const char *text;
        size_t length;
    } rows[] = {
        {TLS TLS, sizeof(TLS TLS) - 1},                        /* a client that speaks TLS at once */
        {"PROXY TCP4 203.0.113.7 10.0.0.1 12345 443\r\n", 43}, /* version 1 */
        {HEAD "\x21\x11\xFF\xFF", 16},                         /* longer than any */
        {HEAD "\x21\x11\0\x04\xCB\0\x71\x07", 20},             /* shorter than its addresses */
    };
    char out[64];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        say(rows[i].text, rows[i].length);
        if (get(out) != 0 || told.count != 0)
            fail_msg("row %zu", i);
        end(state);
        begin(state);
    }
    SAY(V4 TLS);
    told.goes_on = false; /* too many of this client's, say */
    assert_int_equal(get(out), 0);
    assert_int_equal(told.count, 1);
}

static void who_hangs_up_in_a_header_is_gone(void **state) {
    char out[64];
    (void)state;
    say(V4, 20);
    close(balancer);
    balancer = -1;
    assert_int_equal(get(out), 0);
    assert_int_equal(told.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(nothing_of_tls_is_lost),           TEST(a_header_may_come_byte_by_byte),
        TEST(a_balancer_may_speak_for_itself),  TEST(what_is_no_header_ends_the_connection),
        TEST(who_hangs_up_in_a_header_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
