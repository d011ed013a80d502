/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "main/pass_settings.h"

#include "base/log.h"
#include "service/signer.h"

#define WAIT_S 10
#define PURGE_HOURS 24
#define REQUESTS 100000
#define CONNECTIONS 256
#define REQUEST_MS 60000 /* longer than any service's own time limit */
#define HOUR_S 3600
#define EVERY_MINUTES 60
#define STALE_DAYS 30
#define ENDING_DAYS 14
#define MINUTE_S 60

bool pass_settings_are_given(const configuration *c) {
    return configuration_get(c, "services", "platform") != NULL;
}

static void read_services(const configuration *c, pass_server_options *out, bool *complete) {
    out->platform_url = configuration_need(c, "services", "platform", complete);
    out->history_url = configuration_need(c, "services", "history", complete);
    out->certificate = configuration_need(c, "services", "certificate", complete);
    out->key = configuration_need(c, "services", "key", complete);
    out->anchors = configuration_need(c, "trust", "anchors", complete);
    out->institution_policy = service_revocation_policy(c, "institution-ca", complete);
}

static void read_port(const configuration *c, http_server_options *out, bool *complete) {
    *out = (http_server_options){
        .address = configuration_get(c, "https", "address"),
        .port = (uint16_t)configuration_number(c, "https", "port", 0, 0, 65535, complete),
        .certificate = configuration_need(c, "server", "certificate", complete),
        .key = configuration_need(c, "server", "key", complete),
        .client_policy = service_revocation_policy(c, "tls-ca", complete),
        .connections_max = (unsigned)configuration_number(c, "https", "connections", CONNECTIONS, 2, 100000, complete),
        .request_ms = REQUEST_MS};
    /* All terminals are one institution's: its share is the whole. */
    out->connections_per_institution = out->connections_max;
    configuration_get(c, "https", "port-file");
}

static void read_keep(const configuration *c, pass_server_options *out, bool *complete) {
    out->wait_ms = 1000 * configuration_number(c, "keep", "wait-seconds", WAIT_S, 1, 30, complete);
    out->spread_s = configuration_number(c, "keep", "spread-seconds", PASS_SPREAD_S, 0, 3600, complete);
    out->keep = (keep_store_options){
        .folder = configuration_need(c, "relay", "state", complete),
        .requests_max = configuration_number(c, "keep", "requests", REQUESTS, 20, 100000000, complete),
        .purge_s = HOUR_S * configuration_number(c, "keep", "purge-hours", PURGE_HOURS, 0, 87600, complete)};
}

static void read_rules(const configuration *c, extract_rules *out, bool *complete) {
    const char *words = configuration_get(c, "extract", "rules");
    *out = (extract_rules){
        .enabled = EXTRACT_ALL,
        .stale_days = (int)configuration_number(c, "extract", "stale-days", STALE_DAYS, 1, 3650, complete),
        .ending_days = (int)configuration_number(c, "extract", "ending-days", ENDING_DAYS, 0, 3650, complete)};
    if (words == NULL || extract_reasons_read(words, &out->enabled) == RESULT_OK)
        return;
    log_error("[extract] rules = %s: there is no such rule; uketsuke-relay.conf(5) has the list", words);
    *complete = false;
}

static void read_patients(const configuration *c, extraction_options *out, bool *complete) {
    out->keep_days = configuration_number(c, "extract", "keep-days", 0, 0, 3650, complete);
    out->every_s = MINUTE_S *
                   configuration_number(c, "extract", "every-minutes", EVERY_MINUTES, 0, 7 * 24 * 60, complete);
    read_rules(c, &out->rules, complete);
}

result pass_settings_read(const configuration *c, pass_server_options *out) {
    bool complete = true;
    *out = (pass_server_options){0};
    read_services(c, out, &complete);
    read_port(c, &out->http, &complete);
    read_keep(c, out, &complete);
    read_patients(c, &out->patients, &complete);
    return complete ? RESULT_OK : RESULT_INVALID;
}
