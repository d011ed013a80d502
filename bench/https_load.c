/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Many HTTPS clients at once (OpenSSL), for servers side by side.
 *
 *   https_load PORT PKI handshakes|resumed|requests THREADS SECONDS      GET /status on localhost as se-1
 *
 * handshakes: a full TLS 1.3 handshake and one request for each connection. resumed: each connection but a thread's first
 * resumes the session of the one before. requests: one connection for each thread, one request after the other. Prints
 * how many a second. Any answer but 200, and any session that is not resumed, ends the measurement with 1. */
#include "base/clock.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(load.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    SSL *ssl = SSL_new(load.context);
    const bool again = load.resumes && session;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (fd < 0 || !ssl || connect(fd, (struct sockaddr *)&address, sizeof address) != 0 || SSL_set_fd(ssl, fd) != 1 ||
        SSL_set_tlsext_host_name(ssl, "localhost") != 1 || (again && SSL_set_session(ssl, session) != 1) ||
        SSL_connect(ssl) != 1 || (again && !SSL_session_reused(ssl))) {
        SSL_free(ssl);
        close(fd);
        return NULL;
    }
    return ssl;
}

static void close_once(SSL *ssl) {
    int fd = SSL_get_fd(ssl);
    SSL_shutdown(ssl);
    SSL_free(ssl);
    close(fd);
}

/* Reads a whole answer: headers and Content-Length. */
static bool answered(SSL *ssl) {
    char text[4096];
    size_t length = 0;
    if (SSL_write(ssl, ask, sizeof ask - 1) <= 0)
        return false;
    while (length < sizeof text - 1) {
        int more = SSL_read(ssl, text + length, (int)(sizeof text - 1 - length));
        if (more <= 0)
            return false;
        text[length += (size_t)more] = '\0';
        const char *end = strstr(text, "\r\n\r\n"), *field = strcasestr(text, "\r\nContent-Length:");
        if (end && field && length >= (size_t)(end + 4 - text) + strtoul(field + 17, NULL, 10))
            return strncmp(text, "HTTP/1.1 200", 12) == 0;
    }
    return false;
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
            close_once(ssl);
    }
    if (ssl && !load.handshakes)
        close_once(ssl);
    SSL_SESSION_free(session);
    session = NULL;
    return unused;
}

static SSL_CTX *new_context(const char *pki) {
    char path[3][4096];
    static const char *const names[] = {"anchors/tls-ca.pem", "se-1/tls-client.pem", "se-1/tls-client.key"};
    for (size_t i = 0; i < 3; i++)
        snprintf(path[i], sizeof path[i], "%s/%s", pki, names[i]);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_session_cache_mode(context, load.resumes ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL
                                                         : SSL_SESS_CACHE_OFF);
    SSL_CTX_sess_set_new_cb(context, keep_session);
    return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
                   SSL_CTX_load_verify_locations(context, path[0], NULL) == 1 &&
                   SSL_CTX_use_certificate_chain_file(context, path[1]) == 1 &&
                   SSL_CTX_use_PrivateKey_file(context, path[2], SSL_FILETYPE_PEM) == 1
               ? context
               : NULL;
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
