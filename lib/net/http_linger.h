/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Closes a connection whose peer is still sending a refused request. */
#pragma once

#include <gnutls/gnutls.h>

/* After an answer before the end of the request: shuts the sending side down, then drops what arrives until the peer
 * closes, for five seconds and one MiB at most. A socket that is closed with unread bytes sends a reset (RFC 9293
 * 3.6.1), and a peer that is still writing would lose the answer (RFC 9112 9.6). */
void http_linger(int fd, gnutls_session_t session);
