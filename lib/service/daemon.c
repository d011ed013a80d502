/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/daemon.h"

#include "base/file.h"
#include "base/log.h"
#include "base/ready_notice.h"
#include "crypt/trust.h"
#include "service/reply.h"
#include "service/service_route.h"
#include "service/signer.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEBIBYTE ((size_t)1024 * 1024)
#define END_S 4 /* from the signal to the forced end: with the process's own end at most five seconds */

#define LOOK_S 1 /* within this time new trust anchors and revocation lists are noticed */

static sigset_t awaited_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    return set;
}

void daemon_block_signals(void) {
    sigset_t set = awaited_signals();
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Standard output for people, the file for programs: it appears only when the port answers. */
static result announce(uint16_t port, const char *port_file) {
    char text[8];
    int length = snprintf(text, sizeof text, "%u\n", port);
    printf("listening on %u\n", port);
    fflush(stdout);
    result outcome = port_file ? file_replace(port_file, bytes_of(text, (size_t)length), 0644) : RESULT_OK;
    if (outcome != RESULT_OK)
        log_error("%s cannot be written: %s. Check [server] port-file.", port_file, result_text(outcome));
    return outcome;
}

static bool read_options(const configuration *c, http_server_options *options) {
    bool complete = true;
    const char *older = configuration_get(c, "server", "allow-tls-1.2");
    options->address = configuration_get(c, "server", "address");
    options->port = (uint16_t)configuration_number(c, "server", "port", 0, 0, 65535, &complete);
    options->certificate = configuration_need(c, "server", "certificate", &complete);
    options->key = configuration_need(c, "server", "key", &complete);
    options->allow_tls_1_2 = older && strcmp(older, "yes") == 0;
    options->connections_max = (unsigned)configuration_number(c, "server", "connections", 0, 1, 100000, &complete);
    options->connections_per_address_max = (unsigned)configuration_number(c, "server", "connections-per-address", 0, 1,
                                                                          100000, &complete);
    options->request_ms = 1000 * (unsigned)configuration_number(c, "server", "request-seconds", 30, 1, 3600, &complete);
    options->handshake_ms = 1000 *
                            (unsigned)configuration_number(c, "server", "handshake-seconds", 10, 1, 3600, &complete);
    options->handshakes_per_second = (unsigned)configuration_number(c, "server", "handshakes-per-second", 100, 0,
                                                                    1000000, &complete);
    options->connections_per_institution = (unsigned)configuration_number(c, "server", "connections-per-institution", 0,
                                                                          1, 100000, &complete);
    options->bodies_max = (size_t)configuration_number(c, "server", "bodies-mebibytes", 0, 8, 65536, &complete) *
                          MEBIBYTE;
    options->bodies_per_institution = (size_t)configuration_number(c, "server", "bodies-per-institution-mebibytes", 0,
                                                                   4, 65536, &complete) *
                                      MEBIBYTE;
    options->balancers = configuration_get(c, "server", "balancers");
    options->ticket_key = configuration_get(c, "server", "ticket-key");
    options->idle_ms = 1000 * (unsigned)configuration_number(c, "server", "idle-seconds", 60, 1, 3600, &complete);
    return complete;
}

/* A hanging database call or long computation must not delay the end of the service. Nothing is lost: answered requests
 * are in the store, others are sent again. */
static void *end_by_force(void *unused) {
    sleep(END_S);
    log_warning("ending: requests in progress are aborted; their senders will repeat them");
    _exit(EXIT_SUCCESS);
    return unused;
}

static void end_in_time(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, end_by_force, NULL) == 0)
        pthread_detach(thread);
}

/* Returns when a signal ends the service. SIGHUP: reads certificates and lists again. */
static int stay(http_server *server) {
    const sigset_t set = awaited_signals();
    const struct timespec pause = {.tv_sec = LOOK_S};
    for (;;) {
        const int number = sigtimedwait(&set, NULL, &pause);
        if (number == SIGINT || number == SIGTERM)
            return number;
        if (number == SIGHUP)
            log_notice("reading trust anchors, revocation lists and the TLS certificate again");
        trust_look_after_all(number == SIGHUP);
        http_server_look(server, number == SIGHUP);
    }
}

static result serve(const configuration *c, http_server_options *options) {
    http_server *server = NULL;
    result outcome = http_server_start(options, &server);
    if (outcome != RESULT_OK)
        return outcome;
    outcome = announce(http_server_port(server), configuration_get(c, "server", "port-file"));
    if (outcome == RESULT_OK) {
        ready_notice("READY=1");
        log_notice("ending: %s", strsignal(stay(server)));
        ready_notice("STOPPING=1");
        end_in_time();
    }
    http_server_stop(&server);
    return outcome;
}

result daemon_serve(const configuration *c, const http_route *routes, admission *admitter, void *service) {
    service_route_context context = {admitter, service};
    http_server_options options = {.routes = routes,
                                   .refuser = reply_refuse,
                                   .admitter = service_route_admit,
                                   .runner = service_route_run,
                                   .context = &context};
    bool complete = read_options(c, &options);
    const char *anchors = configuration_need(c, "trust", "anchors", &complete);
    options.client_policy = service_revocation_policy(c, "tls-ca", &complete);
    configuration_get(c, "server", "port-file");
    if (!configuration_all_asked(c) || !complete)
        return RESULT_INVALID;
    char *ca = file_join(anchors, "tls-ca.pem"), *crl = file_join(anchors, "tls-ca.crl");
    options.client_ca = ca;
    options.client_crl = crl;
    result outcome = ca && crl ? serve(c, &options) : RESULT_NO_MEMORY;
    free(ca);
    free(crl);
    return outcome;
}
