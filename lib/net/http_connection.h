/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The server's list of open connections: each has a deadline for its next step, and when there are too many, this file
 * chooses the one to close.
 *
 * A connection is proven after the handshake with a trusted certificate. The others are half open and get at most half of
 * all places, so that proven ones always have places. */
#pragma once

#include "net/http_address.h"
#include "net/http_handler.h"
#include "net/http_inlet.h"
#include "net/http_share.h"
#include "net/http_trust.h"

#include <microhttpd.h>
#include <pthread.h>

typedef struct http_connection {
    struct http_connection *next, **link; /* in http_connections.first; the newest is the first */
    int fd;
    http_address *address;
    int64_t since_ms;    /* clock_monotonic_ms: half open, or idle */
    int64_t deadline_ms; /* clock_monotonic_ms */
    bool proven;         /* the handshake is done, and the certificate is trusted */
    bool at_work;        /* a request is in flight */
    bool ended;          /* its socket is shut down; it is not counted any more */
    bool balanced;       /* a balancer has not sent its client's address yet */
    http_inlet inlet;    /* which reads that address */
    void *server;        /* whose connection it is; of a balanced one */
    unsigned checked;    /* peer and refusal are filled in, by this generation (http_tls.h); 0: not yet */
    bool shared;         /* counted among its institution's */
    bool crowded;        /* not shared: its institution has used up its share */
    http_peer peer;
    const char *refusal; /* why the peer's certificate was refused, or NULL */
} http_connection;

typedef struct http_connection_limits {
    unsigned request_ms, idle_ms, handshake_ms;
    unsigned max, per_address_max, per_institution; /* the last is a share: net/http_share.h */
} http_connection_limits;

typedef struct http_connections {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    http_connection *first;
    http_addresses addresses;
    http_share *institutions;
    unsigned count, half_open; /* not ended */
    unsigned requests;         /* in progress: request line read, answer not yet sent */
    bool settling, ending;
    http_connection_limits limits;
    pthread_t reaper;
} http_connections;

/* Starts the thread that shuts down overdue connections; times in milliseconds: a request and its answer, silence
 * between two requests, the handshake (a fifth of it while half of the places for half-open ones are taken).
 * RESULT_NO_MEMORY. */
result http_connections_start(http_connections *all, const http_connection_limits *limits);
/* After the last connection is closed. */
void http_connections_end(http_connections *all);

/* Adds it, with the handshake's deadline; fd stays the server's. If there are too many, closes one: of its address or
 * of all. balanced: the address is a balancer's, and does not count. NULL: no memory. */
http_connection *http_connection_opened(http_connections *all, int fd, bool balanced);
/* A balancer has sent the client's address (NULL: the connection is its own): the connection is counted there. False:
 * no memory. */
bool http_connection_told(http_connections *all, http_connection *connection,
                          const uint8_t address[HTTP_PROXY_ADDRESS]);
/* Removes it from the list and frees it. */
void http_connection_closed(http_connections *all, http_connection *connection);
/* The peer is known and trusted. False: its institution has its share of the connections already. */
bool http_connection_proved(http_connections *all, http_connection *connection);
/* Sets the deadline of the request, for a proved peer; after the answer, that of idleness. */
void http_connection_request_begun(http_connections *all, http_connection *connection);
void http_connection_request_done(http_connections *all, http_connection *connection);

/* Waits until no request is in progress, at most milliseconds. */
void http_connections_wait(http_connections *all, unsigned milliseconds);
