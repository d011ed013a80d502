/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a server is to be started (net/http_server.h). */
#pragma once

#include "crypt/revocation_policy.h"
#include "net/http_handler.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct http_server_options {
    const char *address;             /* IPv4 or IPv6 address to bind; NULL: 127.0.0.1 */
    uint16_t port;                   /* 0: any free one */
    const char *certificate, *key;   /* PEM files */
    const char *client_ca;           /* PEM file: issues the clients' certificates */
    const char *client_crl;          /* PEM file of the same CA; NULL: no revocation check */
    revocation_policy client_policy; /* for it */
    bool allow_tls_1_2;
    /* Beyond a limit the connection that waits longest is ended for the new_connection. Half of the places at most are for those
     * that have not shown a trusted certificate yet. */
    unsigned connections_max;                  /* 0: 256 */
    unsigned connections_per_address_max;      /* 0: 64 */
    unsigned connections_per_institution;      /* its share (net/http_share.h); 0: a quarter of connections_max */
    size_t bodies_max, bodies_per_institution; /* bytes of bodies on their way, all together, and the share of an
                                                   institution; 0: 256 MiB, a quarter of bodies_max */
    unsigned request_ms;                       /* total, from request line to answer sent; 0: 30000 */
    unsigned idle_ms;                          /* between requests; 0: 60000 */
    unsigned handshake_ms;                     /* from connecting to the first request line; 0: 10000 */
    unsigned handshakes_per_second;            /* per address, and ten times as many at once; 0: no limit. Beyond it the
                                              connection is closed before any cryptography */
    const char *balancers;    /* IP addresses, with blanks between them, that tell their clients' addresses
                              (net/http_proxy.h); NULL: none */
    const char *ticket_key;   /* file of HTTP_TLS_TICKET_KEY bytes that all instances share; NULL: a key of its own */
    const http_route *routes; /* ends with a row of method NULL; kept by pointer */
    http_refuser *refuser;
    http_admitter *admitter; /* NULL: all are admitted */
    http_runner *runner;     /* NULL: handlers are called with the context */
    void *context;           /* for handlers, refuser, admitter and runner */
} http_server_options;
