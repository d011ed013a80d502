/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "main/relay_serve.h"

#include "main/extract_control.h"
#include "main/gate_settings.h"
#include "main/pass_settings.h"
#include "main/relay_control.h"
#include "main/relay_metrics.h"
#include "main/relay_page.h"
#include "main/relay_status.h"

#include "base/file.h"
#include "base/log.h"
#include "base/ready_notice.h"
#include "net/http_page.h"
#include "net/http_profile.h"
#include "service/signer.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TURN_MS 250
#define CONNECTIONS 256
#define PER_TERMINAL 16
#define IDLE_S 3600
/* of threads: glibc's default is eight for each processor, and each heap keeps the memory of its largest handshake */
#define HEAPS 2

typedef struct running {
    relay_service *service;
    http_page *page;     /* metrics; NULL: none */
    char *anchor, *list; /* tls-ca.pem and tls-ca.crl in the folder of anchors */
    _Atomic bool ending;
} running;

/* --- what a command asks ------------------------------------------------------------------------------------------ */

static result answer_status(void *context, bytes argument, buffer *answer) {
    (void)argument;
    buffer_append_text(answer, "ok\n");
    return relay_status_write(context, answer);
}

static result answer_unlock(void *context, bytes argument, buffer *answer) {
    const relay_service *service = context;
    relay_se_status now;
    const result code = relay_se_unlock(service->se, argument);
    relay_se_tell(service->se, &now);
    if (code == RESULT_OK)
        log_notice("a person has unlocked the SE with its PIN");
    return buffer_append_format(answer, "%s\n",
                                code == RESULT_OK || code == RESULT_EXISTS ? "ok"
                                : code == RESULT_DENIED                    ? "se-pin"
                                                                           : now.reason);
}

static const relay_control_line lines[] = {{"status", answer_status},
                                           {"unlock", answer_unlock},
                                           {EXTRACT_LIST_LINE, extract_control_list},
                                           {EXTRACT_QUERY_LINE, extract_control_query},
                                           {NULL, NULL}};

static result show_metrics(void *context, const char *parameter, buffer *page) {
    (void)parameter;
    return relay_metrics_write(context, page);
}

static result show_page(void *context, const char *parameter, buffer *page) {
    (void)parameter;
    return relay_page_write(context, page);
}

static result show_health(void *context, const char *parameter, buffer *page) {
    (void)parameter;
    return relay_health_write(context, page);
}

static const http_page_path pages[] = {{"/", HTTP_PAGE_HTML, NULL, show_page},
                                       {"/metrics", "text/plain; version=0.0.4; charset=utf-8", NULL, show_metrics},
                                       {"/health", "text/plain; charset=utf-8", NULL, show_health},
                                       {NULL, NULL, NULL, NULL}};

/* --- the port ----------------------------------------------------------------------------------------------------- */

static result read_port(running *r, frame_server_options *out) {
    const configuration *c = r->service->configuration;
    bool complete = true;
    const char *anchors = configuration_need(c, "trust", "anchors", &complete);
    *out = (frame_server_options){
        .tls = {.address = configuration_get(c, "server", "address"),
                .port = (uint16_t)configuration_number(c, "server", "port", 0, 0, 65535, &complete),
                .certificate = configuration_need(c, "server", "certificate", &complete),
                .key = configuration_need(c, "server", "key", &complete),
                .client_policy = service_revocation_policy(c, "tls-ca", &complete),
                .connections_max = (unsigned)configuration_number(c, "limits", "connections", CONNECTIONS, 2, 100000,
                                                                  &complete),
                .connections_per_address_max = (unsigned)configuration_number(c, "limits", "connections-per-terminal",
                                                                              PER_TERMINAL, 1, 1000, &complete)},
        .desk = &r->service->desk,
        .idle_ms = 1000 * (unsigned)configuration_number(c, "server", "idle-seconds", IDLE_S, 1, 86400, &complete)};
    configuration_get(c, "server", "port-file");
    if (!complete)
        return RESULT_INVALID;
    r->anchor = file_join(anchors, "tls-ca.pem");
    r->list = file_join(anchors, "tls-ca.crl");
    out->tls.client_ca = r->anchor;
    out->tls.client_crl = r->list;
    return r->anchor != NULL && r->list != NULL ? RESULT_OK : RESULT_NO_MEMORY;
}

static result announce_port(const relay_service *s, const char *section, uint16_t port) {
    const char *path = configuration_get(s->configuration, section, "port-file");
    char text[8];
    const int length = snprintf(text, sizeof text, "%u\n", port);
    printf("listening on %u\n", port);
    fflush(stdout);
    const result code = path != NULL ? file_replace(path, bytes_of(text, (size_t)length), 0644) : RESULT_OK;
    if (code != RESULT_OK)
        log_error("%s cannot be written: %s. Check [%s] port-file.", path, result_text(code), section);
    return code;
}

static result announce(const relay_service *s) {
    const result code = s->pass != NULL ? announce_port(s, "https", pass_server_port(s->pass)) : RESULT_OK;
    return code == RESULT_OK ? announce_port(s, "server", frame_server_port(s->frames)) : code;
}

/* --- the loop ----------------------------------------------------------------------------------------------------- */

/* The supervision of the SE has a thread of its own, so that the loop notices when it hangs. */
static void *watch_se(void *context) {
    running *r = context;
    const struct timespec pause = {.tv_nsec = TURN_MS * 1000000L};
    while (!atomic_load(&r->ending)) {
        relay_se_turn(r->service->se);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static sigset_t awaited(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

static result stay(relay_service *s, relay_control *control) {
    const sigset_t set = awaited();
    const struct timespec pause = {.tv_nsec = TURN_MS * 1000000L};
    for (;;) {
        if (sigtimedwait(&set, NULL, &pause) > 0)
            return RESULT_OK;
        if (relay_se_is_stuck(s->se)) {
            log_error("the SE, its reader or its driver does not answer: the relay ends, to be started again");
            return RESULT_TIMEOUT;
        }
        frame_server_look(s->frames);
        if (s->pass != NULL && pass_server_look(s->pass) != RESULT_OK)
            return RESULT_BAD_SIGNATURE;
        relay_control_turn(control);
        ready_notice("WATCHDOG=1");
    }
}

static result open_page(running *r) {
    const char *where = configuration_get(r->service->configuration, "relay", "metrics");
    return where != NULL ? http_page_start(where, pages, r->service, &r->page) : RESULT_OK;
}

/* The gate stands before anything can leave. */
static result open_services(relay_service *s, pass_server_options *pass, const connection_gate_options *gate) {
    const result code = gate != NULL ? connection_gate_start(gate, &s->gate) : RESULT_OK;
    pass->terminals = s->store;
    pass->gate = s->gate;
    return code == RESULT_OK ? pass_server_start(pass, &s->pass) : code;
}

static result open_ports(running *r, const frame_server_options *options, pass_server_options *pass,
                         const connection_gate_options *gate) {
    relay_service *s = r->service;
    result code = pass != NULL ? open_services(s, pass, gate) : RESULT_OK;
    if (code == RESULT_OK)
        code = frame_server_start(options, &s->frames);
    return code == RESULT_OK ? open_page(r) : code;
}

static result begin(running *r, relay_control **control, pthread_t *watcher) {
    relay_service *s = r->service;
    frame_server_options options;
    pass_server_options pass;
    connection_gate_options gate;
    const bool passes = pass_settings_are_given(s->configuration);
    const bool gated = passes && gate_settings_are_given(s->configuration);
    result code = read_port(r, &options);
    if (code == RESULT_OK && passes)
        code = pass_settings_read(s->configuration, &pass);
    if (code == RESULT_OK && gated)
        code = gate_settings_read(s->configuration, &gate);
    configuration_get(s->configuration, "relay", "metrics");
    if (code == RESULT_OK && !configuration_all_asked(s->configuration))
        code = RESULT_INVALID;
    if (code == RESULT_OK)
        code = open_ports(r, &options, passes ? &pass : NULL, gated ? &gate : NULL);
    if (code == RESULT_OK)
        code = relay_control_start(s->control, lines, s, control);
    if (code == RESULT_OK)
        code = pthread_create(watcher, NULL, watch_se, r) == 0 ? RESULT_OK : RESULT_NO_MEMORY;
    return code;
}

static result run(running *r) {
    relay_control *control = NULL;
    pthread_t watcher;
    result code = begin(r, &control, &watcher);
    if (code == RESULT_OK) {
        code = announce(r->service);
        if (code == RESULT_OK) {
            ready_notice("READY=1");
            code = stay(r->service, control);
            ready_notice("STOPPING=1");
        }
        if (code == RESULT_TIMEOUT)
            _exit(EXIT_FAILURE);
        atomic_store(&r->ending, true);
        pthread_join(watcher, NULL);
    }
    relay_control_stop(&control);
    if (r->page != NULL)
        http_page_stop(&r->page);
    pass_server_stop(&r->service->pass);
    connection_gate_stop(&r->service->gate);
    frame_server_stop(&r->service->frames);
    return code;
}

result relay_serve(relay_service *service) {
    running r = {.service = service};
    const sigset_t set = awaited();
    http_profile_keep_secrets();
    mallopt(M_ARENA_MAX, HEAPS);
    sigprocmask(SIG_BLOCK, &set, NULL); /* before any thread is made */
    signal(SIGPIPE, SIG_IGN);
    const result code = run(&r);
    free(r.anchor);
    free(r.list);
    return code;
}
