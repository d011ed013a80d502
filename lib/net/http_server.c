/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_server.h"

#include "base/clock.h"
#include "base/log.h"
#include "net/http_exchange.h"
#include "net/http_listen.h"
#include "net/http_peer.h"
#include "net/http_profile.h"
#include "net/http_rate.h"
#include "net/http_tls.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADERS_MAX (32 * 1024) /* libmicrohttpd's memory per connection: request line and headers */
#define SILENCE_S 60
#define BODIES_MAX ((size_t)256 * 1024 * 1024) /* of all requests together */
#define SHARE 4                                /* an institution's share is a quarter */
#define DYING 64                               /* also counts closed connections whose threads have not ended yet */
#define BURST_TIMES 10

struct http_server {
    struct MHD_Daemon *daemon;
    http_connections connections;
    bool connections_started;
    _Atomic bool starting; /* libmicrohttpd's messages now tell why it does not start */
    http_rate *handshakes; /* NULL: no limit */
    http_proxy_balancers balancers;
    http_exchange_rules rules;
    http_server_options options;
    uint16_t port;
};

/* An address that connects too often is not served. */
static bool may_handshake(http_server *server, const uint8_t address[HTTP_PROXY_ADDRESS]) {
    char text[INET6_ADDRSTRLEN] = "";
    return !server->handshakes || (inet_ntop(AF_INET6, address, text, sizeof text) &&
                                   http_rate_take(server->handshakes, text, clock_monotonic_ms()) == 0);
}

/* For whom a balancer has connected. */
static bool client_told(void *context, const uint8_t address[HTTP_PROXY_ADDRESS]) {
    http_connection *connection = context;
    http_server *server = connection->server;
    return http_connection_told(&server->connections, connection, address) &&
           (!address || may_handshake(server, address));
}

static http_connection *open_connection(http_server *server, int fd, gnutls_session_t session) {
    struct sockaddr_storage peer = {.ss_family = AF_UNSPEC};
    socklen_t length = sizeof peer;
    const bool balanced = server->balancers.count > 0 && getpeername(fd, (struct sockaddr *)&peer, &length) == 0 &&
                          http_proxy_expects(&server->balancers, (struct sockaddr *)&peer);
    http_connection *opened = http_connection_opened(&server->connections, fd, balanced);
    if (opened && balanced) {
        opened->server = server;
        opened->inlet.told = client_told;
        opened->inlet.context = opened;
        http_inlet_begin(&opened->inlet, fd, session);
    }
    return opened;
}

/* STARTED comes before the handshake: the moment for http_tls_prepare. */
static void connection_changed(void *context, struct MHD_Connection *connection, void **mine,
                               enum MHD_ConnectionNotificationCode code) {
    http_server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (*mine)
            http_connection_closed(&server->connections, *mine);
        *mine = NULL;
        return;
    }
    /* Each answer is good until the next question (libmicrohttpd 1.0 has one place for all). */
    const union MHD_ConnectionInfo *told = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    const gnutls_session_t session = told ? told->tls_session : NULL;
    if (session)
        http_tls_prepare(server->rules.tls, session);
    told = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *mine = told && session ? open_connection(server, told->connect_fd, session) : NULL;
}

/* Before the handshake: an address that connects too often is closed at once. What a balancer passes on is looked at when
 * it has told for whom. */
static enum MHD_Result may_connect(void *context, const struct sockaddr *address, socklen_t length) {
    http_server *server = context;
    char host[INET6_ADDRSTRLEN] = "";
    if (http_proxy_expects(&server->balancers, address))
        return MHD_YES;
    if (getnameinfo(address, length, host, sizeof host, NULL, 0, NI_NUMERICHOST) != 0)
        return MHD_NO;
    return http_rate_take(server->handshakes, host, clock_monotonic_ms()) == 0 ? MHD_YES : MHD_NO;
}

static void __attribute__((format(printf, 2, 0))) library_log(void *context, const char *format, va_list arguments) {
    const http_server *server = context;
    char line[400];
    vsnprintf(line, sizeof line, format, arguments);
    line[strcspn(line, "\r\n")] = '\0';
    if (server->starting)
        log_error("libmicrohttpd: %s", line);
    else
        log_debug("libmicrohttpd: %s", line);
}

static unsigned given_or(unsigned value, unsigned otherwise) {
    return value ? value : otherwise;
}

static struct MHD_Daemon *start_daemon(const http_server_options *options, http_server *server, int listening) {
    const unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
                           MHD_USE_TLS | MHD_USE_ERROR_LOG;
    return MHD_start_daemon(flags, 0, server->handshakes ? may_connect : NULL, server, http_exchange_step,
                            &server->rules, MHD_OPTION_EXTERNAL_LOGGER, library_log, server, MHD_OPTION_LISTEN_SOCKET,
                            listening, MHD_OPTION_HTTPS_MEM_CERT, http_tls_certificate(server->rules.tls),
                            MHD_OPTION_HTTPS_MEM_KEY, http_tls_key(server->rules.tls), MHD_OPTION_HTTPS_MEM_TRUST,
                            http_tls_client_ca(server->rules.tls), MHD_OPTION_HTTPS_PRIORITIES,
                            http_profile_priorities(options->allow_tls_1_2), MHD_OPTION_NOTIFY_CONNECTION,
                            connection_changed, server, MHD_OPTION_URI_LOG_CALLBACK, http_exchange_begin,
                            &server->rules, MHD_OPTION_NOTIFY_COMPLETED, http_exchange_end, &server->rules,
                            /* Our own limits (net/http_connection.h) are lower and choose the connection to close. */
                            MHD_OPTION_CONNECTION_LIMIT, 2 * given_or(options->connections_max, 256) + DYING,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADERS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
                            (unsigned)SILENCE_S, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}

static result listen_and_start(const http_server_options *options, http_server *server) {
    int listening = -1;
    result outcome = http_listen_tcp(options->address ? options->address : "127.0.0.1", options->port, &listening,
                                     &server->port);
    if (outcome != RESULT_OK)
        return outcome;
    const uint64_t identity = http_listen_identity(listening);
    server->starting = true;
    server->daemon = start_daemon(options, server, listening);
    server->starting = false;
    if (server->daemon)
        return RESULT_OK;
    http_listen_undo(listening, identity);
    log_error("the HTTPS server at port %u does not start; the line before says why", server->port);
    return RESULT_INTERNAL;
}

static result begin(const http_server_options *options, http_server *server) {
    result outcome = http_proxy_balancers_read(options->balancers, &server->balancers);
    if (outcome != RESULT_OK)
        log_error("[server] balancers = %s: expected at most %d IP addresses", options->balancers,
                  HTTP_PROXY_BALANCERS_MAX);
    else
        outcome = http_tls_new(&server->options, &server->rules.tls);
    if (outcome == RESULT_OK && options->handshakes_per_second)
        outcome = http_rate_new(options->handshakes_per_second, BURST_TIMES * options->handshakes_per_second,
                                &server->handshakes);
    if (outcome != RESULT_OK)
        return outcome;
    const size_t bodies = options->bodies_max ? options->bodies_max : BODIES_MAX;
    outcome = http_share_new(bodies, options->bodies_per_institution ? options->bodies_per_institution : bodies / SHARE,
                             &server->rules.bodies);
    if (outcome != RESULT_OK)
        return outcome;
    const unsigned max = given_or(options->connections_max, 256);
    const http_connection_limits limits = {
        .request_ms = given_or(options->request_ms, 30000),
        .idle_ms = given_or(options->idle_ms, 60000),
        .handshake_ms = given_or(options->handshake_ms, 10000),
        .max = max,
        .per_address_max = given_or(options->connections_per_address_max, 64),
        .per_institution = given_or(options->connections_per_institution, (max + SHARE - 1) / SHARE)};
    outcome = http_connections_start(&server->connections, &limits);
    if (outcome != RESULT_OK)
        return outcome;
    server->connections_started = true;
    return listen_and_start(options, server);
}

result http_server_start(const http_server_options *options, http_server **out) {
    http_profile_keep_secrets();
    http_server *server = calloc(1, sizeof *server);
    if (!server)
        return RESULT_NO_MEMORY;
    server->options = *options;
    server->rules = (http_exchange_rules){.routes = options->routes,
                                          .refuser = options->refuser,
                                          .admitter = options->admitter,
                                          .runner = options->runner,
                                          .context = options->context,
                                          .connections = &server->connections};
    result outcome = begin(options, server);
    if (outcome != RESULT_OK)
        http_server_stop(&server);
    *out = server;
    return outcome;
}

uint16_t http_server_port(const http_server *server) {
    return server->port;
}

void http_server_look(http_server *server, bool again) {
    http_tls_look(server->rules.tls, again);
}

void http_server_stop(http_server **server) {
    http_server *mine = *server;
    if (!mine)
        return;
    if (mine->daemon) {
        mine->rules.stopping = true;
        /* An open listening socket would queue connections that are never answered. */
        MHD_socket listening = MHD_quiesce_daemon(mine->daemon);
        if (listening != MHD_INVALID_SOCKET)
            close(listening);
        http_connections_wait(&mine->connections, HTTP_SERVER_FINISH_MS);
        MHD_stop_daemon(mine->daemon);
    }
    if (mine->connections_started)
        http_connections_end(&mine->connections);
    http_tls_free(&mine->rules.tls);
    http_rate_free(&mine->handshakes);
    http_share_free(&mine->rules.bodies);
    free(mine);
    *server = NULL;
}
