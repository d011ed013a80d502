/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The relays that a connector may use, the first that answers for each connection; and how it reaches them. */
#pragma once

#include "p11_rpc/rpc_tls.h"
#include "service/service_configuration.h"

#include <stdatomic.h>

#define RELAYS_MAX 8
#define RELAY_HOST_SIZE 256
#define RELAY_PORT_SIZE 8

typedef struct relay_place {
    char host[RELAY_HOST_SIZE], port[RELAY_PORT_SIZE];
} relay_place;

typedef struct relay_list {
    relay_place places[RELAYS_MAX];
    size_t count;
    _Atomic size_t preferred; /* the one that answered last */
    rpc_tls_client tls;
    char *anchor, *crl;
} relay_list;

/* [connector] relays ("HOST:PORT", separated by commas; an IPv6 address in brackets), [tls] certificate and key, [trust]
 * anchors. RESULT_INVALID and those of rpc_tls_client_new; the log names the setting. */
result relay_list_read(const configuration *c, relay_list *out);
void relay_list_free(relay_list *list);

/* A connection to the first relay that answers, beginning with the preferred one. timeout_ms: for each. */
result relay_list_connect(relay_list *list, int timeout_ms, rpc_end *out);
