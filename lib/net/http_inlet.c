/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_inlet.h"

#include <errno.h>
#include <poll.h>

/* One step: 1 the header is whole, 0 the connection ends, -1 with errno. */
static ssize_t take_header(http_inlet *in) {
    bool told = false;
    uint8_t address[HTTP_PROXY_ADDRESS];
    while (in->have < in->due) {
        const ssize_t count = recv(in->fd, in->header + in->have, in->due - in->have, 0);
        if (count <= 0)
            return count;
        in->have += (size_t)count;
        if (in->have == HTTP_PROXY_HEAD && http_proxy_length(in->header, &in->due) != RESULT_OK)
            return 0;
    }
    if (http_proxy_read(bytes_of(in->header, in->have), &told, address) != RESULT_OK ||
        !in->told(in->context, told ? address : NULL))
        return 0;
    in->due = 0;
    return 1;
}

/* In the place of recv(2) for GnuTLS. */
static ssize_t pull(gnutls_transport_ptr_t context, void *data, size_t size) {
    http_inlet *in = context;
    const ssize_t ready = in->due > 0 ? take_header(in) : 1;
    return ready == 1 ? recv(in->fd, data, size, 0) : ready;
}

static int pull_within(gnutls_transport_ptr_t context, unsigned milliseconds) {
    const http_inlet *in = context;
    struct pollfd one = {.fd = in->fd, .events = POLLIN};
    return poll(&one, 1, milliseconds == GNUTLS_INDEFINITE_TIMEOUT ? -1 : (int)milliseconds);
}

void http_inlet_begin(http_inlet *inlet, int fd, gnutls_session_t session) {
    inlet->fd = fd;
    inlet->have = 0;
    inlet->due = HTTP_PROXY_HEAD;
    gnutls_transport_set_ptr2(session, inlet, (gnutls_transport_ptr_t)(intptr_t)fd);
    gnutls_transport_set_pull_function(session, pull);
    gnutls_transport_set_pull_timeout_function(session, pull_within);
}
