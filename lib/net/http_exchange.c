/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_exchange.h"

#include "base/log.h"
#include "net/http_linger.h"
#include "net/http_message.h"
#include "net/http_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLY_MAX (16 * 1024 * 1024)
#define SIGNATURE_MAX (64 * 1024)
#define ALLOW_MAX 128
/* A body without announced length that exceeds its bound is read up to this many times the bound, so that its sender
 * gets an answer; then the connection ends. */
#define OVERFLOW_TIMES 4
/* The body of a known peer's refused request is read up to this length, so that the connection can stay open: a new one
 * would cost more. */
#define DISCARDED_MAX (1024 * 1024)

#define CROWDED "This institution has more connections than its share. Send again later."
#define TOO_LONG "The body is longer than this call takes. Send less at once."

typedef struct request_line {
    const char *method, *path, *version;
    http_fault against; /* the request target */
} request_line;

typedef struct exchange {
    http_connection *connection;
    bool checked;            /* the headers are */
    bool early;              /* answered before the body was read: the connection ends */
    const http_route *route; /* NULL: none, and so refused */
    buffer body;
    size_t received, reserved; /* reserved: bytes of the room for bodies */
    bool refused;
    http_fault against; /* the reason, unless the admitter refused */
    http_reply reply;   /* when refused: sent after the body, which is dropped */
    buffer allow;       /* then: value of the header Allow, or empty */
} exchange;

static http_connection *connection_of(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/* Once per connection, and again after CAs or revocation lists have changed: the handshake is done, the certificate is
 * known. */
static void check_peer(const http_exchange_rules *rules, struct MHD_Connection *connection, http_connection *mine) {
    const bool first = mine->checked == 0;
    if (mine->checked == http_tls_generation(rules->tls))
        return;
    http_trust *trust = http_tls_trust(rules->tls, &mine->checked);
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    mine->refusal = "The connection has no TLS session.";
    if (info && http_peer_check(trust, info->tls_session, &mine->peer, &mine->refusal) == RESULT_OK)
        mine->refusal = NULL;
    else
        log_notice("client refused: %s", mine->refusal);
    http_trust_free(&trust);
    mine->peer.connection = mine;
    if (first)
        mine->crowded = !mine->refusal && !http_connection_proved(rules->connections, mine);
}

void *http_exchange_begin(void *context, const char *uri, struct MHD_Connection *connection) {
    http_exchange_rules *rules = context;
    (void)uri; /* may have data that must not be logged */
    exchange *one = calloc(1, sizeof *one);
    if (!one)
        return NULL;
    one->allow = BUFFER_INIT(ALLOW_MAX);
    one->connection = connection_of(connection);
    if (one->connection) {
        check_peer(rules, connection, one->connection);
        http_connection_request_begun(rules->connections, one->connection);
    }
    return one;
}

/* libmicrohttpd closes the socket when this returns. */
static void linger(struct MHD_Connection *connection, const http_connection *mine) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (info && mine)
        http_linger(mine->fd, info->tls_session);
}

void http_exchange_end(void *context, struct MHD_Connection *connection, void **state,
                       enum MHD_RequestTerminationCode code) {
    http_exchange_rules *rules = context;
    exchange *one = *state;
    if (!one)
        return;
    if (one->early && code == MHD_REQUEST_TERMINATED_COMPLETED_OK)
        linger(connection, one->connection);
    if (one->connection)
        http_connection_request_done(rules->connections, one->connection);
    if (one->reserved > 0)
        http_share_give(rules->bodies, one->connection->peer.institution_code, one->reserved);
    buffer_wipe(&one->body);
    buffer_wipe(&one->reply.body);
    buffer_wipe(&one->reply.signature);
    buffer_wipe(&one->allow);
    free(one);
    *state = NULL;
}

static void add_headers(struct MHD_Response *response, http_reply *reply, exchange *one, bool last) {
    char seconds[16];
    if (reply->body.length > 0)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (reply->signature.length > 0)
        MHD_add_response_header(response, "Uketsuke-Signature", buffer_text(&reply->signature));
    if (reply->retry_after > 0) {
        snprintf(seconds, sizeof seconds, "%d", reply->retry_after);
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
    }
    if (one->allow.length > 0)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, buffer_text(&one->allow));
    if (one->against.header_name)
        MHD_add_response_header(response, one->against.header_name, one->against.value);
    if (last)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
}

static enum MHD_Result send_reply(const http_exchange_rules *rules, struct MHD_Connection *connection, exchange *one,
                                  http_reply *reply) {
    const bool last = rules->stopping || one->early || one->against.ends; /* on this connection */
    struct MHD_Response *response = NULL;
    if (reply->body.failed == RESULT_OK && reply->signature.failed == RESULT_OK)
        response = MHD_create_response_from_buffer(reply->body.length, reply->body.data, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result queued = MHD_NO;
    if (response) {
        add_headers(response, reply, one, last);
        queued = MHD_queue_response(connection, (unsigned int)reply->status, response);
        MHD_destroy_response(response);
    }
    buffer_wipe(&reply->body);
    buffer_wipe(&reply->signature);
    return queued;
}

static http_reply empty_reply(int status) {
    return (http_reply){.status = status,
                        .content_type = "application/fhir+json",
                        .body = BUFFER_INIT(REPLY_MAX),
                        .signature = BUFFER_INIT(SIGNATURE_MAX)};
}

static void allow(buffer *methods, const char *method) {
    buffer_append_format(methods, "%s%s", methods->length > 0 ? ", " : "", method);
}

/* HEAD goes where GET goes (RFC 9110 9.3.2). methods: those of the path, when it does not have this one. */
static const http_route *find_route(const http_route *routes, const char *method, const char *path, buffer *methods) {
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    for (const http_route *row = routes; row->method; row++) {
        if (strcmp(row->path, path) != 0)
            continue;
        if (strcmp(row->method, wanted) == 0)
            return row;
        allow(methods, row->method);
        if (strcmp(row->method, "GET") == 0)
            allow(methods, "HEAD");
    }
    if (methods->length > 0)
        allow(methods, "OPTIONS");
    return NULL;
}

static http_request request_of(struct MHD_Connection *connection, const exchange *one, const char *path) {
    const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE);
    return (http_request){one->route->method, path, type ? type : "", buffer_bytes(&one->body), &one->connection->peer};
}

/* Reserves memory for the whole body, before its first byte. */
static bool reserve(http_exchange_rules *rules, exchange *one, size_t length) {
    if (!http_share_take(rules->bodies, one->connection->peer.institution_code, length))
        return false;
    one->reserved = length;
    return true;
}

/* Route and peer are known: whether the body is accepted. */
static bool admit(http_exchange_rules *rules, struct MHD_Connection *connection, exchange *one, const char *path) {
    const bool chunked = http_message_is_chunked(connection);
    const size_t length = chunked ? one->route->body_max : (size_t)http_message_length(connection);
    const http_request request = request_of(connection, one, path);
    one->body = BUFFER_INIT(one->route->body_max);
    if (!reserve(rules, one, length)) {
        one->reply.retry_after = 1;
        rules->refuser(rules->context, MHD_HTTP_SERVICE_UNAVAILABLE, "The service has no memory for this body now.",
                       &one->reply);
        return false;
    }
    if (rules->admitter && !rules->admitter(rules->context, one->route, &request, &one->reply))
        return false;
    if (!chunked)
        buffer_reserve(&one->body, length); /* a failure is kept in body.failed */
    return true;
}

/* Checks a request's method and path. 204 is the answer to OPTIONS (RFC 9110 9.3.7). */
static http_fault check_route(const http_exchange_rules *rules, exchange *one, const char *method, const char *path) {
    const bool asks = strcmp(method, "OPTIONS") == 0;
    one->route = find_route(rules->routes, method, path, &one->allow);
    if (one->route) {
        buffer_clear(&one->allow);
        return (http_fault){0};
    }
    if (!http_message_knows_method(method))
        return http_fault_of(MHD_HTTP_NOT_IMPLEMENTED, "This method is not known here. See docs/interfaces/http.md.");
    if (asks && (one->allow.length > 0 || strcmp(path, "*") == 0))
        return (http_fault){.status = MHD_HTTP_NO_CONTENT};
    if (one->allow.length > 0)
        return http_fault_of(MHD_HTTP_METHOD_NOT_ALLOWED,
                             "This path does not support the method. Use one of the header Allow.");
    return http_fault_of(MHD_HTTP_NOT_FOUND, "There is no such path. See docs/interfaces/http.md for the calls.");
}

/* Checks a request by its headers: its sender first. */
static http_fault validate(const http_exchange_rules *rules, struct MHD_Connection *connection, exchange *one,
                           const request_line *line) {
    if (one->connection->refusal)
        return (http_fault){.status = MHD_HTTP_FORBIDDEN, .cause = one->connection->refusal, .ends = true};
    if (one->connection->crowded)
        return (http_fault){.status = MHD_HTTP_SERVICE_UNAVAILABLE, .cause = CROWDED, .ends = true};
    http_fault against = http_message_check(connection, line->version);
    if (against.status == 0)
        against = line->against;
    if (against.status == 0)
        against = check_route(rules, one, line->method, line->path);
    if (against.status == 0 && http_message_length(connection) > one->route->body_max)
        against = http_fault_of(MHD_HTTP_CONTENT_TOO_LARGE, TOO_LONG);
    return against;
}

/* A refused request is answered after its body, or at once, while its sender may still be sending. */
static bool must_wait(struct MHD_Connection *connection, const http_fault *against) {
    return !against->ends && !http_message_is_chunked(connection) && http_message_length(connection) <= DISCARDED_MAX;
}

/* Called after the headers and before the body: all refusals by headers happen now. */
static enum MHD_Result begin(http_exchange_rules *rules, struct MHD_Connection *connection, exchange *one,
                             const request_line *line) {
    one->against = validate(rules, connection, one, line);
    one->checked = true;
    one->reply = empty_reply(one->against.status ? one->against.status : MHD_HTTP_SERVICE_UNAVAILABLE);
    if (one->against.cause)
        rules->refuser(rules->context, one->against.status, one->against.cause, &one->reply);
    one->refused = one->against.status != 0 || !admit(rules, connection, one, line->path);
    if (!one->refused || must_wait(connection, &one->against))
        return MHD_YES;
    one->early = true;
    return send_reply(rules, connection, one, &one->reply);
}

static enum MHD_Result collect(exchange *one, const char *upload, size_t *upload_size) {
    one->received += *upload_size;
    if (!one->refused)
        buffer_append(&one->body, bytes_of(upload, *upload_size)); /* a failure is kept in body.failed */
    *upload_size = 0;
    if (one->refused)
        return one->received > DISCARDED_MAX ? MHD_NO : MHD_YES;
    return one->received > OVERFLOW_TIMES * (one->route->body_max + 1024) ? MHD_NO : MHD_YES;
}

static enum MHD_Result handle(const http_exchange_rules *rules, struct MHD_Connection *connection, exchange *one,
                              const request_line *line) {
    http_reply reply = empty_reply(MHD_HTTP_INTERNAL_SERVER_ERROR);
    if (one->refused)
        return send_reply(rules, connection, one, &one->reply);
    if (one->body.failed == RESULT_TOO_LONG) {
        rules->refuser(rules->context, MHD_HTTP_CONTENT_TOO_LARGE, TOO_LONG, &reply);
        return send_reply(rules, connection, one, &reply);
    }
    if (one->body.failed != RESULT_OK)
        return MHD_NO;
    const http_request request = request_of(connection, one, line->path);
    if (rules->runner)
        rules->runner(rules->context, one->route, &request, &reply);
    else
        one->route->handler(rules->context, &request, &reply);
    log_info("%s %s by %s/%s: %d", line->method, line->path, request.peer->institution_code, request.peer->terminal_id,
             reply.status);
    return send_reply(rules, connection, one, &reply);
}

enum MHD_Result http_exchange_step(void *context, struct MHD_Connection *connection, const char *url,
                                   const char *method, const char *version, const char *upload, size_t *upload_size,
                                   void **state) {
    http_exchange_rules *rules = context;
    exchange *one = *state;
    request_line line = {method, url, version, {0}};
    if (!one || !one->connection)
        return MHD_NO;
    line.against = http_message_path(url, "https", &line.path);
    if (!one->checked)
        return begin(rules, connection, one, &line);
    return *upload_size > 0 ? collect(one, upload, upload_size) : handle(rules, connection, one, &line);
}
