/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A service's calls, made without a line: keys and certificates from the office, a store in $TMPDIR, requests from
 * the input. */
#pragma once

#include "accept_all.h"

#include "net/http_server.h"
#include "service/service_configuration.h"

/* The service's configuration: [trust] anchors, and these lines; "@" stands for the office, "~" for $TMPDIR. */
configuration *service_configuration(const char *lines);

/* Calls one route as the institution of the office's SE and checks what every answer must be: a status that http.md
 * knows, a body in JSON, an OperationOutcome with words for each refusal. Wipe the reply with service_forget. */
void service_call(const http_route *route, void *context, bytes body, http_reply *reply);
void service_forget(http_reply *reply);
