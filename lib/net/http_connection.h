/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The server's list of open connections: each has a point in time by which its next step must be done, and when there are
 * too many, the one that is ended for a newcomer is chosen here.
 *
 * Who has finished the handshake with a certificate that we trust has proved himself. The others, half open, get at most
 * half of all places, so that those who have proved themselves always find theirs. */
#pragma once

#include "net/http_address.h"
#include "net/http_handler.h"
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
    bool ended;          /* its socket is shut down; it is counted nowhere any more */
    unsigned checked;    /* peer and refusal are filled in, by this generation (http_tls.h); 0: not yet */
    bool shared;         /* counted among its institution's */
    bool crowded;        /* no: its institution has more than its share already */
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
    unsigned requests;         /* in flight: request line read, answer not yet sent */
    bool settling, ending;
    http_connection_limits limits;
    pthread_t reaper;
} http_connections;

/* Starts the thread that shuts down what is overdue; times in milliseconds: a request and its answer, silence between
 * two requests, the handshake (a fifth of it while half of the places for half-open ones are taken).
 * RESULT_NO_MEMORY. */
result http_connections_start(http_connections *all, const http_connection_limits *limits);
/* After the last connection is closed. */
void http_connections_end(http_connections *all);

/* Adds it, with the handshake's deadline; fd stays the server's. Where there are too many, one is ended: of its address
 * or of all. NULL: no memory. */
http_connection *http_connection_opened(http_connections *all, int fd);
/* Takes it off the list and frees it. */
void http_connection_closed(http_connections *all, http_connection *connection);
/* The peer is known and trusted. False: its institution has more than its share of the connections already. */
bool http_connection_proved(http_connections *all, http_connection *connection);
/* The next deadline is the request's, if the peer has proved itself; then that of silence. */
void http_connection_request_begun(http_connections *all, http_connection *connection);
void http_connection_request_done(http_connections *all, http_connection *connection);

/* Waits until no request is in flight, at most milliseconds. */
void http_connections_settle(http_connections *all, unsigned milliseconds);
