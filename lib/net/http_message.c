/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_message.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LENGTH_DIGITS "0123456789"

static const char *header(struct MHD_Connection *connection, const char *name) {
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

unsigned long long http_message_length(struct MHD_Connection *connection) {
    const char *text = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return text ? strtoull(text, NULL, 10) : 0;
}

bool http_message_is_chunked(struct MHD_Connection *connection) {
    return header(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL;
}

/* --- header by header --------------------------------------------------------------------------------------------- */

typedef struct count {
    const char *name;
    unsigned lines, others; /* others: headers with another value than the accepted one */
    const char *taken;
} count;

static enum MHD_Result count_line(void *context, enum MHD_ValueKind kind, const char *name, const char *value) {
    count *all = context;
    (void)kind;
    if (strcasecmp(name, all->name) != 0)
        return MHD_YES;
    all->lines++;
    if (!all->taken || !value || strcasecmp(value, all->taken) != 0)
        all->others++;
    return MHD_YES;
}

static count count_of(struct MHD_Connection *connection, const char *name, const char *taken) {
    count all = {name, 0, 0, taken};
    MHD_get_connection_values(connection, MHD_HEADER_KIND, count_line, &all);
    return all;
}

static bool is_1_0(const char *version) {
    return strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
}

/* RFC 9112 3.2: 400 for none in HTTP/1.1, and for more than one. */
static bool host_is_wrong(struct MHD_Connection *connection, const char *version) {
    const unsigned lines = count_of(connection, MHD_HTTP_HEADER_HOST, NULL).lines;
    return lines > 1 || (lines == 0 && !is_1_0(version));
}

/* RFC 9112 6.1 and 6.3: two ways to tell where the body ends, or one that HTTP/1.0 does not have; two lengths. */
static bool framing_is_ambiguous(struct MHD_Connection *connection, const char *version) {
    const count lengths = count_of(connection, MHD_HTTP_HEADER_CONTENT_LENGTH, NULL);
    const char *length = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (lengths.lines > 1 || (length && (!*length || length[strspn(length, LENGTH_DIGITS)] != '\0')))
        return true;
    return http_message_is_chunked(connection) && (length || is_1_0(version));
}

/* RFC 9112 6.1. */
static bool transfer_is_unknown(struct MHD_Connection *connection, const char *version) {
    (void)version;
    const count codings = count_of(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING, "chunked");
    return codings.lines > 1 || codings.others > 0;
}

/* RFC 9110 10.1.1; HTTP/1.0 has no expectations. */
static bool expectation_is_unknown(struct MHD_Connection *connection, const char *version) {
    return !is_1_0(version) && count_of(connection, MHD_HTTP_HEADER_EXPECT, "100-continue").others > 0;
}

/* RFC 9110 15.5.16. A message without content has no coding. */
static bool content_is_coded(struct MHD_Connection *connection, const char *version) {
    (void)version;
    return (http_message_is_chunked(connection) || http_message_length(connection) > 0) &&
           count_of(connection, MHD_HTTP_HEADER_CONTENT_ENCODING, "identity").others > 0;
}

static const struct {
    bool (*broken)(struct MHD_Connection *connection, const char *version);
    http_fault fault;
} rules[] = {
    {host_is_wrong,
     {.status = MHD_HTTP_BAD_REQUEST,
      .cause = "The request must name its host exactly once. Send one Host header.",
      .ends = true}},
    {framing_is_ambiguous,
     {.status = MHD_HTTP_BAD_REQUEST,
      .cause = "It is not clear where the body ends. Send one Content-Length, or chunks in HTTP/1.1.",
      .ends = true}},
    {transfer_is_unknown,
     {.status = MHD_HTTP_NOT_IMPLEMENTED,
      .cause = "This transfer coding is not supported. Send Transfer-Encoding: chunked, or none.",
      .ends = true}},
    {expectation_is_unknown,
     {.status = MHD_HTTP_EXPECTATION_FAILED,
      .cause = "This expectation cannot be met. Omit Expect, or send 100-continue."}},
    {content_is_coded,
     {.status = MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
      .cause = "Compressed bodies are not accepted. Send the body without Content-Encoding.",
      .header_name = MHD_HTTP_HEADER_ACCEPT_ENCODING,
      .value = "identity"}},
};

http_fault http_message_check(struct MHD_Connection *connection, const char *version) {
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].broken(connection, version))
            return rules[i].fault;
    return (http_fault){0};
}

/* --- the request line --------------------------------------------------------------------------------------------- */

/* The length of "https://" or "http://" at the begin of a target, 0 without (RFC 9110 4.2). */
static size_t scheme_length(const char *target) {
    static const char *const schemes[] = {"https://", "http://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (strncasecmp(target, schemes[i], strlen(schemes[i])) == 0)
            return strlen(schemes[i]);
    return 0;
}

/* RFC 9110 4.2.2 and 4.2.4: a host must be there, a user must not. 7.4: another scheme is not served here. */
http_fault http_message_path(const char *target, const char *scheme, const char **path) {
    const size_t length = scheme_length(target);
    const char *authority = target + length;
    *path = target;
    if (length == 0)
        return (http_fault){0};
    const size_t end = strcspn(authority, "/?#");
    *path = authority[end] == '/' ? authority + end : "/";
    if (end == 0 || memchr(authority, '@', end))
        return http_fault_of(MHD_HTTP_BAD_REQUEST,
                             "The request target has no host, or a user in it. Send a path, or SCHEME://HOST/PATH.");
    if (length != strlen(scheme) + 3 || strncasecmp(target, scheme, strlen(scheme)) != 0)
        return http_fault_of(MHD_HTTP_MISDIRECTED_REQUEST,
                             "The request target has another scheme than this connection. Send a path.");
    return (http_fault){0};
}

bool http_message_knows_method(const char *method) {
    static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i], method) == 0)
            return true;
    return false;
}
