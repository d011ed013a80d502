/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The user at the other end of a TCP connection over loopback. */
#pragma once

#include "base/result.h"

#include <netinet/in.h>
#include <sys/types.h>

/* client: the other side's address, server: ours. By the kernel's table of sockets (proc(5), /proc/net/tcp), where the
 * client's own socket is a row with its user. RESULT_NOT_FOUND: not there, or no longer connected, or not of this
 * network namespace; then do not trust it. RESULT_IO. */
result http_loopback_user(const struct sockaddr_in *client, const struct sockaddr_in *server, uid_t *uid);

/* For tests: the same by a table with this name. */
result http_loopback_user_in(const char *table, const struct sockaddr_in *client, const struct sockaddr_in *server,
                             uid_t *uid);
