/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "history.h"

#include "affiliation.h"

#include "base/clock.h"
#include "base/log.h"

#include <string.h>

#define QUEUE_DAYS 31
#define QUEUE_DAYS_MAX 366

static result open_keys(const configuration *c, history *h) {
    const service_anchor anchors[] = {
        {"jpki-auth-ca", &h->patients}, {"institution-ca", &h->institutions}, {"operator-ca", &h->operators}};
    result outcome = service_anchors_open(c, anchors, sizeof anchors / sizeof anchors[0]);
    if (outcome == RESULT_OK)
        outcome = service_chain_open(c, "history", "platform-institution-cvc", &h->platform);
    if (outcome == RESULT_OK)
        outcome = service_signer_open(c, "history", "receipt-key", "receipt-certificate", &h->receipts);
    return outcome;
}

static result read_affiliated(const configuration *c, history *h) {
    const char *list = configuration_get(c, "history", "affiliated");
    if (list == NULL)
        return RESULT_OK;
    if (strlen(list) < sizeof h->affiliated && affiliation_is_list(list)) {
        strcpy(h->affiliated, list);
        return RESULT_OK;
    }
    log_error("[history] affiliated = %s: expected words VISITS:DOCTORS with institution codes of 10 digits", list);
    return RESULT_INVALID;
}

result history_open(const configuration *c, history *h) {
    bool complete = true;
    memset(h, 0, sizeof *h);
    const char *store = configuration_need(c, "history", "store", &complete);
    result outcome = complete ? open_keys(c, h) : RESULT_INVALID;
    sql_pool pool = {0};
    pool.max = (unsigned)configuration_number(c, "history", "database-connections", 8, 1, SQL_CONNECTIONS_MAX,
                                              &complete);
    pool.share = (unsigned)configuration_number(c, "history", "database-connections-per-institution", 0, 1,
                                                SQL_CONNECTIONS_MAX, &complete);
    configuration_get(c, "history", "owner-store"); /* of the command migrate */
    h->queue_days = configuration_number(c, "history", "queue-days", QUEUE_DAYS, 1, QUEUE_DAYS_MAX, &complete);
    if (outcome == RESULT_OK && !complete)
        outcome = RESULT_INVALID;
    if (outcome == RESULT_OK)
        outcome = read_affiliated(c, h);
    if (outcome == RESULT_OK)
        outcome = admission_open(c, &h->admission);
    if (outcome == RESULT_OK)
        outcome = upkeep_read(c, &h->refused);
    if (outcome == RESULT_OK)
        outcome = history_store_open(store, &h->store);
    if (outcome == RESULT_OK) {
        history_store_set_connections(h->store, pool);
        history_store_keep_submissions(h->store, h->refused.kept);
    }
    return outcome == RESULT_OK
               ? registrar_open(c, history_store_terminals(h->store), h->institutions, &h->receipts, &h->registrar)
               : outcome;
}

void history_upkeep(void *context) {
    const history *h = context;
    history_store_sweep(h->store, clock_wall_s() - h->refused.days * 86400);
}

void history_look(void *context) {
    const history *h = context;
    if (!history_store_accepts(h->store))
        history_store_probe(h->store);
}

void history_close(history *h) {
    if (h->store)
        history_store_close(&h->store);
    trust_free(&h->patients);
    trust_free(&h->institutions);
    trust_free(&h->operators);
    service_signer_close(&h->receipts);
    admission_close(&h->admission);
}
