/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_linger.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>

#define LINGER_MS 5000
#define LINGER_BYTES (1024 * 1024)

/* Number of dropped bytes; 0: none will come. */
static size_t discard(int fd, int64_t milliseconds) {
    char sink[16384];
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    if (poll(&waiting, 1, (int)milliseconds) <= 0)
        return 0;
    const ssize_t count = recv(fd, sink, sizeof sink, MSG_DONTWAIT);
    return count > 0 ? (size_t)count : 0;
}

void http_linger(int fd, gnutls_session_t session) {
    const int64_t until = clock_monotonic_ms() + LINGER_MS;
    int64_t left = LINGER_MS;
    size_t total = 0, count = 1;
    gnutls_bye(session, GNUTLS_SHUT_WR); /* does not wait for space in the socket */
    shutdown(fd, SHUT_WR);
    while (count > 0 && total < LINGER_BYTES && left > 0) {
        count = discard(fd, left);
        total += count;
        left = until - clock_monotonic_ms();
    }
}
