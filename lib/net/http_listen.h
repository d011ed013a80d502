/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sockets to listen at. Made by ourselves and not by libmicrohttpd: it does not say why it could not listen. */
#pragma once

#include "base/result.h"

#include <stdint.h>

/* A TCP socket that listens, and the port that it got. address: IPv4 or IPv6; port 0: any free one. RESULT_INVALID (no
 * address), RESULT_UNAVAILABLE (taken by somebody else), RESULT_NOT_FOUND (not an address of this machine),
 * RESULT_DENIED (not allowed to this user), RESULT_IO; the log names cause and next step. */
result http_listen_tcp(const char *address, uint16_t port, int *out, uint16_t *bound);

/* A socket in the file system, mode 0600; replaces one that was left over. RESULT_TOO_LONG (path), RESULT_UNAVAILABLE
 * (something else is there), RESULT_NOT_FOUND (its folder), RESULT_DENIED, RESULT_IO; the log says so. */
result http_listen_unix(const char *path, int *out);

/* Closes a socket of ours that libmicrohttpd was to listen at when it failed to start: it may have done so, or not. */
void http_listen_undo(int fd, uint64_t identity);
/* What tells this socket from any other that has its number later. */
uint64_t http_listen_identity(int fd);
