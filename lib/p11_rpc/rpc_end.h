/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One end of a connection that carries frames: a socket, or a TLS session over one. Everything that is waited for has a
 * deadline; a write to a peer that is gone is an error and no signal. */
#pragma once

#include "p11_rpc/rpc_frame.h"

#include <gnutls/gnutls.h>

#define RPC_NO_TIMEOUT (-1)

typedef struct rpc_end {
    int fd;
    gnutls_session_t session; /* NULL: plain */
} rpc_end;

/* Exactly length bytes, all of them within timeout_ms. RESULT_REMOVED: the peer has hung up. RESULT_TIMEOUT, RESULT_IO. */
result rpc_read(const rpc_end *from, uint8_t *out, size_t length, int timeout_ms);
/* The same outwards. */
result rpc_write(const rpc_end *to, bytes data, int timeout_ms);

/* One whole frame, its header included, appended. first_ms: how long its first byte may take; rest_ms: everything after
 * that. The lengths are checked before anything is allocated. RESULT_TOO_LONG, and the codes of rpc_read. */
result rpc_receive(const rpc_end *from, size_t max, int first_ms, int rest_ms, buffer *frame);

/* Whether the peer has sent something, or has hung up. */
bool rpc_is_readable(const rpc_end *from);

/* Ends the session, if there is one, and closes the socket; *end is empty afterwards. */
void rpc_close(rpc_end *end);
