/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "platform.h"

#include "base/clock.h"
#include "base/secret.h"

#include <string.h>

#define DAY_S 86400
#define EXPIRED_CARD_DAYS_MAX 93 /* three months */

static result open_keys(const configuration *c, platform *p) {
    const service_anchor anchors[] = {{"jpki-auth-ca", &p->patients}, {"institution-ca", &p->institutions}};
    result outcome = service_anchors_open(c, anchors, sizeof anchors / sizeof anchors[0]);
    if (outcome == RESULT_OK)
        outcome = service_key_open(c, "platform", "institution-key", &p->institution_key);
    if (outcome == RESULT_OK)
        outcome = service_chain_open(c, "platform", "institution-cvc", &p->institution_cvc);
    if (outcome == RESULT_OK)
        outcome = service_signer_open(c, "platform", "answer-key", "answer-certificate", &p->answers);
    return outcome;
}

result platform_open_store(const configuration *c, platform_store **out) {
    bool complete = true;
    const char *store = configuration_need(c, "platform", "store", &complete);
    sql_pool pool = {0};
    pool.max = (unsigned)configuration_number(c, "platform", "database-connections", 8, 1, SQL_CONNECTIONS_MAX,
                                              &complete);
    pool.share = (unsigned)configuration_number(c, "platform", "database-connections-per-institution", 0, 1,
                                                SQL_CONNECTIONS_MAX, &complete);
    configuration_get(c, "platform", "owner-store"); /* of the command migrate */
    result outcome = complete ? platform_store_open(store, out) : RESULT_INVALID;
    if (outcome == RESULT_OK)
        platform_store_set_connections(*out, pool);
    return outcome;
}

result platform_open(const configuration *c, platform *p) {
    bool complete = true;
    memset(p, 0, sizeof *p);
    p->expired_card_s = (int64_t)configuration_number(c, "platform", "expired-card-days", 0, 0, EXPIRED_CARD_DAYS_MAX,
                                                      &complete) *
                        DAY_S;
    const char *store = configuration_need(c, "platform", "store", &complete);
    result outcome = complete ? open_keys(c, p) : RESULT_INVALID;
    if (outcome == RESULT_OK)
        outcome = admission_open(c, &p->admission);
    if (outcome == RESULT_OK)
        outcome = upkeep_read(c, &p->refused);
    if (outcome == RESULT_OK)
        outcome = platform_open_store(c, &p->store);
    if (outcome == RESULT_OK)
        platform_store_keep_refusals(p->store, p->refused.kept);
    if (outcome == RESULT_OK)
        outcome = link_key_open(c, store, p->store, p->link_key);
    if (outcome == RESULT_OK)
        outcome = check_session_key(p->link_key, p->session_key);
    return outcome == RESULT_OK
               ? registrar_open(c, platform_store_terminals(p->store), p->institutions, &p->answers, &p->registrar)
               : outcome;
}

void platform_upkeep(void *context) {
    const platform *p = context;
    platform_store_sweep(p->store, clock_wall_s() - p->refused.days * DAY_S);
}

void platform_look(void *context) {
    const platform *p = context;
    if (!platform_store_accepts(p->store))
        platform_store_probe(p->store);
}

void platform_close(platform *p) {
    if (p->store)
        platform_store_close(&p->store);
    trust_free(&p->patients);
    trust_free(&p->institutions);
    cms_key_free(&p->institution_key);
    service_signer_close(&p->answers);
    admission_close(&p->admission);
    secret_wipe(p->link_key, sizeof p->link_key);
    secret_wipe(p->session_key, sizeof p->session_key);
}
