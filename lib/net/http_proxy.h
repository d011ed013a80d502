/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The client's address, which a balancer sends before the first byte of TLS: the PROXY protocol, version 2 (HAProxy
 * Technologies, "The PROXY protocol", 2.2). Only the configured balancers may send it, and they must. */
#pragma once

#include "base/buffer.h"

#include <stdbool.h>
#include <sys/socket.h>

#define HTTP_PROXY_ADDRESS 16
#define HTTP_PROXY_BALANCERS_MAX 16
#define HTTP_PROXY_HEAD 16 /* bytes of the fixed part */
#define HTTP_PROXY_MAX 552 /* of a whole header: the fixed part, addresses of any family, some extensions */

/* Addresses as net/http_address.h counts them. */
typedef struct http_proxy_balancers {
    uint8_t list[HTTP_PROXY_BALANCERS_MAX][HTTP_PROXY_ADDRESS];
    size_t count;
} http_proxy_balancers;

/* IP addresses with blanks between them; text NULL: none. RESULT_INVALID: one is no IP address, or there are too many. */
result http_proxy_balancers_read(const char *text, http_proxy_balancers *out);
/* Whether a connection from there begins with a header. */
bool http_proxy_expects(const http_proxy_balancers *b, const struct sockaddr *peer);

/* How many bytes the header has in all, by its fixed part. RESULT_INVALID: it is none of version 2, or too long. */
result http_proxy_length(const uint8_t head[HTTP_PROXY_HEAD], size_t *length);
/* The client's address of a whole header; *told false: the balancer speaks for itself (LOCAL), or tells no IP address.
 * RESULT_INVALID: it is damaged. */
result http_proxy_read(bytes header, bool *told, uint8_t address[HTTP_PROXY_ADDRESS]);
