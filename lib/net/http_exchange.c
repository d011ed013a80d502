#include "net/http_exchange.h"

#include "base/log.h"
#include "net/http_peer.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLY_MOST (16 * 1024 * 1024)
#define SIGNATURE_MOST (64 * 1024)
/* A body that grows past its bound without saying so is read on to this many times the bound, so that its sender gets
 * an answer; then the connection ends. */
#define OVERFLOW_TIMES 4
/* The body of a refused request is read up to this length, so that the connection lives on: a new one would
 * cost more. */
#define DISCARDED_MOST (1024 * 1024)

typedef struct exchange {
    http_connection *connection;
    const http_route *route; /* NULL until the headers are judged */
    buffer body;
    size_t received, reserved; /* reserved: of the rules' body_room */
    bool refused;
    http_reply reply; /* when refused: sent after the body, which nobody keeps */
} exchange;

static http_connection *connection_of(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

void *http_exchange_begin(void *context, const char *uri, struct MHD_Connection *connection) {
    http_exchange_rules *rules = context;
    (void)uri; /* may hold what does not belong in a log */
    exchange *one = calloc(1, sizeof *one);
    if (!one)
        return NULL;
    one->connection = connection_of(connection);
    if (one->connection)
        http_connection_request_begun(rules->connections, one->connection);
    return one;
}

void http_exchange_end(void *context, struct MHD_Connection *connection, void **state,
                       enum MHD_RequestTerminationCode code) {
    http_exchange_rules *rules = context;
    exchange *one = *state;
    (void)connection;
    (void)code;
    if (!one)
        return;
    if (one->connection)
        http_connection_request_done(rules->connections, one->connection);
    rules->body_room += one->reserved;
    buffer_wipe(&one->body);
    buffer_wipe(&one->reply.body);
    buffer_wipe(&one->reply.signature);
    free(one);
    *state = NULL;
}

static void add_headers(struct MHD_Response *response, http_reply *reply, const char *allow, bool stopping) {
    char seconds[16];
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (reply->signature.length > 0)
        MHD_add_response_header(response, "Uketsuke-Signature", buffer_text(&reply->signature));
    if (reply->retry_after > 0) {
        snprintf(seconds, sizeof seconds, "%d", reply->retry_after);
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
    }
    if (allow && *allow)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allow);
    if (stopping)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
}

static enum MHD_Result send_reply(const http_exchange_rules *rules, struct MHD_Connection *connection,
                                  http_reply *reply,
                                  const char *allow) {
    struct MHD_Response *response = NULL;
    if (reply->body.failed == RESULT_OK && reply->signature.failed == RESULT_OK)
        response = MHD_create_response_from_buffer(reply->body.length, reply->body.data, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result queued = MHD_NO;
    if (response) {
        add_headers(response, reply, allow, rules->stopping);
        queued = MHD_queue_response(connection, (unsigned int)reply->status, response);
        MHD_destroy_response(response);
    }
    buffer_wipe(&reply->body);
    buffer_wipe(&reply->signature);
    return queued;
}

static http_reply empty_reply(int status) {
    return (http_reply){.status = status, .content_type = "application/fhir+json", .body = BUFFER_INIT(REPLY_MOST),
                        .signature = BUFFER_INIT(SIGNATURE_MOST)};
}

static enum MHD_Result refuse(const http_exchange_rules *rules, struct MHD_Connection *connection, int status,
                              const char *cause, const char *allow) {
    http_reply reply = empty_reply(status);
    rules->refuser(rules->context, status, cause, &reply);
    return send_reply(rules, connection, &reply, allow);
}

/* Once per connection: the handshake is done, the certificate is known. */
static void judge_peer(const http_exchange_rules *rules, struct MHD_Connection *connection, http_connection *mine) {
    if (mine->judged)
        return;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    mine->refusal = "The connection has no TLS session.";
    if (info && http_peer_judge(rules->trust, info->tls_session, &mine->peer, &mine->refusal) == RESULT_OK)
        mine->refusal = NULL;
    else
        log_notice("client refused: %s", mine->refusal);
    mine->judged = true;
}

static const http_route *find_route(const http_route *routes, const char *method, const char *path, buffer *allow) {
    for (const http_route *row = routes; row->method; row++) {
        if (strcmp(row->path, path) != 0)
            continue;
        if (strcmp(row->method, method) == 0)
            return row;
        buffer_append_format(allow, "%s%s", allow->length ? ", " : "", row->method);
    }
    return NULL;
}

static unsigned long long announced_length(struct MHD_Connection *connection) {
    const char *text = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return text ? strtoull(text, NULL, 10) : 0;
}

static bool is_chunked(struct MHD_Connection *connection) {
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL;
}

static http_request request_of(struct MHD_Connection *connection, const exchange *one, const char *method,
                               const char *path) {
    const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE);
    return (http_request){method, path, type ? type : "", buffer_bytes(&one->body), &one->connection->peer};
}

/* Room in memory for the whole body, before its first byte. */
static bool reserve(http_exchange_rules *rules, exchange *one, size_t length) {
    size_t room = rules->body_room;
    do {
        if (room < length)
            return false;
    } while (!atomic_compare_exchange_weak(&rules->body_room, &room, room - length));
    one->reserved = length;
    return true;
}

/* The route is there, the peer is known: may it send its body? */
static enum MHD_Result admit(http_exchange_rules *rules, struct MHD_Connection *connection, exchange *one,
                             const http_route *route, const char *method, const char *path) {
    size_t length = is_chunked(connection) ? route->body_most : (size_t)announced_length(connection);
    http_request request = request_of(connection, one, method, path);
    one->route = route;
    one->body = BUFFER_INIT(route->body_most);
    one->reply = empty_reply(MHD_HTTP_SERVICE_UNAVAILABLE);
    if (!reserve(rules, one, length)) {
        one->reply.retry_after = 1;
        rules->refuser(rules->context, MHD_HTTP_SERVICE_UNAVAILABLE, "The service has no room for this body now.",
                       &one->reply);
        one->refused = true;
    } else if (rules->admitter && !rules->admitter(rules->context, &request, &one->reply)) {
        one->refused = true;
    }
    if (!one->refused && !is_chunked(connection))
        buffer_reserve(&one->body, length); /* a failure is kept in body.failed */
    if (!one->refused || (!is_chunked(connection) && length <= DISCARDED_MOST))
        return MHD_YES;
    return send_reply(rules, connection, &one->reply, NULL);
}

/* The headers are there, the body is not: everything that can be refused is refused now. */
static enum MHD_Result begin(http_exchange_rules *rules, struct MHD_Connection *connection, exchange *one,
                             const char *method, const char *path) {
    buffer allow = BUFFER_INIT(128);
    judge_peer(rules, connection, one->connection);
    const http_route *route = find_route(rules->routes, method, path, &allow);
    enum MHD_Result outcome = MHD_YES;
    if (one->connection->refusal)
        outcome = refuse(rules, connection, MHD_HTTP_FORBIDDEN, one->connection->refusal, NULL);
    else if (!route && allow.length)
        outcome = refuse(rules, connection, MHD_HTTP_METHOD_NOT_ALLOWED,
                         "This method is not offered here. Use one that the header Allow names.", buffer_text(&allow));
    else if (!route)
        outcome = refuse(rules, connection, MHD_HTTP_NOT_FOUND,
                         "There is nothing at this path. See docs/interfaces/http.md for the calls.", NULL);
    else if (announced_length(connection) > route->body_most)
        outcome = refuse(rules, connection, MHD_HTTP_CONTENT_TOO_LARGE,
                         "The body is longer than this call takes. Send less at once.", NULL);
    else
        outcome = admit(rules, connection, one, route, method, path);
    buffer_wipe(&allow);
    return outcome;
}

static enum MHD_Result collect(exchange *one, const char *upload, size_t *upload_size) {
    one->received += *upload_size;
    if (!one->refused)
        buffer_append(&one->body, bytes_of(upload, *upload_size)); /* a failure is kept in body.failed */
    *upload_size = 0;
    return one->received > OVERFLOW_TIMES * (one->route->body_most + 1024) ? MHD_NO : MHD_YES;
}

static enum MHD_Result handle(const http_exchange_rules *rules, struct MHD_Connection *connection, exchange *one,
                              const char *method, const char *path) {
    if (one->refused)
        return send_reply(rules, connection, &one->reply, NULL);
    if (one->body.failed == RESULT_TOO_LONG)
        return refuse(rules, connection, MHD_HTTP_CONTENT_TOO_LARGE,
                      "The body is longer than this call takes. Send less at once.", NULL);
    if (one->body.failed != RESULT_OK)
        return MHD_NO;
    const http_request request = request_of(connection, one, method, path);
    http_reply reply = empty_reply(MHD_HTTP_INTERNAL_SERVER_ERROR);
    one->route->handler(rules->context, &request, &reply);
    log_info("%s %s by %s/%s: %d", method, path, request.peer->institution_code, request.peer->terminal_id,
             reply.status);
    return send_reply(rules, connection, &reply, NULL);
}

enum MHD_Result http_exchange_step(void *context, struct MHD_Connection *connection, const char *url,
                                   const char *method,
                                   const char *version, const char *upload, size_t *upload_size, void **state) {
    http_exchange_rules *rules = context;
    exchange *one = *state;
    (void)version;
    if (!one || !one->connection)
        return MHD_NO;
    if (!one->route)
        return begin(rules, connection, one, method, url);
    return *upload_size > 0 ? collect(one, upload, upload_size) : handle(rules, connection, one, method, url);
}
