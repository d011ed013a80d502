/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The port of a relay, without TLS: a client says in a line who it is, "T-01 KEY1", which is what a handshake would have
 * proven. Who gets in, how many, and who is put out. */
#include "wire/frame_server.h"

#include "net/http_tls.h"
#include "p11_rpc/rpc_tls.h"
#include "relay-folder.h"
#include "wire/frame_session.h"

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define WAIT_MS 10000 /* for what must happen */
#define PLACES 8
#define PER_TERMINAL 3

/* --- TLS ---------------------------------------------------------------------------------------------------------- */

static atomic_uint looks;

result http_tls_new(const http_server_options *options, http_tls **out) {
    (void)options;
    *out = (http_tls *)1;
    return RESULT_OK;
}

void http_tls_free(http_tls **tls) {
    *tls = NULL;
}

static atomic_uint generation; /* of CAs and lists */
static atomic_bool revoked;    /* by them, whoever is connected */

unsigned http_tls_generation(const http_tls *tls) {
    (void)tls;
    return generation;
}

http_trust *http_tls_trust(http_tls *tls, unsigned *now) {
    (void)tls;
    *now = generation;
    return NULL;
}

result rpc_tls_check_again(const http_trust *trust, const rpc_end *end, const char **cause) {
    (void)trust;
    assert_true(end->fd >= 0);
    *cause = "revoked";
    return revoked ? RESULT_DENIED : RESULT_OK;
}

void http_trust_free(http_trust **trust) {
    *trust = NULL;
}

void http_tls_look(http_tls *tls, bool again) {
    (void)tls, (void)again;
    looks++;
}

result rpc_tls_accept(http_tls *tls, const http_trust *trust, int fd, http_peer *peer, rpc_end *out) {
    char line[64] = "";
    (void)tls, (void)trust;
    *out = (rpc_end){.fd = fd};
    for (size_t i = 0; i + 1 < sizeof line && (i == 0 || line[i - 1] != '\n'); i++)
        if (rpc_read(out, (uint8_t *)&line[i], 1, WAIT_MS) != RESULT_OK)
            return RESULT_IO;
    return sscanf(line, "%31s %63s", peer->terminal_id, peer->key) == 2 ? RESULT_OK : RESULT_DENIED;
}

/* A session: says that it has begun, and lasts until the client or the server ends it, or a question that may not be
 * asked. */
void frame_session_run(relay_desk *desk, const char *terminal, const rpc_end *end, const frame_session_rules *rules) {
    uint8_t byte;
    (void)desk, (void)terminal;
    assert_int_equal(rules->idle_ms, 4711);
    atomic_fetch_add(rules->frames, 1);
    do
        rpc_write(end, bytes_of("+", 1), WAIT_MS);
    while (rpc_read(end, &byte, 1, RPC_NO_TIMEOUT) == RESULT_OK && rules->may_go_on(rules->context));
}

static bool list_fails; /* it cannot be read */

result __real_relay_store_find(relay_store *store, const char *id, const char *key);
result __wrap_relay_store_find(relay_store *store, const char *id, const char *key);
result __wrap_relay_store_find(relay_store *store, const char *id, const char *key) {
    return list_fails ? RESULT_IO : __real_relay_store_find(store, id, key);
}

/* --- a server ----------------------------------------------------------------------------------------------------- */

static relay_desk desk;
static frame_server *server;

static void admit(const char *id, const char *key) {
    relay_terminal one = {.admitted_at = 1};
    snprintf(one.id, sizeof one.id, "%s", id);
    snprintf(one.key, sizeof one.key, "%s", key);
    assert_int_equal(relay_store_admit(desk.store, &one), RESULT_OK);
}

static int begin(void **state) {
    (void)state;
    generation = 1;
    revoked = false;
    assert_int_equal(relay_store_open(relay_folder(), &desk.store), RESULT_OK);
    admit("T-01", "KEY1");
    admit("T-02", "KEY2");
    const frame_server_options options = {
        .tls = {.connections_max = PLACES, .connections_per_address_max = PER_TERMINAL},
        .desk = &desk,
        .idle_ms = 4711};
    assert_int_equal(frame_server_start(&options, &server), RESULT_OK);
    return 0;
}

static int end(void **state) {
    (void)state;
    frame_server_stop(&server);
    assert_null(server);
    relay_store_close(&desk.store);
    relay_folder_clear();
    return 0;
}

static int connect_to(void) {
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(frame_server_port(server)), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void say(int fd, const char *who) {
    char line[64];
    const int length = snprintf(line, sizeof line, "%s\n", who);
    assert_int_equal(send(fd, line, (size_t)length, MSG_NOSIGNAL), length);
}

/* '+': it serves. 0: it has hung up. */
static char answer_of(int fd) {
    char byte = 0;
    struct pollfd one = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&one, 1, WAIT_MS), 1);
    return recv(fd, &byte, 1, 0) == 1 ? byte : '\0';
}

static int enter(const char *who) {
    const int fd = connect_to();
    say(fd, who);
    return fd;
}

static bool is_served(const char *who, int *fd) {
    *fd = enter(who);
    return answer_of(*fd) == '+';
}

static frame_server_counts counts(void) {
    frame_server_counts now;
    frame_server_tell(server, &now);
    return now;
}

/* Until so many connections were refused: the server's threads end after their clients. */
static void wait_refused(uint64_t due) {
    for (int i = 0; i < WAIT_MS && counts().refused < due; i++)
        usleep(1000);
    assert_int_equal(counts().refused, due);
}

static void wait_open(unsigned due) {
    for (int i = 0; i < WAIT_MS && counts().open != due; i++)
        usleep(1000);
    assert_int_equal(counts().open, due);
}

static void a_terminal_is_its_name_with_its_key(void **state) {
    static const char *const strangers[] = {"T-01 KEY2", "T-03 KEY1", "T-01 KEY", "nobody"};
    int fd;
    (void)state;
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        if (is_served(strangers[i], &fd))
            fail_msg("%s is served", strangers[i]);
        close(fd);
    }
    wait_refused(4);
    assert_int_equal(counts().frames, 0);
    assert_int_equal(counts().accepted, 0);
    assert_true(is_served("T-01 KEY1", &fd));
    assert_int_equal(frame_server_connections(server, "T-01"), 1);
    close(fd);
    wait_open(0);
    assert_int_equal(counts().accepted, 1);
}

static void who_says_nothing_has_half_of_the_places(void **state) {
    int silent[PLACES / 2], fd;
    (void)state;
    for (size_t round = 0; round < 2; round++) { /* places that were left are free again */
        for (size_t i = 0; i < PLACES / 2; i++)
            silent[i] = connect_to();
        fd = connect_to();
        assert_int_equal(answer_of(fd), 0);
        close(fd);
        for (size_t i = 0; i < PLACES / 2; i++)
            close(silent[i]);
        wait_refused((round + 1) * (PLACES / 2 + 1));
    }
    assert_true(is_served("T-01 KEY1", &fd));
    close(fd);
}

static void proven_ones_leave_room_for_others(void **state) {
    int fds[PER_TERMINAL + 1], other;
    (void)state;
    for (size_t i = 0; i < PER_TERMINAL; i++)
        assert_true(is_served("T-01 KEY1", &fds[i]));
    assert_false(is_served("T-01 KEY1", &fds[PER_TERMINAL])); /* one more than a terminal may have */
    assert_true(is_served("T-02 KEY2", &other));
    close(fds[0]);
    wait_open(PER_TERMINAL);
    close(fds[PER_TERMINAL]);
    assert_true(is_served("T-01 KEY1", &fds[0]));
    for (size_t i = 0; i < PER_TERMINAL; i++)
        close(fds[i]);
    close(other);
    wait_open(0);
    assert_int_equal(frame_server_connections(server, "T-01"), 0);
}

static void a_withdrawn_terminal_is_put_out(void **state) {
    int one, two;
    (void)state;
    assert_true(is_served("T-01 KEY1", &one));
    assert_true(is_served("T-02 KEY2", &two));
    frame_server_look(server);
    assert_int_equal(counts().open, 2);
    relay_folder_change("DELETE FROM terminal WHERE id = 'T-01'"); /* by another process */
    frame_server_look(server);
    assert_int_equal(answer_of(one), 0);
    wait_open(1);
    assert_int_equal(frame_server_connections(server, "T-02"), 1);
    relay_folder_change("UPDATE terminal SET tls_key = 'KEY3' WHERE id = 'T-02'"); /* its old key is nobody's */
    frame_server_look(server);
    assert_int_equal(answer_of(two), 0);
    close(one);
    close(two);
    assert_int_equal(looks, 3); /* its files, too */
}

static void a_list_that_cannot_be_read_is_looked_at_again(void **state) {
    int one;
    (void)state;
    assert_true(is_served("T-01 KEY1", &one));
    relay_folder_change("DELETE FROM terminal WHERE id = 'T-01'");
    list_fails = true;
    frame_server_look(server);
    assert_int_equal(counts().open, 1);
    list_fails = false;
    frame_server_look(server);
    assert_int_equal(answer_of(one), 0);
    close(one);
}

/* A connection lasts for days; what was right at its handshake need not be so now. */
static void a_revoked_certificate_asks_no_further_question(void **state) {
    int one;
    (void)state;
    assert_true(is_served("T-01 KEY1", &one));
    say(one, "?");
    assert_int_equal(answer_of(one), '+');
    generation++;                          /* a new list, and it is not in it */
    assert_int_equal(answer_of(one), '+'); /* to the line's end, which is a question, too */
    say(one, "?");
    assert_int_equal(answer_of(one), '+');
    assert_int_equal(answer_of(one), '+');
    revoked = true;
    generation++;
    say(one, "?");
    assert_int_equal(answer_of(one), 0);
    close(one);
}

static void the_end_ends_all(void **state) {
    int served, silent;
    assert_true(is_served("T-01 KEY1", &served));
    silent = connect_to();
    assert_int_equal(end(state), 0);
    assert_int_equal(answer_of(served), 0);
    assert_int_equal(answer_of(silent), 0);
    close(served);
    close(silent);
    begin(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(a_terminal_is_its_name_with_its_key),
        TEST(who_says_nothing_has_half_of_the_places),
        TEST(proven_ones_leave_room_for_others),
        TEST(a_withdrawn_terminal_is_put_out),
        TEST(a_list_that_cannot_be_read_is_looked_at_again),
        TEST(a_revoked_certificate_asks_no_further_question),
        TEST(the_end_ends_all),
    };
    return cmocka_run_group_tests(tests, relay_folder_make, relay_folder_remove);
}
