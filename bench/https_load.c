/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Many HTTPS clients at once (OpenSSL), for servers side by side.
 *
 *   https_load PORT PKI handshakes|resumed|requests THREADS SECONDS      GET /status on localhost as se-1
 *
 * handshakes: a full TLS 1.3 handshake and one request for each connection. resumed: each connection but a thread's first
 * resumes the session of the one before. requests: one connection for each thread, one request after the other. Prints
 * how many a second. Any answer but 200, and any session that is not resumed, ends the measurement with 1. */
#include "https_client.h"

#include "base/clock.h"

#include <openssl/err.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS_MAX 64

static struct {
    uint16_t port;
    SSL_CTX *context;
    bool handshakes, resumes;
    int64_t until_ms;
    _Atomic long done, failed;
} load;

static const char ask[] = "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n";

/* The thread's last one. Tickets come with the first answer (RFC 8446 4.6.1). */
static _Thread_local SSL_SESSION *session;

static int keep_session(SSL *ssl, SSL_SESSION *newer) {
    (void)ssl;
    SSL_SESSION_free(session);
    session = newer;
    return 1;
}

static SSL *connect_once(void) {
    return https_connect(load.context, load.port, load.resumes ? session : NULL);
}

static bool answered(SSL *ssl) {
    return https_ask(ssl, ask, sizeof ask - 1) == 200;
}

static void *run(void *unused) {
    SSL *ssl = load.handshakes ? NULL : connect_once();
    while (clock_monotonic_ms() < load.until_ms) {
        if (load.handshakes)
            ssl = connect_once();
        if (!ssl || !answered(ssl)) {
            load.failed++;
            break;
        }
        load.done++;
        if (load.handshakes)
            https_close(ssl);
    }
    if (ssl && !load.handshakes)
        https_close(ssl);
    SSL_SESSION_free(session);
    session = NULL;
    return unused;
}

static SSL_CTX *new_context(const char *pki) {
    char key[4096];
    snprintf(key, sizeof key, "%s/se-1", pki);
    SSL_CTX *context = https_context(pki, key);
    if (context == NULL)
        return NULL;
    SSL_CTX_set_session_cache_mode(context, load.resumes ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL
                                                         : SSL_SESS_CACHE_OFF);
    SSL_CTX_sess_set_new_cb(context, keep_session);
    return context;
}

int main(int argc, char **argv) {
    pthread_t threads[THREADS_MAX];
    if (argc < 6)
        return 2;
    load.port = (uint16_t)strtoul(argv[1], NULL, 10);
    load.resumes = strcmp(argv[3], "resumed") == 0;
    load.handshakes = load.resumes || strcmp(argv[3], "handshakes") == 0;
    size_t count = strtoul(argv[4], NULL, 10);
    int64_t milliseconds = (int64_t)(strtod(argv[5], NULL) * 1000), begin = clock_monotonic_ms();
    load.context = new_context(argv[2]);
    if (!load.context || count < 1 || count > THREADS_MAX) {
        ERR_print_errors_fp(stderr);
        return 2;
    }
    load.until_ms = begin + milliseconds;
    for (size_t i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, run, NULL) != 0)
            return 1;
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    printf("%.0f\n", (double)load.done * 1000 / (double)(clock_monotonic_ms() - begin));
    SSL_CTX_free(load.context);
    return load.failed ? 1 : 0;
}
