/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "main/pass_settings.h"

#include "service/signer.h"

#define WAIT_S 10
#define SPREAD_S 20
#define PURGE_HOURS 24
#define REQUESTS 100000
#define CONNECTIONS 256
#define REQUEST_MS 60000 /* a service has its time in it */
#define HOUR_S 3600

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
    out->spread_s = configuration_number(c, "keep", "spread-seconds", SPREAD_S, 0, 3600, complete);
    out->keep = (keep_store_options){
        .folder = configuration_need(c, "relay", "state", complete),
        .requests_max = configuration_number(c, "keep", "requests", REQUESTS, 20, 100000000, complete),
        .purge_s = HOUR_S * configuration_number(c, "keep", "purge-hours", PURGE_HOURS, 0, 87600, complete)};
}

result pass_settings_read(const configuration *c, pass_server_options *out) {
    bool complete = true;
    *out = (pass_server_options){0};
    read_services(c, out, &complete);
    read_port(c, &out->http, &complete);
    read_keep(c, out, &complete);
    return complete ? RESULT_OK : RESULT_INVALID;
}
