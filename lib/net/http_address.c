/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_address.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define NETWORK_LENGTH 8 /* bytes of an IPv6 address that name its network (RFC 4291 2.5.1) */

void http_address_bytes(const struct sockaddr *address, uint8_t bytes[16]) {
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    memset(bytes, 0, 16);
    if (address->sa_family == AF_INET6) {
        memcpy(&v6, address, sizeof v6);
        memcpy(bytes, &v6.sin6_addr, NETWORK_LENGTH);
    } else if (address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        memcpy(bytes + 12, &v4.sin_addr, 4);
    }
}

static void read_address(int fd, uint8_t bytes[16]) {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } peer = {.any.sa_family = AF_UNSPEC};
    socklen_t length = sizeof peer;
    if (getpeername(fd, &peer.any, &length) != 0)
        peer.any.sa_family = AF_UNSPEC;
    http_address_bytes(&peer.any, bytes);
}

static http_address **find(http_addresses *all, const uint8_t bytes[16]) {
    uint32_t hash = 0x811C9DC5U; /* FNV-1a */
    for (size_t i = 0; i < 16; i++)
        hash = (hash ^ bytes[i]) * 0x01000193U;
    http_address **link = &all->lists[(hash ^ hash >> 16) % HTTP_ADDRESS_LISTS];
    while (*link && memcmp((*link)->bytes, bytes, 16) != 0)
        link = &(*link)->next;
    return link;
}

http_address *http_address_take(http_addresses *all, int fd) {
    uint8_t bytes[16];
    read_address(fd, bytes);
    return http_address_take_told(all, bytes);
}

http_address *http_address_take_told(http_addresses *all, const uint8_t bytes[16]) {
    http_address **link = find(all, bytes);
    if (!*link && (*link = calloc(1, sizeof **link)) != NULL)
        memcpy((*link)->bytes, bytes, 16);
    if (*link)
        (*link)->connections++;
    return *link;
}

void http_address_give(http_addresses *all, http_address *one) {
    if (--one->connections > 0)
        return;
    *find(all, one->bytes) = one->next;
    free(one);
}
