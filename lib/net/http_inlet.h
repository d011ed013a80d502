/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Takes a balancer's header off a connection's bytes, before TLS (net/http_proxy.h). */
#pragma once

#include "net/http_proxy.h"

#include <gnutls/gnutls.h>

typedef struct http_inlet {
    int fd;
    size_t have, due; /* of the header */
    uint8_t header[HTTP_PROXY_MAX];
    /* Called once, with the client's address, or NULL when the balancer sent none. False: the connection ends. */
    bool (*told)(void *context, const uint8_t address[HTTP_PROXY_ADDRESS]);
    void *context;
} http_inlet;

/* Before the handshake. inlet must stay until the connection is closed. */
void http_inlet_begin(http_inlet *inlet, int fd, gnutls_session_t session);
