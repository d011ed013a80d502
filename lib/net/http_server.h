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

#include "net/http_options.h"

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

/* Accepts no more connections, finishes requests in progress (at most HTTP_SERVER_FINISH_MS), then ends. */
#define HTTP_SERVER_FINISH_MS 3500
void http_server_stop(http_server **server);
