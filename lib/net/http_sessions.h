/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* TLS sessions that a client's next connection resumes (RFC 8446 2.2): neither side makes a signature then, nor verifies
 * a chain in the handshake. What was proven in the first handshake is still checked: http_client.h compares the server's
 * certificate, which the session keeps, with the present lists, and the server does the same with ours.
 *
 * They are in memory only. With a session one can connect without the key, so forget them when its token is removed. */
#pragma once

#include <stdbool.h>

typedef struct http_sessions http_sessions;

/* For the next client: *sessions if they are good, else new ones. NULL: no memory, or a libcurl that takes none (before 8.14, Debian 13): nothing will be resumed. */
http_sessions *http_sessions_current(http_sessions **sessions);
/* Releases the owner's reference. They are freed with the last client that uses them. */
void http_sessions_forget(http_sessions **sessions);

/* For clients: the transfer (a CURL *) takes part until it leaves or ends. */
http_sessions *http_sessions_hold(http_sessions *sessions);
bool http_sessions_join(http_sessions *sessions, void *transfer);
bool http_sessions_leave(void *transfer);
/* The peer refused a resumed session: no client uses them any more. NULL is allowed. */
void http_sessions_spoil(http_sessions *sessions);
