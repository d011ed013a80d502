/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The end of a connection whose peer is still sending what nobody wants to read. */
#pragma once

#include <gnutls/gnutls.h>

/* After an answer that came before the request was read: says that nothing more will come, then throws away what still
 * arrives until the peer closes, for five seconds and one MiB at most. A socket that is closed with unread bytes sends
 * a reset (RFC 9293 3.6.1), which takes the answer from a peer that is still writing (RFC 9112 9.6). */
void http_linger(int fd, gnutls_session_t session);
