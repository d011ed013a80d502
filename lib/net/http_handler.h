/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The interface between a server and its routes: the client, its request, and the answer. */
#pragma once

#include "base/buffer.h"

#include <stdbool.h>

#define HTTP_PEER_TEXT_SIZE 65 /* X.520 upper bound of serialNumber and commonName: 64 characters */

/* Who the client is, from its certificate's subject. */
typedef struct http_peer {
    char institution_code[HTTP_PEER_TEXT_SIZE]; /* serialNumber */
    char terminal_id[HTTP_PEER_TEXT_SIZE];      /* commonName */
    char key[HTTP_PEER_TEXT_SIZE];              /* SHA-256 of its SubjectPublicKeyInfo, hexadecimal in capitals */
    const struct http_connection *connection;   /* the server's; NULL: none */
} http_peer;

/* Whether the client has closed its side of the connection: the answer will not be read, so work that has not begun can
 * be left out. For a handler, between two steps of long work. */
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

/* Fills the reply. Called by many threads at once. */
typedef void http_handler(void *context, const http_request *request, http_reply *reply);

/* Fills the reply for a request that never reaches a handler: 400, 403, 404, 405, 413, 415, 417, 421, 501, 503. cause:
 * a sentence or two, static. */
typedef void http_refuser(void *context, int status, const char *cause, http_reply *reply);

typedef struct http_route {
    const char *method; /* GET serves HEAD, too */
    const char *path;   /* whole path, compared exactly */
    http_handler *handler;
    int class;       /* for admitter and runner; the server itself does not look at it */
    size_t body_max; /* bytes; 0: no body expected */
} http_route;

/* At a request's headers, when peer and route are known and the body is not read yet: false refuses it with
 * the reply. */
typedef bool http_admitter(void *context, const http_route *route, const http_request *request, http_reply *reply);
/* Calls the route's handler, or fills the reply itself. */
typedef void http_runner(void *context, const http_route *route, const http_request *request, http_reply *reply);
