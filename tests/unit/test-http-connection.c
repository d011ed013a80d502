/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/net's list of connections by itself: which one goes when there are too many, and until when each may stay. The
 * descriptors are numbers: what the kernel would say of them is written here, and time passes when the test says so. */
#include "base/clock.h"
#include "net/http_connection.h"
#include "net/http_linger.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define FIRST 1000 /* a descriptor's number: beyond the process's own */
#define PEERS 64

static const char *peers[PEERS]; /* the addresses of FIRST and so on */
static bool clock_stands, shut[PEERS];
static int64_t now_ms, waited_ms;

/* In the C library's place. */
int getpeername(int fd, struct sockaddr *out, socklen_t *length) {
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    const char *text = peers[fd - FIRST];
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        memcpy(out, &v4, *length = sizeof v4);
    else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
        memcpy(out, &v6, *length = sizeof v6);
    return 0;
}

int shutdown(int fd, int how) {
    (void)how;
    if (fd >= FIRST)
        shut[fd - FIRST] = true;
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec *out) {
    if (!clock_stands)
        return (int)syscall(SYS_clock_gettime, clock, out);
    *out = (struct timespec){now_ms / 1000, now_ms % 1000 * 1000000};
    return 0;
}

int poll(struct pollfd *all, nfds_t count, int timeout_ms) {
    (void)all, (void)count;
    waited_ms += timeout_ms;
    now_ms += timeout_ms;
    return 0; /* nobody says anything */
}

int gnutls_bye(gnutls_session_t session, gnutls_close_request_t how) {
    (void)session, (void)how;
    return 0;
}

/* Without the thread that ends what is overdue: it would wait for a clock that stands. */
static void begin(http_connections *all, unsigned max, unsigned per_address_max) {
    *all = (http_connections){.limits = {.request_ms = 3000,
                                         .idle_ms = 2000,
                                         .handshake_ms = 1000,
                                         .max = max,
                                         .per_address_max = per_address_max,
                                         .per_institution = max}};
    pthread_mutex_init(&all->lock, NULL);
    pthread_cond_init(&all->changed, NULL);
    assert_int_equal(http_share_new(max, max, &all->institutions), RESULT_OK);
    clock_stands = true;
    now_ms = 100000;
    memset(shut, 0, sizeof shut);
}

static void give_back(http_connections *all) {
    while (all->first)
        http_connection_closed(all, all->first);
    assert_int_equal(all->count, 0);
    assert_int_equal(all->half_open, 0);
    http_share_free(&all->institutions);
    pthread_cond_destroy(&all->changed);
    pthread_mutex_destroy(&all->lock);
    clock_stands = false;
}

/* One millisecond later than the one before. */
static http_connection *come(http_connections *all, int place, const char *address, bool proven) {
    peers[place] = address;
    now_ms++;
    http_connection *one = http_connection_opened(all, FIRST + place, false);
    assert_non_null(one);
    if (proven)
        assert_true(http_connection_proved(all, one));
    return one;
}

static void an_address_has_its_maximum(void **state) {
    (void)state;
    http_connections all;
    begin(&all, 40, 3);
    for (int i = 0; i < 3; i++)
        come(&all, i, "192.0.2.1", true);
    http_connection *other = come(&all, 3, "192.0.2.2", true);
    assert_false(shut[0]);
    http_connection *fourth = come(&all, 4, "192.0.2.1", false);
    assert_true(shut[0]); /* it waits the longest */
    assert_false(shut[1] || shut[2] || shut[3] || shut[4]);
    assert_int_equal(fourth->address->connections, 3);
    assert_int_equal(other->address->connections, 1);
    assert_int_equal(all.count, 4);
    give_back(&all);
}

static void who_works_is_spared(void **state) {
    (void)state;
    http_connections all;
    begin(&all, 40, 2);
    http_connection *first = come(&all, 0, "192.0.2.1", true);
    http_connection_request_begun(&all, first);
    come(&all, 1, "192.0.2.1", true);
    come(&all, 2, "192.0.2.1", true);
    assert_false(shut[0]);
    assert_true(shut[1]);
    http_connection_request_done(&all, first);
    assert_int_equal(all.requests, 0);
    come(&all, 3, "192.0.2.1", false);
    assert_true(shut[0] != shut[2]); /* either has waited as long */
    give_back(&all);
}

static void all_have_their_maximum(void **state) {
    (void)state;
    static const char *const from[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"};
    http_connections all;
    begin(&all, 4, 4);
    for (int i = 0; i < 4; i++)
        come(&all, i, from[i], true);
    for (int i = 0; i < 4; i++)
        assert_false(shut[i]);
    come(&all, 4, from[4], false);
    assert_true(shut[0]);
    assert_int_equal(all.count, 4);
    give_back(&all);
}

/* Half of the places, rounded up; and of many at one address, the oldest. */
static void half_open_ones_have_half(void **state) {
    (void)state;
    http_connections all;
    begin(&all, 6, 6);
    come(&all, 0, "192.0.2.9", false);
    come(&all, 1, "192.0.2.1", false);
    come(&all, 2, "192.0.2.1", false);
    for (int i = 0; i < 3; i++)
        assert_false(shut[i]);
    come(&all, 3, "192.0.2.2", false);
    assert_true(shut[1]);
    assert_false(shut[0] || shut[2] || shut[3]);
    assert_int_equal(all.half_open, 3);
    give_back(&all);
}

static void each_step_has_its_time(void **state) {
    (void)state;
    http_connections all;
    begin(&all, 6, 6);
    http_connection *one = come(&all, 0, "192.0.2.1", false);
    assert_int_equal(one->deadline_ms, now_ms + 1000);
    assert_true(http_connection_proved(&all, one));
    now_ms += 10;
    http_connection_request_begun(&all, one);
    assert_int_equal(one->deadline_ms, now_ms + 3000);
    now_ms += 10;
    http_connection_request_done(&all, one);
    assert_int_equal(one->since_ms, now_ms);
    assert_int_equal(one->deadline_ms, now_ms + 2000);
    give_back(&all);
}

/* A trusted certificate alone does not end a handshake's time: a request must come. */
static void who_has_not_proved_gets_no_time(void **state) {
    (void)state;
    http_connections all;
    begin(&all, 6, 6);
    http_connection *one = come(&all, 0, "192.0.2.1", false);
    const int64_t deadline = one->deadline_ms;
    now_ms += 10;
    http_connection_request_begun(&all, one);
    assert_false(one->at_work);
    http_connection_request_done(&all, one);
    assert_int_equal(one->deadline_ms, deadline);
    give_back(&all);
}

static void addresses_are_networks(void **state) {
    static const struct {
        const char *one, *other;
        bool same;
    } rows[] = {
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true},
        {"2001:db8:0:1::1", "2001:db8:0:2::1", false},
        {"::1", "192.0.2.1", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        http_connections all;
        begin(&all, 6, 6);
        const http_connection *one = come(&all, 0, rows[i].one, false), *other = come(&all, 1, rows[i].other, false);
        assert_true((one->address == other->address) == rows[i].same);
        give_back(&all);
    }
}

/* While more than half of their places are taken, a fifth of the time is left to those that are half open. */
static void a_crowd_is_hurried(void **state) {
    http_connections all;
    const http_connection_limits limits = {3000000, 2000000, 1000000, 8, 8, 8}; /* nobody's time ends by itself */
    (void)state;
    assert_int_equal(http_connections_start(&all, &limits), RESULT_OK);
    memset(shut, 0, sizeof shut);
    http_connection *late = come(&all, 0, "192.0.2.1", false), *proven = come(&all, 1, "192.0.2.2", true);
    pthread_mutex_lock(&all.lock);
    late->since_ms -= 300000;
    proven->since_ms -= 300000;
    pthread_mutex_unlock(&all.lock);
    come(&all, 2, "192.0.2.3", false);
    come(&all, 3, "192.0.2.4", false); /* three of four */
    bool ended = false;
    for (int i = 0; i < 2000 && !ended; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
        pthread_mutex_lock(&all.lock);
        ended = late->ended;
        pthread_mutex_unlock(&all.lock);
    }
    assert_true(ended);
    pthread_mutex_lock(&all.lock);
    assert_true(shut[0]);
    assert_false(shut[1] || shut[2] || shut[3]);
    pthread_mutex_unlock(&all.lock);
    while (all.first)
        http_connection_closed(&all, all.first);
    http_connections_end(&all);
}

static void who_does_not_read_is_left(void **state) {
    (void)state;
    memset(shut, 0, sizeof shut);
    clock_stands = true;
    waited_ms = 0;
    http_linger(FIRST, NULL);
    clock_stands = false;
    assert_int_equal(waited_ms, 5000);
    assert_true(shut[0]); /* nothing more is sent */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_its_maximum), cmocka_unit_test(who_works_is_spared),
        cmocka_unit_test(all_have_their_maximum),     cmocka_unit_test(half_open_ones_have_half),
        cmocka_unit_test(each_step_has_its_time),     cmocka_unit_test(who_has_not_proved_gets_no_time),
        cmocka_unit_test(addresses_are_networks),     cmocka_unit_test(a_crowd_is_hurried),
        cmocka_unit_test(who_does_not_read_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
