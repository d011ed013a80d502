/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* HTTPS to a server on localhost by OpenSSL, for measurements: TLS 1.3, one request after the other on a connection. */
#pragma once

#include <openssl/ssl.h>

#include <stddef.h>
#include <stdint.h>

/* Trusts pki/anchors/tls-ca.pem, and shows tls-client.pem of this folder; NULL: no certificate. NULL: OpenSSL tells why
 * (ERR_print_errors_fp). */
SSL_CTX *https_context(const char *pki, const char *key);
/* A connection, which resumes this session (NULL: none). NULL: it was refused, or not resumed. */
SSL *https_connect(SSL_CTX *context, uint16_t port, SSL_SESSION *session);
void https_close(SSL *ssl);
/* Sends the request and reads its whole answer, headers and Content-Length. The status; 0: there was none. */
int https_ask(SSL *ssl, const char *request, size_t length);
