/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server for one person's browser on the same machine: plain HTTP on 127.0.0.1 and nowhere else. Pages of other sites
 * in that browser, and every other user of the machine, can connect to it; so it checks
 *
 *   - who connects: the kernel tells the user of the other side (/proc/net/tcp); who may not is disconnected at once;
 *   - the name: Host is exactly 127.0.0.1:PORT, else a foreign name that leads here (DNS rebinding) would be served;
 *   - the page: a request that another site's page makes is refused (Sec-Fetch-Site, Fetch Metadata Request Headers), and
 *     a POST needs this server as its Origin (RFC 6454);
 *   - the route: whole paths, compared exactly.
 *
 * Every answer forbids everything to its page but what comes from here (Content Security Policy Level 3), scripts built
 * from text (Trusted Types), and other windows' and sites' access to it. One thread per connection. */
#pragma once

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define HTTP_LOCAL_COOKIE_SIZE 256
#define HTTP_LOCAL_CONNECTIONS 48
#define HTTP_LOCAL_SILENCE_S 10 /* of a client that is in the middle of something */
#define HTTP_LOCAL_STREAM_BLOCK 8192

typedef struct http_local http_local;

typedef struct http_local_request {
    const char *method, *path;
    const char *key;    /* the query's parameter "key"; "" when absent */
    const char *cookie; /* the header; "" when absent */
    bytes body;
    uid_t uid; /* of the process at the other side */
} http_local_request;

/* Writes the next part of an answer without end, at most max bytes, after waiting for it for a second at most. 0: the
 * answer is over. */
typedef size_t http_local_source(void *stream, char *out, size_t max);
typedef void http_local_close(void *stream);

typedef struct http_local_reply {
    int status;
    const char *content_type; /* static text */
    buffer body;
    const char *location;                /* static text; NULL: no such header */
    char cookie[HTTP_LOCAL_COOKIE_SIZE]; /* value of Set-Cookie; "": none */
    http_local_source *source;           /* instead of body; NULL: body */
    http_local_close *close;             /* for stream, when the connection has ended */
    void *stream;
} http_local_reply;

/* Fills the reply, which is 404 with no body. Called by many threads at once. */
typedef void http_local_handler(void *context, const http_local_request *request, http_local_reply *reply);

typedef struct http_local_route {
    const char *method; /* GET or POST */
    const char *path;
    http_local_handler *handler;
    const void *context; /* NULL: the server's */
    size_t body_max;     /* bytes; of a POST, whose body is JSON and is wiped */
} http_local_route;

typedef struct http_local_options {
    uint16_t port;                  /* 0: any free one */
    const http_local_route *routes; /* ends with a row of method NULL; kept by pointer */
    bool (*may_connect)(void *context, uid_t uid);
    void *context;
} http_local_options;

/* As http_listen_tcp; RESULT_INTERNAL: the library does not start. */
result http_local_start(const http_local_options *options, http_local **out);
uint16_t http_local_port(const http_local *server);
/* Whether the server is to end: a source returns 0 then. */
bool http_local_is_ending(const http_local *server);
/* Ends all connections. */
void http_local_stop(http_local **server);
