/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Listening sockets. Not made by libmicrohttpd, because it does not report why it cannot listen. */
#pragma once

#include "base/result.h"

#include <stdint.h>

/* A TCP socket that listens, and the port that it got. address: IPv4 or IPv6; port 0: any free one. RESULT_INVALID (no
 * address), RESULT_UNAVAILABLE (in use, or not an address of this machine, which may still come), RESULT_DENIED (not
 * allowed to this user), RESULT_IO; the log names cause and next step. */
result http_listen_tcp(const char *address, uint16_t port, int *out, uint16_t *bound);

/* A socket in the file system, mode 0600; replaces a stale one. RESULT_TOO_LONG (path), RESULT_UNAVAILABLE (another
 * file exists), RESULT_NOT_FOUND (its folder), RESULT_DENIED, RESULT_IO; the log says so. */
result http_listen_unix(const char *path, int *out);

/* Closes a socket after libmicrohttpd failed to start with it, whether or not libmicrohttpd has closed it. */
void http_listen_undo(int fd, uint64_t identity);
/* Identifies this socket, as its number may be reused. */
uint64_t http_listen_identity(int fd);
