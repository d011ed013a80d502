/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a service's answer means, for the hospital's ledger of outcomes (ledger/relay_store.h). */
#pragma once

#include "ledger/relay_store.h"

#include "delivery/kept_request.h"

typedef struct outcome_answer {
    kept_service service;
    bool is_single;       /* to one reception (POST .../$submit), not to a batch */
    bool is_visits;       /* to POST /visit-batch: many visits, each answered by itself */
    const char *terminal; /* whose request it answers */
    const char *way;      /* live, kept */
    int status;           /* of HTTP */
    bytes body;
} outcome_answer;

/* Whether an answer of this status is the service's last word about a request. */
bool outcome_is_final(int status);

/* A row for each reception or visit in it, durable when it returns RESULT_OK. An answer that says nothing about any, or
 * that cannot be read, is one row about the request as a whole. What the service wants to be asked again about is none. The
 * answer is verified before. */
result outcome_note(relay_store *store, const outcome_answer *answer);
