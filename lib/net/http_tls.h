/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* TLS files of a server that can be read again while it runs: its own certificate and key, the CAs of its clients and
 * their revocation lists. libmicrohttpd reads files only at its start; so each connection gets the current credentials
 * just before its handshake, and each request is checked against the current lists. */
#pragma once

#include "net/http_options.h"
#include "net/http_trust.h"

#define HTTP_TLS_TICKET_KEY 64 /* bytes of the file that options.ticket_key names */

typedef struct http_tls http_tls;

/* As http_server_start; keeps the texts of the options by pointer. */
result http_tls_new(const http_server_options *options, http_tls **out);
/* After the last connection. */
void http_tls_free(http_tls **tls);

/* PEM text of the start; until http_tls_free. */
const char *http_tls_certificate(http_tls *tls);
const char *http_tls_key(http_tls *tls);
const char *http_tls_client_ca(http_tls *tls);

/* Before the handshake: the current certificate and key; a client certificate is required, and a key outside
 * crypt/key_rule.h ends the handshake before its signature is verified. */
void http_tls_prepare(http_tls *tls, gnutls_session_t session);

/* The current trust for clients; the caller frees it. *generation, never 0, changes with it. */
http_trust *http_tls_trust(http_tls *tls, unsigned *generation);
unsigned http_tls_generation(const http_tls *tls);

/* As http_server_look. */
void http_tls_look(http_tls *tls, bool again);

/* Whether the first certificate of a Certificate message (RFC 8446 4.4.2; RFC 5246 7.4.2, of_1_3 false) has an accepted
 * key; true also for other messages, which GnuTLS refuses. */
bool http_tls_message_fits(bytes message, bool of_1_3);
