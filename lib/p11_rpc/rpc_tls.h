/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* TLS 1.3 for frames, with certificates on both sides (net/http_profile.h is the profile). The peer is known before a
 * byte of a frame is read. */
#pragma once

#include "net/http_peer.h"
#include "net/http_tls.h"
#include "p11_rpc/rpc_end.h"

#define RPC_HANDSHAKE_MS 10000

/* A relay's part. fd: accepted; it is *out's, which the caller closes, also after a failure. peer: who the client is, by a
 * certificate that trust accepts. RESULT_DENIED: it accepts none; the log at debug says why. RESULT_TIMEOUT, RESULT_IO. */
result rpc_tls_accept(http_tls *tls, const http_trust *trust, int fd, http_peer *peer, rpc_end *out);

/* The same question about a client that was accepted before, when trust has changed since; cause: why not. RESULT_DENIED. By
 * the thread that uses the connection. */
result rpc_tls_check_again(const http_trust *trust, const rpc_end *end, const char **cause);

typedef struct rpc_tls_client {
    gnutls_certificate_credentials_t credentials;
    http_trust *trust; /* of the server's certificate */
} rpc_tls_client;

/* certificate, key: PEM files or PKCS #11 URIs. anchor, crl: of the server's CA. RESULT_NOT_FOUND, RESULT_INVALID,
 * RESULT_NO_MEMORY; the log names the file. */
result rpc_tls_client_new(const char *certificate, const char *key, const char *anchor, const char *crl,
                          const revocation_policy *policy, rpc_tls_client *out);
void rpc_tls_client_free(rpc_tls_client *client);

/* host: a DNS name or an address without brackets; port: digits. The whole takes timeout_ms at most. RESULT_UNAVAILABLE
 * (no answer), RESULT_BAD_SIGNATURE (not a server that we trust), RESULT_TIMEOUT, RESULT_IO. */
result rpc_tls_connect(const rpc_tls_client *client, const char *host, const char *port, int timeout_ms, rpc_end *out);
