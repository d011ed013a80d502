/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pages for people and programs on the server itself: plain HTTP, on a unix socket or a loopback address and nowhere
 * else. GET only, each path with at most one query parameter; besides, the style sheet of http_document.h. */
#pragma once

#include "base/buffer.h"

#include <stdint.h>

typedef struct http_page http_page;

/* Appends the page. parameter: the value of the query parameter, "" when absent; hostile. */
typedef result http_page_writer(void *context, const char *parameter, buffer *page);

typedef struct http_page_path {
    const char *path;           /* NULL: the table's end */
    const char *type;           /* Content-Type */
    const char *parameter_name; /* of the query; NULL: none */
    http_page_writer *writer;
} http_page_path;

#define HTTP_PAGE_HTML "text/html; charset=utf-8"

/* where: "unix:PATH" (made with mode 0600, replaces a socket that was left over) or "127.0.0.1:PORT", "[::1]:PORT".
 * paths is kept by pointer. RESULT_INVALID for any other address, else as http_listen.h; the log says why. */
result http_page_start(const char *where, const http_page_path *paths, void *context, http_page **out);
void http_page_stop(http_page **page);
