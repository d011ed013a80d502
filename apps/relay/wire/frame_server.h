/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The port at which terminals reach the SE. A connection first authenticates by TLS, with a certificate whose key is in
 * the relay's list of terminals. Only then p11-kit's parser gets its bytes, in frames of bounded length. Two threads
 * per connection. */
#pragma once

#include "net/http_options.h"
#include "se/relay_client.h"

typedef struct frame_server frame_server;

typedef struct frame_server_options {
    http_server_options tls; /* address, port, certificate, key, client_ca, client_crl, client_policy, connections_max,
                                connections_per_address_max (here: per terminal); the texts are kept by pointer */
    relay_desk *desk;        /* borrowed */
    unsigned idle_ms;        /* an idle connection is closed after this time */
} frame_server_options;

/* Codes of http_listen_tcp and http_tls_new; the log says why. */
result frame_server_start(const frame_server_options *options, frame_server **out);
/* Ends all connections. */
void frame_server_stop(frame_server **server);
uint16_t frame_server_port(const frame_server *server);

/* Reads TLS files that have changed; ends connections of terminals that are not in the list any more. By one thread, a
 * few times a second. */
void frame_server_look(frame_server *server);

typedef struct frame_server_counts {
    uint64_t accepted, refused; /* connections */
    uint64_t frames;            /* that were handed to p11-kit's parser */
    unsigned open;              /* connections of terminals now */
} frame_server_counts;
/* Since the start. */
void frame_server_tell(frame_server *server, frame_server_counts *out);

/* How many connections this terminal has. */
unsigned frame_server_connections(frame_server *server, const char *terminal);
