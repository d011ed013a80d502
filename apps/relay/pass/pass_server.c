/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pass/pass_server.h"

#include "pass/check_call.h"
#include "pass/pass_calls.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "crypt/certificate.h"
#include "service/reply.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define SEND_MS 20000 /* of one call for which no client waits */
#define COUNTED_MAX 1000
#define CODE_SIZE 65

struct pass_server {
    pass_server_options options;
    char *tls_anchor, *tls_list;
    char institution_code[CODE_SIZE]; /* of the relay's own certificate */
    trust *institutions;
    http_server *http;
    bool client_ready;
    pass_context calls;
};

static const char *const names[KEPT_SERVICES] = {[KEPT_PLATFORM] = "platform", [KEPT_HISTORY] = "history"};

/* --- parts -------------------------------------------------------------------------------------------------------- */

static result open_way(pass_server *s, kept_service which, const char *url) {
    const pass_server_options *o = &s->options;
    const service_way_options options = {.name = names[which],
                                         .gate = o->gate,
                                         .client = {.base_url = url,
                                                    .certificate = o->certificate,
                                                    .key = o->key,
                                                    .trust_anchor = s->tls_anchor,
                                                    .trust_crl = s->tls_list,
                                                    .policy = o->http.client_policy,
                                                    .response_max = KEPT_ANSWER_MAX}};
    return service_way_new(&options, &s->calls.ways[which]);
}

static result open_ways(pass_server *s) {
    s->tls_anchor = file_join(s->options.anchors, "tls-ca.pem");
    s->tls_list = file_join(s->options.anchors, "tls-ca.crl");
    result code = s->tls_anchor != NULL && s->tls_list != NULL ? http_client_init(NULL) : RESULT_NO_MEMORY;
    s->client_ready = code == RESULT_OK;
    if (code == RESULT_OK)
        code = open_way(s, KEPT_PLATFORM, s->options.platform_url);
    if (code == RESULT_OK)
        code = open_way(s, KEPT_HISTORY, s->options.history_url);
    return code;
}

static result start_sender(pass_server *s, kept_service which) {
    const keep_sender_options options = {.service = which,
                                         .store = s->calls.store,
                                         .outcomes = s->options.terminals,
                                         .way = s->calls.ways[which],
                                         .institutions = s->institutions,
                                         .patients = s->calls.patients,
                                         .call_ms = SEND_MS,
                                         .spread_s = s->options.spread_s};
    return keep_sender_start(&options, &s->calls.senders[which]);
}

static result read_institution(pass_server *s) {
    certificate *own = NULL;
    result code = certificate_from_file(s->options.certificate, &own);
    if (code == RESULT_OK)
        code = certificate_subject_attribute(own, CERTIFICATE_SERIAL_NUMBER, s->institution_code,
                                             sizeof s->institution_code);
    certificate_free(&own);
    if (code != RESULT_OK)
        log_error("%s names no institution: %s. Check [services] certificate.", s->options.certificate,
                  result_text(code));
    return code;
}

/* Before anything passes; it asks only when all else is there. */
static result open_patients(pass_server *s) {
    extraction_options options = s->options.patients;
    if (options.keep_days == 0)
        return RESULT_OK;
    options.folder = s->options.keep.folder;
    options.institution_code = s->institution_code;
    options.spread_s = s->options.spread_s;
    options.kept = s->calls.store;
    options.platform = (extraction_platform){&s->calls, check_call_may_ask, check_call_ask};
    const result code = read_institution(s);
    return code == RESULT_OK ? extraction_new(&options, &s->calls.patients) : code;
}

static result start_http(pass_server *s) {
    http_server_options http = s->options.http;
    http.client_ca = s->tls_anchor;
    http.client_crl = s->tls_list;
    http.routes = pass_routes;
    http.refuser = reply_refuse;
    http.admitter = pass_admit;
    http.context = &s->calls;
    return http_server_start(&http, &s->http);
}

result pass_server_start(const pass_server_options *options, pass_server **out) {
    pass_server *s = *out = calloc(1, sizeof *s);
    if (s == NULL)
        return RESULT_NO_MEMORY;
    s->options = *options;
    s->calls.wait_ms = options->wait_ms;
    s->calls.terminals = options->terminals;
    result code = trust_follow(options->anchors, "institution-ca", &options->institution_policy, &s->institutions);
    if (code != RESULT_OK)
        log_error("%s/institution-ca.pem: %s. Check [trust] anchors.", options->anchors, result_text(code));
    if (code == RESULT_OK)
        code = open_ways(s);
    if (code == RESULT_OK)
        code = keep_store_open(&options->keep, &s->calls.store);
    if (code == RESULT_OK)
        code = open_patients(s);
    for (size_t i = 0; i < KEPT_SERVICES && code == RESULT_OK; i++)
        code = start_sender(s, (kept_service)i);
    if (code == RESULT_OK && s->calls.patients != NULL)
        code = extraction_start(s->calls.patients);
    if (code == RESULT_OK)
        code = start_http(s);
    if (code != RESULT_OK)
        pass_server_stop(out);
    return code;
}

void pass_server_stop(pass_server **server) {
    pass_server *s = *server;
    if (s == NULL)
        return;
    if (s->http != NULL)
        http_server_stop(&s->http);
    extraction_stop(s->calls.patients); /* its calls use what follows */
    for (size_t i = 0; i < KEPT_SERVICES; i++)
        keep_sender_stop(&s->calls.senders[i]);
    for (size_t i = 0; i < KEPT_SERVICES; i++)
        service_way_free(&s->calls.ways[i]);
    extraction_free(&s->calls.patients);
    keep_store_close(&s->calls.store);
    if (s->client_ready)
        http_client_end();
    trust_free(&s->institutions);
    free(s->tls_anchor);
    free(s->tls_list);
    free(s);
    *server = NULL;
}

uint16_t pass_server_port(const pass_server *server) {
    return http_server_port(server->http);
}

result pass_server_look(pass_server *server) {
    trust_look_after_all(false);
    http_server_look(server->http, false);
    return keep_store_compared(server->calls.store) != KEEP_STORE_ALTERED ? RESULT_OK : RESULT_BAD_SIGNATURE;
}

extraction *pass_server_patients(pass_server *server) {
    return server->calls.patients;
}

/* --- counts ------------------------------------------------------------------------------------------------------- */

void pass_server_tell(pass_server *server, pass_server_counts *out) {
    *out = (pass_server_counts){.strangers = atomic_load(&server->calls.strangers),
                                .compared = keep_store_compared(server->calls.store) == KEEP_STORE_WHOLE};
    for (size_t i = 0; i < KEPT_SERVICES; i++) {
        struct pass_service_counts *one = &out->services[i];
        keep_sender_counts sender;
        keep_sender_tell(server->calls.senders[i], &sender);
        keep_store_tell(server->calls.store, (kept_service)i, &one->store);
        one->up = service_way_is_up(server->calls.ways[i]);
        one->passed = atomic_load(&server->calls.passed[i]);
        one->kept = atomic_load(&server->calls.kept[i]);
        one->sent = sender.sent;
        one->unverified = sender.unverified;
    }
}

void pass_server_tell_terminal(pass_server *server, const char *id, size_t *waiting, size_t *answered) {
    *waiting = keep_store_waiting_of(server->calls.store, id, KEPT_QUEUED, COUNTED_MAX);
    *answered = keep_store_waiting_of(server->calls.store, id, KEPT_ANSWERED, COUNTED_MAX);
}
