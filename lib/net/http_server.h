/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* HTTPS server with mutual TLS (libmicrohttpd on GnuTLS). One thread per connection: the daemon's event loop variants
 * of 0.9.75 spin during a slow handshake, and handshakes with smart cards are slow. Every client shows a certificate of
 * one CA, or the handshake ends; a certificate that is expired, revoked or of another CA gets 403 before its body
 * is read.
 *
 * Bounds, because peers are hostile until proven otherwise: total time per request (libmicrohttpd's own time-out only
 * counts silence), time until the first request, body, memory for all bodies, headers, connections in all and per
 * address, new connections per second and address. */
#pragma once

#include "base/buffer.h"
#include "crypt/revocation_policy.h"

#include <stdbool.h>
#include <stdint.h>

#define HTTP_PEER_TEXT_SIZE 65 /* X.520 upper bound of serialNumber and commonName: 64 characters */

/* Who the client is, from its certificate's subject. */
typedef struct http_peer {
    char institution_code[HTTP_PEER_TEXT_SIZE]; /* serialNumber */
    char terminal_id[HTTP_PEER_TEXT_SIZE];      /* commonName */
    char key[HTTP_PEER_TEXT_SIZE];              /* SHA-256 of its SubjectPublicKeyInfo, hexadecimal in capitals */
    const struct http_connection *connection;   /* the server's; NULL: none */
} http_peer;

/* Whether the client has closed its side of the connection, so that the answer will not be read and further work is
 * useless. For a handler, between two steps of long work. */
bool http_peer_is_gone(const http_peer *peer);

typedef struct http_request {
    const char *method;
    const char *path;
    const char *content_type; /* "" when absent */
    bytes body;
    const http_peer *peer;
} http_request;

typedef struct http_reply {
    int status;
    const char *content_type; /* static text */
    buffer body;
    buffer signature; /* text of Uketsuke-Signature; empty: no such header */
    int retry_after;  /* seconds; 0: no such header */
} http_reply;

/* Fills the reply. Called by many threads concurrently. */
typedef void http_handler(void *context, const http_request *request, http_reply *reply);

/* Called after the headers, when peer and route are known and the body is not read yet: false refuses the request with
 * the reply. */
typedef bool http_admitter(void *context, const http_request *request, http_reply *reply);

/* Fills the reply for a request that does not reach a handler: 400, 403, 404, 405, 413, 415, 417, 421, 501, 503. cause:
 * a sentence or two, static. */
typedef void http_refuser(void *context, int status, const char *cause, http_reply *reply);

typedef struct http_route {
    const char *method; /* GET serves HEAD, too */
    const char *path;   /* whole path, compared exactly */
    http_handler *handler;
    size_t body_max; /* bytes; 0: no body expected */
} http_route;

typedef struct http_server_options {
    const char *address;             /* IPv4 or IPv6 address to bind; NULL: 127.0.0.1 */
    uint16_t port;                   /* 0: any free one */
    const char *certificate, *key;   /* PEM files */
    const char *client_ca;           /* PEM file: issues the clients' certificates */
    const char *client_crl;          /* PEM file of the same CA; NULL: no revocation check */
    revocation_policy client_policy; /* for it */
    bool allow_tls_1_2;
    /* Beyond a limit the connection that waits longest is closed for a new one. At most half of the places are for
     * connections without a trusted certificate yet. */
    unsigned connections_max;                  /* 0: 256 */
    unsigned connections_per_address_max;      /* 0: 64 */
    unsigned connections_per_institution;      /* its share (net/http_share.h); 0: a quarter of connections_most */
    size_t bodies_max, bodies_per_institution; /* bytes of bodies in transfer, in all, and the share of an
                                                   institution; 0: 256 MiB, a quarter of bodies_most */
    unsigned request_ms;                       /* total, from request line to answer sent; 0: 30000 */
    unsigned idle_ms;                          /* between requests; 0: 60000 */
    unsigned handshake_ms;                     /* from connecting to the first request line; 0: 10000 */
    unsigned handshakes_per_second;            /* per address, and ten times as many at once; 0: no limit. Beyond it the
                                              connection is closed before any cryptography */
    const http_route *routes;                  /* ends with a row of method NULL; kept by pointer */
    http_refuser *refuser;
    http_admitter *admitter; /* NULL: all are admitted */
    void *context;           /* for handlers, refuser and admitter */
} http_server_options;

typedef struct http_server http_server;

/* Starts serving. RESULT_NOT_FOUND (a file, or the address is not this machine's), RESULT_INVALID (address, key,
 * certificate, CA), RESULT_BAD_SIGNATURE (the CRL is not of the CA), RESULT_UNAVAILABLE (port taken), RESULT_DENIED
 * (port not permitted, or all users may read the key), RESULT_NO_MEMORY, RESULT_INTERNAL; the cause is in the log. */
result http_server_start(const http_server_options *options, http_server **out);
/* Reads the files of the options when they have changed, or in any case (again): certificate and key for new
 * connections, CA and CRL for every request, also on open connections. The former data stays in force when new files
 * cannot be used, and the log says so. By one thread. The options' texts must still exist. */
void http_server_look(http_server *server, bool again);

/* Where it listens. */
uint16_t http_server_port(const http_server *server);

/* Accepts no more connections, finishes requests in progress (at most HTTP_SERVER_SETTLE_MS), then ends. */
#define HTTP_SERVER_SETTLE_MS 3500
void http_server_stop(http_server **server);
