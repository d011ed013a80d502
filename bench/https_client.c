/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "https_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_MAX 65536
#define PATH_SIZE 4096

static bool use_key(SSL_CTX *context, const char *key) {
    char certificate[PATH_SIZE], private_key[PATH_SIZE];
    snprintf(certificate, sizeof certificate, "%s/tls-client.pem", key);
    snprintf(private_key, sizeof private_key, "%s/tls-client.key", key);
    return SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
           SSL_CTX_use_PrivateKey_file(context, private_key, SSL_FILETYPE_PEM) == 1;
}

SSL_CTX *https_context(const char *pki, const char *key) {
    char anchor[PATH_SIZE];
    snprintf(anchor, sizeof anchor, "%s/anchors/tls-ca.pem", pki);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
                   SSL_CTX_load_verify_locations(context, anchor, NULL) == 1 && (key == NULL || use_key(context, key))
               ? context
               : NULL;
}

SSL *https_connect(SSL_CTX *context, uint16_t port, SSL_SESSION *session) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    SSL *ssl = SSL_new(context);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (fd < 0 || !ssl || connect(fd, (struct sockaddr *)&address, sizeof address) != 0 || SSL_set_fd(ssl, fd) != 1 ||
        SSL_set_tlsext_host_name(ssl, "localhost") != 1 || (session && SSL_set_session(ssl, session) != 1) ||
        SSL_connect(ssl) != 1 || (session && !SSL_session_reused(ssl))) {
        SSL_free(ssl);
        close(fd);
        return NULL;
    }
    return ssl;
}

void https_close(SSL *ssl) {
    int fd = SSL_get_fd(ssl);
    SSL_shutdown(ssl);
    SSL_free(ssl);
    close(fd);
}

int https_ask(SSL *ssl, const char *request, size_t length) {
    static _Thread_local char text[ANSWER_MAX];
    size_t got = 0;
    if (SSL_write(ssl, request, (int)length) <= 0)
        return 0;
    while (got < sizeof text - 1) {
        int more = SSL_read(ssl, text + got, (int)(sizeof text - 1 - got));
        if (more <= 0)
            return 0;
        text[got += (size_t)more] = '\0';
        const char *end = strstr(text, "\r\n\r\n"), *field = strcasestr(text, "\r\nContent-Length:");
        if (end && field && got >= (size_t)(end + 4 - text) + strtoul(field + 17, NULL, 10))
            return strncmp(text, "HTTP/1.1 ", 9) == 0 ? atoi(text + 9) : 0;
    }
    return 0;
}
