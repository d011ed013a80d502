/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The calls at the relay's port for the services (docs/interfaces/relay.md). */
#pragma once

#include "ledger/relay_store.h"
#include "pass/keep_sender.h"

#include "net/http_handler.h"

#include <stdatomic.h>

/* What the handlers work with; all of it borrowed. */
typedef struct pass_context {
    long wait_ms; /* for a service's answer, before a request is kept */
    relay_store *terminals;
    keep_store *store;
    service_way *ways[KEPT_SERVICES];
    keep_sender *senders[KEPT_SERVICES];
    extraction *patients; /* notes what passes; NULL: nothing is noted */
    _Atomic uint64_t passed[KEPT_SERVICES], kept[KEPT_SERVICES], strangers; /* requests since the start */
} pass_context;

/* Ends with a row of method NULL. The handlers' context is a pass_context. */
extern const http_route pass_routes[];

/* An http_admitter: admits the terminals that are in the list now. A withdrawn terminal gets no further answer, on any
 * connection. */
bool pass_admit(void *context, const http_route *route, const http_request *request, http_reply *reply);
