/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* TLS clients with a certificate of nobody's whose RSA key is of any size: the server that verifies their CertificateVerify
 * before it looks who they are computes for a long time.
 *
 *   monstrous-client PORT BITS COUNT       one after the other; prints how many handshakes the server ended */
#include "monstrous_key.h"

#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <signal.h>
#include <unistd.h>

/* Whether the server ended it; its word comes with the first thing read (TLS 1.3). */
static int try_once(SSL_CTX *context, uint16_t port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    static const char ask[] = "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n";
    char answer[64];
    const struct timeval call_timeout = {5, 0}; /* then it is computing */
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    SSL *ssl = SSL_new(context);
    NEED(fd >= 0 && ssl && connect(fd, (struct sockaddr *)&to, sizeof to) == 0 && SSL_set_fd(ssl, fd) == 1);
    NEED(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &call_timeout, sizeof call_timeout) == 0);
    SSL_set_tlsext_host_name(ssl, "localhost");
    int ended = 1;
    if (SSL_connect(ssl) == 1) {
        SSL_write(ssl, ask, sizeof ask - 1);
        const int got = SSL_read(ssl, answer, sizeof answer), why = SSL_get_error(ssl, got);
        ended = got <= 0 && why != SSL_ERROR_WANT_READ;
    }
    SSL_free(ssl);
    close(fd);
    return ended;
}

int main(int argc, char **argv) {
    if (argc < 4)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    EVP_PKEY *key = monstrous_key(atoi(argv[2]));
    X509 *certificate = monstrous_certificate(key);
    NEED(context && SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1);
    SSL_CTX_set_security_level(context, 0);
    NEED(SSL_CTX_use_certificate(context, certificate) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1);
    int ended = 0;
    for (int n = atoi(argv[3]); n > 0; n--)
        ended += try_once(context, (uint16_t)atoi(argv[1]));
    printf("%d\n", ended);
    X509_free(certificate);
    EVP_PKEY_free(key);
    SSL_CTX_free(context);
    return 0;
}
