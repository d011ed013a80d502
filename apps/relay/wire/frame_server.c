/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "wire/frame_server.h"

#include "wire/frame_session.h"

#include "base/clock.h"
#include "base/log.h"
#include "net/http_listen.h"
#include "p11_rpc/rpc_tls.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPT_WAIT_MS 200
#define STACK_BYTES ((size_t)256 * 1024)
#define END_WAIT_MS 3000

/* One connection: from accept to its end. */
typedef struct connection {
    struct connection *next;
    struct frame_server *server;
    int fd;      /* for a shutdown by another thread; -1: its own thread has closed it */
    bool proven; /* authenticated as a terminal */
    http_peer peer;
    const rpc_end *end; /* its own thread's */
    unsigned checked;   /* generation of the trust that accepts its certificate */
} connection;

struct frame_server {
    frame_server_options options;
    http_tls *tls;
    int listener;
    uint16_t port;
    pthread_t acceptor;
    bool accepting;
    _Atomic bool ending;
    pthread_mutex_t guard; /* guards the list and the counts */
    pthread_cond_t changed;
    connection *first;
    unsigned all, half_open;
    frame_server_counts counts;
    _Atomic uint64_t frames;
    int64_t others;
};

/* --- the list ----------------------------------------------------------------------------------------------------- */

/* At most half of the places are for connections that are not authenticated yet. */
static bool enlist(frame_server *server, connection *one) {
    pthread_mutex_lock(&server->guard);
    const bool room = server->half_open < server->options.tls.connections_max / 2 &&
                      server->all < server->options.tls.connections_max;
    if (room) {
        one->next = server->first;
        server->first = one;
        server->all++;
        server->half_open++;
    }
    server->counts.refused += !room;
    pthread_mutex_unlock(&server->guard);
    return room;
}

static unsigned count_of(const frame_server *server, const char *terminal) {
    unsigned count = 0;
    for (const connection *one = server->first; one != NULL; one = one->next)
        count += one->proven && strcmp(one->peer.terminal_id, terminal) == 0;
    return count;
}

static bool prove(connection *one) {
    frame_server *server = one->server;
    pthread_mutex_lock(&server->guard);
    const bool room = count_of(server, one->peer.terminal_id) < server->options.tls.connections_per_address_max;
    if (room) {
        one->proven = true;
        server->half_open--;
        server->counts.open++;
        server->counts.accepted++;
    }
    pthread_mutex_unlock(&server->guard);
    return room;
}

/* Its thread's last step. */
static void delist(connection *one) {
    frame_server *server = one->server;
    pthread_mutex_lock(&server->guard);
    connection **link = &server->first;
    while (*link != one)
        link = &(*link)->next;
    *link = one->next;
    server->all--;
    server->half_open -= !one->proven;
    server->counts.open -= one->proven;
    server->counts.refused += !one->proven;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->guard);
    free(one);
}

/* The guard is held. Its thread closes it. */
static void cut(const connection *one) {
    if (one->fd >= 0)
        shutdown(one->fd, SHUT_RDWR);
}

/* --- one connection ----------------------------------------------------------------------------------------------- */

/* Closed under the guard: otherwise another thread could shut down a descriptor number that is in use again. */
static void close_end(connection *one, rpc_end *end) {
    pthread_mutex_lock(&one->server->guard);
    one->fd = -1;
    pthread_mutex_unlock(&one->server->guard);
    rpc_close(end);
}

/* A certificate of the CA is not enough: its key must be in the list. */
static result admit(connection *one, rpc_end *end) {
    frame_server *server = one->server;
    http_trust *trust = http_tls_trust(server->tls, &one->checked);
    result code = rpc_tls_accept(server->tls, trust, one->fd, &one->peer, end);
    http_trust_free(&trust);
    if (code != RESULT_OK)
        return code;
    code = relay_store_find(server->options.desk->store, one->peer.terminal_id, one->peer.key);
    if (code == RESULT_OK && !prove(one))
        code = RESULT_REFUSED;
    if (code == RESULT_OK)
        code = relay_store_seen(server->options.desk->store, one->peer.terminal_id, one->peer.key, clock_wall_s());
    if (code != RESULT_OK)
        log_warning("%s is refused: %s", one->peer.terminal_id,
                    code == RESULT_NOT_FOUND ? "not in the list of terminals with this key"
                    : code == RESULT_REFUSED ? "it has too many connections"
                                             : result_text(code));
    return code;
}

/* A connection may last for days: its certificate is checked again when CAs or revocation lists have changed. */
static bool may_go_on(void *context) {
    connection *one = context;
    const frame_server *server = one->server;
    const char *cause = "";
    if (one->checked == http_tls_generation(server->tls))
        return true;
    http_trust *trust = http_tls_trust(server->tls, &one->checked);
    const result code = rpc_tls_check_again(trust, one->end, &cause);
    http_trust_free(&trust);
    if (code != RESULT_OK)
        log_warning("%s is refused: %s", one->peer.terminal_id, cause);
    return code == RESULT_OK;
}

static void *serve(void *context) {
    connection *one = context;
    frame_server *server = one->server;
    rpc_end end = {.fd = -1};
    const result code = admit(one, &end);
    if (code == RESULT_OK) {
        log_info("%s has connected", one->peer.terminal_id);
        malloc_trim(0); /* what the handshake needed, and an idle connection does not */
        one->end = &end;
        const frame_session_rules rules = {(int)server->options.idle_ms, &server->frames, may_go_on, one};
        frame_session_run(server->options.desk, one->peer.terminal_id, &end, &rules);
    }
    close_end(one, &end);
    delist(one);
    return NULL;
}

static void begin(frame_server *server, int fd) {
    pthread_attr_t attributes;
    pthread_t thread;
    connection *one = calloc(1, sizeof *one);
    if (one != NULL)
        *one = (connection){.server = server, .fd = fd};
    if (one == NULL || !enlist(server, one)) {
        close(fd);
        free(one);
        return;
    }
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attributes, serve, one) != 0) {
        close(fd);
        one->fd = -1;
        delist(one);
    }
    pthread_attr_destroy(&attributes);
}

static void *accept_all(void *context) {
    frame_server *server = context;
    struct pollfd one = {.fd = server->listener, .events = POLLIN};
    while (!atomic_load(&server->ending)) {
        if (poll(&one, 1, ACCEPT_WAIT_MS) <= 0)
            continue;
        const int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            begin(server, fd);
        else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
            poll(NULL, 0, ACCEPT_WAIT_MS);
    }
    return NULL;
}

/* --- the server --------------------------------------------------------------------------------------------------- */

result frame_server_start(const frame_server_options *options, frame_server **out) {
    frame_server *server = *out = calloc(1, sizeof *server);
    if (server == NULL)
        return RESULT_NO_MEMORY;
    server->options = *options;
    server->listener = -1;
    pthread_mutex_init(&server->guard, NULL);
    pthread_cond_init(&server->changed, NULL);
    server->others = relay_store_others(options->desk->store);
    result code = http_tls_new(&server->options.tls, &server->tls);
    if (code == RESULT_OK)
        code = http_listen_tcp(options->tls.address != NULL ? options->tls.address : "127.0.0.1", options->tls.port,
                               &server->listener, &server->port);
    if (code == RESULT_OK) {
        server->accepting = pthread_create(&server->acceptor, NULL, accept_all, server) == 0;
        code = server->accepting ? RESULT_OK : RESULT_NO_MEMORY;
    }
    if (code != RESULT_OK)
        frame_server_stop(out);
    return code;
}

uint16_t frame_server_port(const frame_server *server) {
    return server->port;
}

/* The threads of the connections end by themselves. */
static void end_connections(frame_server *server) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += END_WAIT_MS / 1000;
    pthread_mutex_lock(&server->guard);
    for (const connection *one = server->first; one != NULL; one = one->next)
        cut(one);
    while (server->first != NULL && pthread_cond_timedwait(&server->changed, &server->guard, &until) == 0)
        ;
    pthread_mutex_unlock(&server->guard);
}

void frame_server_stop(frame_server **server) {
    frame_server *mine = *server;
    if (mine == NULL)
        return;
    atomic_store(&mine->ending, true);
    if (mine->accepting)
        pthread_join(mine->acceptor, NULL);
    if (mine->listener >= 0)
        close(mine->listener);
    end_connections(mine);
    *server = NULL;
    if (mine->first != NULL)
        return; /* a thread hangs in the SE: what it uses must stay; the process ends */
    if (mine->tls != NULL)
        http_tls_free(&mine->tls);
    pthread_cond_destroy(&mine->changed);
    pthread_mutex_destroy(&mine->guard);
    free(mine);
}

/* False: the list could not be read, and is looked at again. */
static bool put_out_withdrawn(frame_server *server) {
    bool whole = true;
    pthread_mutex_lock(&server->guard);
    for (const connection *one = server->first; one != NULL; one = one->next) {
        if (!one->proven)
            continue;
        const result code = relay_store_find(server->options.desk->store, one->peer.terminal_id, one->peer.key);
        whole &= code == RESULT_OK || code == RESULT_NOT_FOUND;
        if (code != RESULT_NOT_FOUND)
            continue;
        log_notice("%s was withdrawn: its connection ends", one->peer.terminal_id);
        cut(one);
    }
    pthread_mutex_unlock(&server->guard);
    return whole;
}

void frame_server_look(frame_server *server) {
    const int64_t others = relay_store_others(server->options.desk->store);
    http_tls_look(server->tls, false);
    if (others != server->others && put_out_withdrawn(server))
        server->others = others;
}

void frame_server_tell(frame_server *server, frame_server_counts *out) {
    pthread_mutex_lock(&server->guard);
    *out = server->counts;
    pthread_mutex_unlock(&server->guard);
    out->frames = atomic_load(&server->frames);
}

unsigned frame_server_connections(frame_server *server, const char *terminal) {
    pthread_mutex_lock(&server->guard);
    const unsigned count = count_of(server, terminal);
    pthread_mutex_unlock(&server->guard);
    return count;
}
