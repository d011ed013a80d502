/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The port at which terminals reach the platform and the history service through the relay (docs/interfaces/relay.md):
 * requests and answers are passed on unchanged, and a request that a service does not take now is kept. Each request is
 * checked against the list of terminals as it is at that moment; a terminal gets its own answers only. */
#pragma once

#include "ledger/relay_store.h"
#include "pass/keep_sender.h"

#include "net/http_server.h"

typedef struct pass_server pass_server;

typedef struct pass_server_options {
    http_server_options http; /* without routes, refuser, admitter, runner and context */
    const char *platform_url, *history_url;
    const char *certificate, *key; /* the relay's own, by which the services know it */
    const char *anchors;           /* folder */
    revocation_policy institution_policy;
    keep_store_options keep;
    extraction_options patients; /* rules, keep_days, every_s; keep_days 0: nothing about patients is noted */
    long wait_ms;                /* for a service's answer, before a request is kept */
    long spread_s;               /* of keep_sender_options */
    relay_store *terminals;      /* borrowed, as the texts */
    const connection_gate *gate; /* likewise; NULL: none */
} pass_server_options;

/* The log says why not. */
result pass_server_start(const pass_server_options *options, pass_server **out);
void pass_server_stop(pass_server **server);
uint16_t pass_server_port(const pass_server *server);
/* Reads files that have changed. By one thread, a few times a second. RESULT_BAD_SIGNATURE: what is kept is not as it was
 * left; the log has said so, and the server is to be stopped. */
result pass_server_look(pass_server *server);

typedef struct pass_server_counts {
    struct pass_service_counts {
        bool up;
        uint64_t passed, kept;     /* requests since the start */
        uint64_t sent, unverified; /* keep_sender_counts */
        keep_store_counts store;
    } services[KEPT_SERVICES];
    uint64_t strangers; /* requests of clients that are not in the list */
    bool compared;      /* what is kept is known to be as it was left */
} pass_server_counts;
/* The extraction; NULL: it is off. */
extraction *pass_server_patients(pass_server *server);
/* Counters for status and metrics. */
void pass_server_tell(pass_server *server, pass_server_counts *out);
/* Of one terminal: requests that wait, answers that it has not fetched, at most 1000 each. */
void pass_server_tell_terminal(pass_server *server, const char *id, size_t *waiting, size_t *answered);
