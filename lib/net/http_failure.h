/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Error messages of a call: from libcurl's code, its text and our check of the server. */
#pragma once

#include "net/http_anchor.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct http_failure {
    CURLcode code;
    const char *library_words; /* libcurl's own text */
    result key;                /* of the client's key: RESULT_OK, or why it could not be used */
    const char *url;
    bool server_refused;         /* by ourselves, before the request */
    http_anchor_finding finding; /* our check of the server, also of one that libcurl refused */
    bool certificate_given;      /* the client has a certificate */
    bool too_long;               /* the answer exceeds its bound */
    size_t response_max;
    long connect_timeout_ms, total_timeout_ms;
} http_failure;

/* Writes one sentence with cause and next step; returns the code that http_client_call documents. */
result http_failure_explain(const http_failure *failure, char *message, size_t size);
/* The same for a call that the caller aborted: RESULT_TIMEOUT. */
result http_failure_stopped(const char *url, char *message, size_t size);
