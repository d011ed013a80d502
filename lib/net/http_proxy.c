/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_proxy.h"

#include "net/http_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

enum { VERSION_COMMAND = 12, FAMILY = 13, LENGTH = 14 }; /* offsets in the fixed part */
enum { LOCAL = 0x20, PROXY = 0x21 };
enum { TCP4 = 0x11, TCP6 = 0x21 };

static const uint8_t signature[] = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};

static bool read_one(const char *text, uint8_t out[HTTP_PROXY_ADDRESS]) {
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    const bool is_v4 = inet_pton(AF_INET, text, &v4.sin_addr) == 1;
    if (!is_v4 && inet_pton(AF_INET6, text, &v6.sin6_addr) != 1)
        return false;
    http_address_bytes(is_v4 ? (const struct sockaddr *)&v4 : (const struct sockaddr *)&v6, out);
    return true;
}

result http_proxy_balancers_read(const char *text, http_proxy_balancers *out) {
    char one[INET6_ADDRSTRLEN];
    memset(out, 0, sizeof *out);
    for (const char *at = text ? text : ""; *(at += strspn(at, " \t,")); at += strcspn(at, " \t,")) {
        const size_t length = strcspn(at, " \t,");
        if (length >= sizeof one || out->count == HTTP_PROXY_BALANCERS_MAX)
            return RESULT_INVALID;
        memcpy(one, at, length);
        one[length] = '\0';
        if (!read_one(one, out->list[out->count++]))
            return RESULT_INVALID;
    }
    return RESULT_OK;
}

bool http_proxy_expects(const http_proxy_balancers *b, const struct sockaddr *peer) {
    uint8_t address[HTTP_PROXY_ADDRESS];
    http_address_bytes(peer, address);
    for (size_t i = 0; i < b->count; i++)
        if (memcmp(b->list[i], address, sizeof address) == 0)
            return true;
    return false;
}

result http_proxy_length(const uint8_t head[HTTP_PROXY_HEAD], size_t *length) {
    *length = HTTP_PROXY_HEAD + ((size_t)head[LENGTH] << 8 | head[LENGTH + 1]);
    const bool known = head[VERSION_COMMAND] == LOCAL || head[VERSION_COMMAND] == PROXY;
    return memcmp(head, signature, sizeof signature) == 0 && known && *length <= HTTP_PROXY_MAX ? RESULT_OK
                                                                                                : RESULT_INVALID;
}

/* After the fixed part: source address, destination address, both ports. */
result http_proxy_read(bytes header, bool *told, uint8_t address[HTTP_PROXY_ADDRESS]) {
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    size_t length = 0;
    *told = false;
    if (header.length < HTTP_PROXY_HEAD || http_proxy_length(header.data, &length) != RESULT_OK ||
        header.length != length)
        return RESULT_INVALID;
    if (header.data[VERSION_COMMAND] == LOCAL)
        return RESULT_OK;
    const uint8_t family = header.data[FAMILY];
    const size_t needed = family == TCP4 ? 12 : family == TCP6 ? 36 : 0;
    if (length - HTTP_PROXY_HEAD < needed)
        return RESULT_INVALID;
    memcpy(&v4.sin_addr, header.data + HTTP_PROXY_HEAD, family == TCP4 ? 4 : 0);
    memcpy(&v6.sin6_addr, header.data + HTTP_PROXY_HEAD, family == TCP6 ? 16 : 0);
    if (needed > 0)
        http_address_bytes(family == TCP4 ? (const struct sockaddr *)&v4 : (const struct sockaddr *)&v6, address);
    *told = needed > 0;
    return RESULT_OK;
}
