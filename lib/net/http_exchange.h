/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One request in the server: checked at its headers, collected, handled, answered. */
#pragma once

#include "net/http_connection.h"
#include "net/http_tls.h"

typedef struct http_exchange_rules {
    const http_route *routes;
    http_refuser *refuser;
    http_admitter *admitter; /* may be NULL */
    http_runner *runner;     /* may be NULL */
    void *context;
    http_tls *tls;
    http_connections *connections;
    _Atomic bool stopping;
    http_share *bodies; /* bytes of bodies in transfer, by institution */
} http_exchange_rules;

/* libmicrohttpd's MHD_AccessHandlerCallback, MHD_OPTION_URI_LOG_CALLBACK and MHD_OPTION_NOTIFY_COMPLETED; the closure
 * is the http_exchange_rules. */
enum MHD_Result http_exchange_step(void *rules, struct MHD_Connection *connection, const char *url, const char *method,
                                   const char *version, const char *upload, size_t *upload_size, void **state);
void *http_exchange_begin(void *rules, const char *uri, struct MHD_Connection *connection);
void http_exchange_end(void *rules, struct MHD_Connection *connection, void **state,
                       enum MHD_RequestTerminationCode code);
