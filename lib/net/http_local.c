/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_local.h"

#include "base/log.h"
#include "base/secret.h"
#include "net/http_listen.h"
#include "net/http_loopback_user.h"
#include "net/http_message.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS "127.0.0.1"
#define HEADERS_MAX ((size_t)16 * 1024)
#define BODY_MAX ((size_t)4 * 1024 * 1024) /* of an answer */
#define NAME_SIZE 32

struct http_local {
    struct MHD_Daemon *daemon;
    http_local_options options;
    uint16_t port;
    struct sockaddr_in address;
    char host[NAME_SIZE], origin[NAME_SIZE];
    atomic_bool ending;
};

/* One request on its way. */
typedef struct exchange {
    const http_local_route *route;
    uid_t uid;
    buffer body;
} exchange;

/* --- answers ------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *name, *value;
} always[] = {
    {"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                                "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                                "require-trusted-types-for 'script'; trusted-types 'none'"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Embedder-Policy", "require-corp"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {MHD_HTTP_HEADER_CACHE_CONTROL, "no-store"},
};

static ssize_t read_source(void *context, uint64_t position, char *out, size_t max) {
    const http_local_reply *reply = context;
    const size_t length = reply->source(reply->stream, out, max);
    (void)position;
    return length > 0 ? (ssize_t)length : MHD_CONTENT_READER_END_OF_STREAM;
}

static void close_source(void *context) {
    http_local_reply *reply = context;
    reply->close(reply->stream);
    free(reply);
}

/* Takes the stream over: it is closed by the library, or here when there is no answer. */
static struct MHD_Response *response_of_stream(const http_local_reply *reply) {
    http_local_reply *kept = malloc(sizeof *kept);
    if (kept == NULL) {
        reply->close(reply->stream);
        return NULL;
    }
    *kept = *reply;
    struct MHD_Response *response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, HTTP_LOCAL_STREAM_BLOCK,
                                                                      read_source, kept, close_source);
    if (response == NULL)
        close_source(kept);
    return response;
}

static struct MHD_Response *response_of(const http_local_reply *reply) {
    return reply->source != NULL
               ? response_of_stream(reply)
               : MHD_create_response_from_buffer(reply->body.length, reply->body.data, MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, http_local_reply *reply) {
    struct MHD_Response *response = response_of(reply);
    buffer_wipe(&reply->body);
    if (response == NULL)
        return MHD_NO;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        MHD_add_response_header(response, always[i].name, always[i].value);
    if (reply->content_type != NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
    if (reply->location != NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, reply->location);
    if (reply->cookie[0] != 0)
        MHD_add_response_header(response, MHD_HTTP_HEADER_SET_COOKIE, reply->cookie);
    const enum MHD_Result queued = MHD_queue_response(connection, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, int status, const char *cause) {
    http_local_reply reply = {
        .status = status, .content_type = "text/plain; charset=utf-8", .body = BUFFER_INIT(BODY_MAX)};
    buffer_append_format(&reply.body, "%s\n", cause);
    return send_reply(connection, &reply);
}

/* --- who asks, from where ----------------------------------------------------------------------------------------- */

static const char *header(struct MHD_Connection *connection, const char *name) {
    const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
    return value != NULL ? value : "";
}

static bool peer_user(const http_local *server, const struct sockaddr *peer, uid_t *uid) {
    const struct sockaddr_in *client = (const struct sockaddr_in *)(const void *)peer;
    return peer->sa_family == AF_INET && http_loopback_user(client, &server->address, uid) == RESULT_OK &&
           server->options.may_connect(server->options.context, *uid);
}

static enum MHD_Result may_connect(void *context, const struct sockaddr *peer, socklen_t length) {
    uid_t uid;
    (void)length;
    return peer_user(context, peer, &uid) ? MHD_YES : MHD_NO;
}

static bool is_peer(const http_local *server, struct MHD_Connection *connection, exchange *e) {
    const union MHD_ConnectionInfo *told = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return told != NULL && peer_user(server, told->client_addr, &e->uid);
}

/* A request that another site's page has made says so. "none": the person typed the address. Absent: no browser. */
static bool is_of_another_site(struct MHD_Connection *connection) {
    const char *site = header(connection, "Sec-Fetch-Site");
    return *site != 0 && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
}

static http_fault check_origin(const http_local *server, struct MHD_Connection *connection, const char *method) {
    const char *origin = header(connection, MHD_HTTP_HEADER_ORIGIN);
    const bool post = strcmp(method, MHD_HTTP_METHOD_POST) == 0;
    if (strcasecmp(header(connection, MHD_HTTP_HEADER_HOST), server->host) != 0)
        return http_fault_of(MHD_HTTP_MISDIRECTED_REQUEST, "This server has another name.");
    if (is_of_another_site(connection) || (*origin != 0 && strcmp(origin, server->origin) != 0) ||
        (post && *origin == 0))
        return http_fault_of(MHD_HTTP_FORBIDDEN, "Only pages of this server may ask that.");
    if (post && strcmp(header(connection, MHD_HTTP_HEADER_CONTENT_TYPE), "application/json") != 0)
        return http_fault_of(MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "The body is to be application/json.");
    return (http_fault){0};
}

/* --- one request -------------------------------------------------------------------------------------------------- */

static http_fault find_route(const http_local *server, const char *method, const char *path, exchange *e) {
    bool known = false;
    for (const http_local_route *row = server->options.routes; row->method != NULL; row++) {
        const bool here = strcmp(row->path, path) == 0;
        known |= here;
        if (here && strcmp(row->method, method) == 0)
            e->route = row;
    }
    if (e->route != NULL)
        return (http_fault){0};
    return known ? http_fault_of(MHD_HTTP_METHOD_NOT_ALLOWED, "Not with this method.")
                 : http_fault_of(MHD_HTTP_NOT_FOUND, "There is nothing here.");
}

/* Cheap and general first: nothing that is refused has been looked for. */
static http_fault check(const http_local *server, struct MHD_Connection *connection, const char *url,
                        const char *method, const char *version, exchange *e) {
    http_fault fault = http_message_check(connection, version);
    if (fault.status == 0 && !is_peer(server, connection, e))
        fault = http_fault_of(MHD_HTTP_FORBIDDEN, "This user may not connect here.");
    if (fault.status == 0)
        fault = check_origin(server, connection, method);
    if (fault.status == 0)
        fault = find_route(server, method, url, e);
    if (fault.status == 0 && (http_message_is_chunked(connection) ||
                              http_message_length(connection) > (unsigned long long)e->route->body_max))
        fault = http_fault_of(MHD_HTTP_CONTENT_TOO_LARGE, "The body is too long, or its length is not said.");
    return fault;
}

static enum MHD_Result begin(const http_local *server, struct MHD_Connection *connection, const char *url,
                             const char *method, const char *version, void **state) {
    exchange *e = calloc(1, sizeof *e);
    if (e == NULL)
        return MHD_NO;
    *state = e; /* freed by end_exchange */
    const http_fault fault = check(server, connection, url, method, version, e);
    if (fault.status != 0)
        return refuse(connection, fault.status, fault.cause);
    e->body = BUFFER_SECRET(e->route->body_max);
    return MHD_YES;
}

static enum MHD_Result answer(const http_local *server, struct MHD_Connection *connection, const char *method,
                              const exchange *e) {
    const char *key = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "key");
    const http_local_request request = {.method = method,
                                        .path = e->route->path,
                                        .key = key != NULL ? key : "",
                                        .cookie = header(connection, MHD_HTTP_HEADER_COOKIE),
                                        .body = buffer_bytes(&e->body),
                                        .uid = e->uid};
    http_local_reply reply = {.status = MHD_HTTP_NOT_FOUND, .body = BUFFER_INIT(BODY_MAX)};
    void *context = e->route->context != NULL ? (void *)(uintptr_t)e->route->context : server->options.context;
    e->route->handler(context, &request, &reply);
    return send_reply(connection, &reply);
}

static enum MHD_Result step(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                            const char *version, const char *upload, size_t *upload_size, void **state) {
    const http_local *server = context;
    exchange *e = *state;
    if (e == NULL)
        return begin(server, connection, url, method, version, state);
    if (*upload_size == 0)
        return answer(server, connection, method, e);
    const result code = buffer_append(&e->body, bytes_of(upload, *upload_size));
    *upload_size = 0;
    return code == RESULT_OK ? MHD_YES : MHD_NO;
}

static void end_exchange(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code) {
    exchange *e = *state;
    (void)context;
    (void)connection;
    (void)code;
    if (e != NULL)
        buffer_wipe(&e->body);
    free(e);
    *state = NULL;
}

/* Paths and keys are compared as they stand: no text has two spellings. */
static size_t leave_escapes(void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    return strlen(text);
}

/* --- beginning and end -------------------------------------------------------------------------------------------- */

static struct MHD_Daemon *start_daemon(http_local *server, int listening) {
    const unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL;
    return MHD_start_daemon(flags, 0, may_connect, server, step, server, MHD_OPTION_LISTEN_SOCKET, listening,
                            MHD_OPTION_NOTIFY_COMPLETED, end_exchange, server, MHD_OPTION_UNESCAPE_CALLBACK,
                            leave_escapes, NULL, MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_LOCAL_CONNECTIONS,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEADERS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
                            (unsigned)HTTP_LOCAL_SILENCE_S, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}

static result listen_and_start(http_local *server) {
    int listening = -1;
    const result code = http_listen_tcp(ADDRESS, server->options.port, &listening, &server->port);
    if (code != RESULT_OK)
        return code;
    server->address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(server->port)};
    inet_pton(AF_INET, ADDRESS, &server->address.sin_addr);
    snprintf(server->host, sizeof server->host, ADDRESS ":%u", server->port);
    snprintf(server->origin, sizeof server->origin, "http://" ADDRESS ":%u", server->port);
    const uint64_t identity = http_listen_identity(listening);
    server->daemon = start_daemon(server, listening);
    if (server->daemon != NULL)
        return RESULT_OK;
    http_listen_undo(listening, identity);
    log_error("the server at port %u does not start", server->port);
    return RESULT_INTERNAL;
}

result http_local_start(const http_local_options *options, http_local **out) {
    http_local *server = *out = calloc(1, sizeof *server);
    if (server == NULL)
        return RESULT_NO_MEMORY;
    server->options = *options;
    const result code = listen_and_start(server);
    if (code != RESULT_OK)
        http_local_stop(out);
    return code;
}

uint16_t http_local_port(const http_local *server) {
    return server->port;
}

bool http_local_is_ending(const http_local *server) {
    return atomic_load(&server->ending);
}

void http_local_stop(http_local **server) {
    http_local *mine = *server;
    if (mine == NULL)
        return;
    atomic_store(&mine->ending, true);
    if (mine->daemon != NULL)
        MHD_stop_daemon(mine->daemon);
    free(mine);
    *server = NULL;
}
