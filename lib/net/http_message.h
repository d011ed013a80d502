/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requirements of RFC 9110 and RFC 9112 for every request, independent of its route. */
#pragma once

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

/* A fault of a request. status 0: none. All texts are static. */
typedef struct http_fault {
    int status;
    const char *cause;               /* one sentence or two: what is wrong, what to do */
    const char *header_name, *value; /* of a header that goes with it, or NULL */
    bool ends;                       /* the beginning of the next request is unknown: the connection ends */
} http_fault;

static inline http_fault http_fault_of(int status, const char *cause) {
    return (http_fault){.status = status, .cause = cause};
}

/* Of the request's headers: host, framing, expectation, content coding. version: as libmicrohttpd gives it. */
http_fault http_message_check(struct MHD_Connection *connection, const char *version);

/* The path in a request target (RFC 9112 3.2) whose query is cut off: of origin-form and absolute-form; "*" of
 * asterisk-form. It points into target, or is "/". scheme: that of this connection, "https" or "http". */
http_fault http_message_path(const char *target, const char *scheme, const char **path);

/* Whether RFC 9110 9.1 or RFC 5789 define the method. */
bool http_message_knows_method(const char *method);

/* The length that Content-Length announces, 0 without; and whether the body's length is not announced. */
unsigned long long http_message_length(struct MHD_Connection *connection);
bool http_message_is_chunked(struct MHD_Connection *connection);
