/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How many connections each address has. IPv6 addresses are counted by their /64 network, all of which one host may
 * use. */
#pragma once

#include <stdint.h>
#include <sys/socket.h>

#define HTTP_ADDRESS_LISTS 1024

typedef struct http_address {
    struct http_address *next;
    uint8_t bytes[16];
    unsigned connections, half_open; /* half_open: those without a finished handshake */
} http_address;

typedef struct http_addresses {
    http_address *lists[HTTP_ADDRESS_LISTS];
} http_addresses;

/* An address as it is counted: IPv4 in the last four bytes, of IPv6 the network. All zero: another family. */
void http_address_bytes(const struct sockaddr *address, uint8_t bytes[16]);
/* The entry of the address that the socket is connected to, with one connection more; NULL: no memory. Not thread-safe:
 * the owner's lock is held. */
http_address *http_address_take(http_addresses *all, int fd);
/* The same for an address that a balancer has sent (net/http_inlet.h). */
http_address *http_address_take_told(http_addresses *all, const uint8_t bytes[16]);
/* One connection less; the last one frees it. */
void http_address_give(http_addresses *all, http_address *one);
