/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The TLS side of a server that can be read anew while it serves: its own certificate and key, the CAs of its
 * clients and their revocation lists. libmicrohttpd reads files once, at its start; so each connection gets the
 * present credentials just before its handshake, and each request is checked by the present lists. */
#pragma once

#include "net/http_options.h"
#include "net/http_trust.h"

typedef struct http_tls http_tls;

/* As http_server_start; keeps the texts of the options by pointer. */
result http_tls_new(const http_server_options *options, http_tls **out);
/* After the last connection. */
void http_tls_free(http_tls **tls);

/* PEM text as it was at the start; until http_tls_free. */
const char *http_tls_certificate(http_tls *tls);
const char *http_tls_key(http_tls *tls);
const char *http_tls_client_ca(http_tls *tls);

/* Before the handshake: the present certificate and key; a client certificate is demanded, and a key that is too much
 * work (crypt/key_rule.h) ends the handshake before its signature is verified. */
void http_tls_prepare(http_tls *tls, gnutls_session_t session);

/* What clients are checked by now; the caller frees it. *generation, never 0, is another one after each change. */
http_trust *http_tls_trust(http_tls *tls, unsigned *generation);
unsigned http_tls_generation(const http_tls *tls);

/* As http_server_look. */
void http_tls_look(http_tls *tls, bool again);

/* Whether the first certificate of a Certificate message (RFC 8446 4.4.2; RFC 5246 7.4.2, of_1_3 false) has a key
 * that is worked with; true also for what is no such message, which GnuTLS refuses. */
bool http_tls_message_fits(bytes message, bool of_1_3);
