/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The history service (受診履歴管理サービス): registers visit records, and nothing else over the network. */
#pragma once

#include "net/http_server.h"
#include "service/admission.h"
#include "service/registrar.h"
#include "service/signer.h"
#include "service/upkeep.h"
#include "store/history_store.h"

typedef struct history {
    history_store *store;
    trust *patients, *institutions, *operators;
    cvc platform; /* whose signature online evidence bears */
    service_signer receipts;
    admission *admission;
    registrar registrar;
    upkeep_rules refused;
    char affiliated[1024]; /* affiliation.h; "": none */
    long queue_days;       /* how long a record may wait between the doctor's signature and its arrival */
} history;

/* Opens all that [history] and [trust] name. history_close also after a failure. */
result history_open(const configuration *c, history *out);
void history_close(history *h);

/* Removes expired data; context: the history. */
void history_upkeep(void *context);
/* After a failure of the store: checks whether it works again. */
void history_look(void *context);

/* The calls of docs/interfaces/http.md, each with its admission class; the context is the history. */
extern const http_route history_routes[];
