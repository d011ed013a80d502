/* The server's list of open connections: each has a point in time by which its next step must be done. */
#pragma once

#include "net/http_server.h"
#include "net/http_trust.h"

#include <microhttpd.h>
#include <pthread.h>

typedef struct http_connection {
    struct http_connection *next, **link; /* in http_connections.first */
    int fd;
    int64_t deadline_ms; /* clock_monotonic_ms */
    unsigned judged;     /* peer and refusal are filled in, by this generation (http_tls.h); 0: not yet */
    http_peer peer;
    const char *refusal; /* why the peer's certificate was refused, or NULL */
} http_connection;

typedef struct http_connections {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    http_connection *first;
    unsigned requests; /* in flight: request line read, answer not yet sent */
    bool settling, ending;
    unsigned request_ms, idle_ms, handshake_ms;
    pthread_t reaper;
} http_connections;

/* Starts the thread that shuts down what is overdue; times in milliseconds: a request and its answer, silence between
 * two requests, the handshake. RESULT_NO_MEMORY. */
result http_connections_start(http_connections *all, unsigned request_ms, unsigned idle_ms, unsigned handshake_ms);
/* After the last connection is closed. */
void http_connections_end(http_connections *all);

/* Adds it, with the handshake's deadline; fd stays the server's. NULL: no memory. */
http_connection *http_connection_opened(http_connections *all, int fd);
/* Takes it off the list and frees it. */
void http_connection_closed(http_connections *all, http_connection *connection);
/* The next deadline is the request's; then that of silence. */
void http_connection_request_begun(http_connections *all, http_connection *connection);
void http_connection_request_done(http_connections *all, http_connection *connection);

/* Waits until no request is in flight, at most request_ms. */
void http_connections_settle(http_connections *all);
