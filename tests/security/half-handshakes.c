/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Many connections that begin a handshake and say no more, from many addresses of the loopback network, and come again as
 * soon as they are cut: an attacker without a certificate. Until it is ended by a signal.
 *
 *   half-handshakes PORT CONNECTIONS ADDRESSES      from 127.0.1.1, 127.0.1.2 ...; prints "ready" when all were made once */
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1000
#define HELLO_MAX 2048
#define PAUSE_MS 20

static struct {
    uint16_t port;
    size_t count, addresses;
    uint8_t hello[HELLO_MAX];
    int hello_length;
    struct pollfd all[CONNECTIONS_MAX];
    bool said[CONNECTIONS_MAX];
} attack;

/* A ClientHello as every client sends it. */
static bool make_hello(void) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(context);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl, in, out);
    SSL_set_tlsext_host_name(ssl, "localhost");
    SSL_connect(ssl);
    attack.hello_length = BIO_read(out, attack.hello, sizeof attack.hello);
    SSL_free(ssl);
    SSL_CTX_free(context);
    return attack.hello_length > 0;
}

static int open_one(size_t number) {
    struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons(attack.port)};
    from.sin_addr.s_addr = htonl(0x7F000101 + (uint32_t)(number % attack.addresses)); /* 127.0.1.1 */
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof from) != 0 ||
        (connect(fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Connected: say hello once. Cut: come again. */
static void look(size_t number) {
    struct pollfd *one = &attack.all[number];
    uint8_t sink[8192];
    if (one->fd >= 0 && !attack.said[number] && (one->revents & POLLOUT)) {
        attack.said[number] = write(one->fd, attack.hello, (size_t)attack.hello_length) == attack.hello_length;
        one->events = POLLIN;
    }
    const bool readable = one->fd >= 0 && (one->revents & (POLLIN | POLLHUP | POLLERR));
    const ssize_t got = readable ? read(one->fd, sink, sizeof sink) : 1;
    if (one->fd >= 0 && (got > 0 || (got < 0 && errno == EAGAIN)))
        return;
    if (one->fd >= 0)
        close(one->fd);
    *one = (struct pollfd){.fd = open_one(number), .events = POLLIN | POLLOUT};
    attack.said[number] = false;
}

int main(int argc, char **argv) {
    if (argc < 4)
        return 2;
    attack.port = (uint16_t)strtoul(argv[1], NULL, 10);
    attack.count = strtoul(argv[2], NULL, 10);
    attack.addresses = strtoul(argv[3], NULL, 10);
    if (attack.count < 1 || attack.count > CONNECTIONS_MAX || attack.addresses < 1 || !make_hello())
        return 2;
    for (size_t i = 0; i < attack.count; i++)
        attack.all[i] = (struct pollfd){.fd = open_one(i), .events = POLLIN | POLLOUT};
    puts("ready");
    fflush(stdout);
    for (;;) {
        const struct timespec pause = {0, PAUSE_MS * 1000000L};
        poll(attack.all, attack.count, PAUSE_MS);
        for (size_t i = 0; i < attack.count; i++)
            look(i);
        nanosleep(&pause, NULL);
    }
}
