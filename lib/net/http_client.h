/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* HTTPS client with mutual TLS (libcurl, GnuTLS flavour). The client's key is a file, or the caller signs (a token's
 * key).
 *
 * Only one private CA is trusted: libcurl's default trust folder is turned off, and http_trust.h also checks the
 * server's certificate (path, revocation, validity, purpose, name), after each handshake and before the first byte of
 * the request. TLS 1.3 only, unless allow_tls_1_2.
 *
 * A client keeps its connection alive between calls, because each new one costs two signatures of the token, unless it
 * resumes a session (http_sessions.h). It belongs to one thread at a time. */
#pragma once

#include "base/buffer.h"
#include "crypt/revocation_policy.h"
#include "net/http_key.h"
#include "net/http_sessions.h"

#include <stdbool.h>

#define HTTP_CLIENT_MESSAGE_MAX 400

typedef struct http_client http_client;

/* Before the first client, from one thread. key: signs for clients whose certificate and key are HTTP_KEY_OF_CALLER;
 * NULL when all keys are files; kept by pointer until http_client_end. RESULT_INTERNAL. */
result http_client_init(const http_key *key);
void http_client_end(void);
/* After http_client_init, before the first client whose certificate or key is a PKCS #11 URI (RFC 7512): GnuTLS uses
 * this module for them. The PIN is the URI's (pin-source, pin-value). RESULT_NOT_FOUND: it cannot be used. */
result http_client_use_module(const char *path);

typedef struct http_client_options {
    const char *base_url;     /* "https://localhost:8443", without a path */
    const char *certificate;  /* PEM file, PKCS #11 URI, or HTTP_KEY_OF_CALLER; NULL: none */
    const char *key;          /* PEM file, PKCS #11 URI, or HTTP_KEY_OF_CALLER */
    const char *trust_anchor; /* PEM file: the CA of the server's certificate */
    const char *trust_crl;    /* PEM file, or NULL */
    revocation_policy policy; /* for it */
    long connect_timeout_ms;  /* TCP and TLS together; 0: 5000 */
    long total_timeout_ms;    /* of one call, connecting included; 0: 30000 */
    size_t response_max;      /* bytes of an answer's body; 0: 1 MiB */
    bool allow_tls_1_2;
    http_sessions *sessions; /* to resume, shared with other clients that have the same key; NULL: none */
} http_client_options;

/* All texts are copied. RESULT_NO_MEMORY, RESULT_INVALID (not https, no trust anchor). */
result http_client_new(const http_client_options *options, http_client **out);
void http_client_free(http_client **client);

/* Time-outs of the calls from here on; 0 keeps the value. */
void http_client_set_timeouts(http_client *client, long connect_ms, long total_ms);

/* Called a few times a second during a call, in its thread; true aborts the call: RESULT_TIMEOUT. stop NULL: never.
 * context is kept by pointer. */
typedef bool http_client_stop(void *context);
void http_client_set_stop(http_client *client, http_client_stop *stop, void *context);

#define HTTP_CLIENT_TYPE_SIZE 64

typedef struct http_answer {
    int status;                            /* HTTP status, 0 without a complete answer */
    buffer body;                           /* wiped by http_answer_wipe */
    char type[HTTP_CLIENT_TYPE_SIZE];      /* value of Content-Type; "" when absent or longer */
    char *signature;                       /* value of Uketsuke-Signature (base64), or NULL */
    long retry_after;                      /* seconds of Retry-After (RFC 9110 10.2.3), -1 when absent or a date */
    char message[HTTP_CLIENT_MESSAGE_MAX]; /* after a failure: one sentence, cause and next step; else empty */
} http_answer;

/* Sends one request: method is "GET" or "POST"; path begins with "/"; content_type is NULL without a body. RESULT_OK:
 * there is an answer, of whatever status. Else answer->message says why not:
 *   RESULT_UNAVAILABLE    refused, no route, unknown name, connection broken
 *   RESULT_TIMEOUT        connect or total time-out
 *   RESULT_BAD_SIGNATURE  the server's certificate comes from another CA, is revoked, bears another name or is not for
 *                         servers; or TLS version or cipher are not taken
 *   RESULT_EXPIRED        the server's certificate or its CA's is outside its validity
 *   RESULT_NOT_FOUND      the trust anchor or CRL cannot be used
 *   RESULT_DENIED         the server did not take our certificate, or its files cannot be used
 *   RESULT_REMOVED        the caller's key (http_key.h) did not sign: its token has gone, or failed
 *   RESULT_TOO_LONG       the answer exceeds response_max
 *   RESULT_INVALID        the answer is no HTTP
 * answer is filled afresh; wipe it after every call. */
result http_client_call(http_client *client, const char *method, const char *path, const char *content_type, bytes body,
                        http_answer *answer);
void http_answer_wipe(http_answer *answer);
