/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_page.h"

#include "base/log.h"
#include "net/http_document.h"
#include "net/http_listen.h"
#include "net/http_message.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE_MAX (4 * 1024 * 1024)
#define CONNECTIONS_MAX 8
#define SILENCE_S 10
#define QUEUE 8
#define POLICY "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

struct http_page {
    struct MHD_Daemon *daemon;
    const http_page_path *paths;
    void *context;
    char *socket_path; /* NULL: loopback */
};

static enum MHD_Result send_page(struct MHD_Connection *connection, unsigned status, const char *type,
                                 const buffer *html) {
    struct MHD_Response *response = MHD_create_response_from_buffer(html->length, html->data, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    MHD_add_response_header(response, "Content-Security-Policy", POLICY);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static result write_style(void *context, const char *parameter, buffer *css) {
    (void)context, (void)parameter;
    return buffer_append_text(css, http_document_style);
}

/* The page's own, then what all have. */
static const http_page_path *find_path(const http_page *page, const char *path) {
    static const http_page_path style = {HTTP_DOCUMENT_STYLE_PATH, HTTP_DOCUMENT_STYLE_TYPE, NULL, write_style};
    const http_page_path *row = page->paths;
    while (row->path && strcmp(row->path, path) != 0)
        row++;
    return row->path ? row : strcmp(path, style.path) == 0 ? &style : NULL;
}

/* The page, or the status that is sent instead. */
static unsigned write_page(const http_page *page, struct MHD_Connection *connection, const http_page_path *row,
                           buffer *html) {
    const char *parameter = row->parameter_name
                                ? MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, row->parameter_name)
                                : NULL;
    return row->writer(page->context, parameter ? parameter : "", html) == RESULT_OK ? MHD_HTTP_OK
                                                                                     : MHD_HTTP_SERVICE_UNAVAILABLE;
}

/* To people who typed the address, or to a program's log. */
static void write_refusal(unsigned status, buffer *html) {
    static const struct {
        unsigned status;
        const char *words;
    } rows[] = {
        {MHD_HTTP_NOT_FOUND, "There is no such page here"},
        {MHD_HTTP_METHOD_NOT_ALLOWED, "Pages here can only be read, with GET or HEAD"},
        {MHD_HTTP_SERVICE_UNAVAILABLE, "The page cannot be made now; try again later"},
    };
    const char *words = "This request is not understood";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].status == status)
            words = rows[i].words;
    buffer_clear(html);
    buffer_append_format(html, "<!DOCTYPE html><title>%u</title><p>%s (%u).", status, words, status);
}

static enum MHD_Result step(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                            const char *version, const char *upload, size_t *upload_size, void **state) {
    const http_page *page = context;
    buffer html = BUFFER_INIT(PAGE_MAX);
    unsigned status;
    const char *path;
    (void)version;
    (void)upload;
    (void)upload_size;
    (void)state;
    const http_fault against = http_message_path(url, "http", &path);
    const http_page_path *row = against.status == 0 ? find_path(page, path) : NULL;
    if (against.status != 0)
        status = (unsigned)against.status;
    else if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        status = MHD_HTTP_METHOD_NOT_ALLOWED;
    else
        status = row ? write_page(page, connection, row, &html) : MHD_HTTP_NOT_FOUND;
    if (status != MHD_HTTP_OK)
        write_refusal(status, &html);
    const char *type = row && status == MHD_HTTP_OK ? row->type : HTTP_PAGE_HTML;
    enum MHD_Result queued = send_page(connection, status, type, &html);
    buffer_wipe(&html);
    return queued;
}

/* --- where -------------------------------------------------------------------------------------------------------- */

static result listen_at(const char *where, int *fd) {
    const bool is_v4 = strncmp(where, "127.0.0.1:", 10) == 0, is_v6 = strncmp(where, "[::1]:", 6) == 0;
    const unsigned long port = is_v4 || is_v6 ? strtoul(where + (is_v4 ? 10 : 6), NULL, 10) : 0;
    uint16_t bound;
    if (strncmp(where, "unix:", 5) == 0)
        return http_listen_unix(where + 5, fd);
    if (port > 0 && port <= 65535)
        return http_listen_tcp(is_v4 ? "127.0.0.1" : "::1", (uint16_t)port, fd, &bound);
    log_error("status page at %s: only unix:PATH, 127.0.0.1:PORT and [::1]:PORT are allowed", where);
    return RESULT_INVALID;
}

static result begin(const char *where, http_page *page) {
    int fd = -1;
    result outcome = listen_at(where, &fd);
    if (outcome != RESULT_OK)
        return outcome;
    if (strncmp(where, "unix:", 5) == 0 && !(page->socket_path = strdup(where + 5))) {
        close(fd);
        return RESULT_NO_MEMORY;
    }
    const uint64_t identity = http_listen_identity(fd);
    page->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL, NULL, step, page,
                                    MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
                                    (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENCE_S,
                                    MHD_OPTION_END);
    if (page->daemon)
        return RESULT_OK;
    http_listen_undo(fd, identity);
    log_error("the status page at %s does not start", where);
    return RESULT_INTERNAL;
}

result http_page_start(const char *where, const http_page_path *paths, void *context, http_page **out) {
    http_page *page = calloc(1, sizeof *page);
    *out = NULL;
    if (!page)
        return RESULT_NO_MEMORY;
    *page = (http_page){.paths = paths, .context = context};
    result outcome = begin(where, page);
    if (outcome != RESULT_OK)
        http_page_stop(&page);
    *out = page;
    return outcome;
}

void http_page_stop(http_page **page) {
    if (!*page)
        return;
    if ((*page)->daemon)
        MHD_stop_daemon((*page)->daemon);
    if ((*page)->socket_path)
        unlink((*page)->socket_path);
    free((*page)->socket_path);
    free(*page);
    *page = NULL;
}
