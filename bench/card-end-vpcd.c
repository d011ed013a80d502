/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* vpcd's protocol, as its manual describes it: length (2 bytes, big endian) and body. A body of one byte is a control
 * (00 off, 01 on, 02 reset: no answer; 04: the ATR is asked for), anything longer a command APDU. A card that is out is
 * a connection that is closed. */
#include "card-end.h"

#include "iso7816/apdu.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONTROL_ASK_ATR 4
#define BODY_MAX 65535

static card *echo;
static in_port_t port;
static bool quick;
static int fd = -1;
static pthread_t server;

/* The kernel takes the option back by itself, so it is set before each read. */
static bool receive(uint8_t *data, size_t length) {
    size_t at = 0;
    while (at < length) {
        if (quick)
            setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &(int){1}, sizeof(int));
        ssize_t got = recv(fd, data + at, length - at, 0);
        if (got <= 0)
            return false;
        at += (size_t)got;
    }
    return true;
}

static bool answer(bytes body) {
    buffer raw = BUFFER_INIT(BODY_MAX + 2);
    buffer_append_u16(&raw, (uint16_t)body.length);
    buffer_append(&raw, body);
    bool sent = raw.failed == RESULT_OK && send(fd, raw.data, raw.length, MSG_NOSIGNAL) == (ssize_t)raw.length;
    buffer_wipe(&raw);
    return sent;
}

static bool serve(bytes body) {
    buffer response = BUFFER_INIT(APDU_RESPONSE_MAX);
    bool good = true;
    if (body.length > 1) {
        echo_card_personality.transmit(echo, body, &response);
        good = answer(buffer_bytes(&response));
    } else if (body.length == 1 && body.data[0] == CONTROL_ASK_ATR)
        good = answer(echo_card_personality.answer_to_reset(echo));
    buffer_wipe(&response);
    return good;
}

static void *run(void *nothing) {
    static uint8_t body[BODY_MAX];
    uint8_t head[2];
    while (receive(head, sizeof head)) {
        size_t length = (size_t)head[0] << 8 | head[1];
        if (!receive(body, length) || !serve(bytes_of(body, length)))
            break;
    }
    return nothing;
}

static bool start(const char *address, card *c) {
    unsigned long number = strtoul(address, NULL, 10);
    echo = c;
    port = htons((uint16_t)number);
    return number > 0 && number <= 65535;
}

static bool start_quickack(const char *address, card *c) {
    quick = true;
    return start(address, c);
}

/* vpcd listens from the time pcscd has opened the reader, and takes one connection. */
static void put_in(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = port, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    for (int i = 0; i < 500 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0; i++)
        usleep(10000);
    pthread_create(&server, NULL, run, NULL);
}

static void take_out(void) {
    shutdown(fd, SHUT_RDWR);
    pthread_join(server, NULL);
    close(fd);
}

const card_end_kind card_end_vpcd = {"vpcd", start, put_in, take_out};
const card_end_kind card_end_vpcd_quickack = {"vpcd-quickack", start_quickack, put_in, take_out};
