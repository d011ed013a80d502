/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The relay's connections to one service: kept open, with the relay's own TLS key, and with one check for all terminals
 * whether the service answers. While the gate is closed, no call is made. Thread-safe. */
#pragma once

#include "gate/connection_gate.h"

#include "net/http_client.h"

typedef struct service_way service_way;

#define SERVICE_WAY_SILENCE_MS 800 /* to connect; and for an answer to service_way_probe */

typedef struct service_way_options {
    const char *name;            /* "platform": in the log; borrowed */
    http_client_options client;  /* base_url, certificate, key, trust; the texts are borrowed */
    const connection_gate *gate; /* borrowed; NULL: there is none */
} service_way_options;

/* Connects nowhere yet. RESULT_INVALID: no https address; the log says so. RESULT_NO_MEMORY. */
result service_way_new(const service_way_options *options, service_way **out);
/* Closes its connections; NULL is nothing. */
void service_way_free(service_way **way);

/* As http_client_call, within so many milliseconds. RESULT_UNAVAILABLE at once, without a log line, while the service
 * does not answer or the gate is closed. A call in progress is cancelled when the gate closes. */
result service_way_call(service_way *way, const char *method, const char *path, const char *type, bytes body,
                        long total_ms, http_answer *answer);
/* Whether the gate is open, and the service answered when it was last asked; true before. */
bool service_way_is_up(const service_way *way);
/* Whether a closed gate forbids calls. */
bool service_way_is_gated(const service_way *way);
/* Checks whether a service that did not answer does so now (GET /status). */
bool service_way_probe(service_way *way);
