/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A backend that misbehaves in one chosen way, for tests: hostile-backend SOCKET WAY. Connects once, does its worst,
 * then waits to be disconnected (prints "dropped", status 0) or gives up after 20 s ("kept", status 1). */
#include "base/clock.h"
#include "cardlink/stream.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define GENERATION 7
#define TIMEOUT_MS 20000

static const uint8_t atr[] = {0x3B, 0x88, 0x80, 0x01, 0x1C, 0x2D, 0x94, 0x11, 0xF7, 0x71, 0x85, 0x00, 0xBE};
static int fd;
static uint32_t current = GENERATION; /* of the card that is in */

static bool send_raw(const void *data, size_t length) {
    return send(fd, data, length, MSG_NOSIGNAL) == (ssize_t)length;
}

static bool send_frame(cardlink_type type, uint32_t generation, bytes payload) {
    buffer raw = BUFFER_INIT(CARDLINK_STREAM_MAX);
    bool sent = cardlink_frame_build(&(cardlink_frame){type, generation, payload}, &raw) == RESULT_OK &&
                send_raw(raw.data, raw.length);
    buffer_wipe(&raw);
    return sent;
}

static void send_header(uint32_t length, uint8_t type, uint8_t reserved, uint32_t generation) {
    buffer raw = BUFFER_INIT(CARDLINK_HEADER_LENGTH);
    buffer_append_u32(&raw, length);
    buffer_append_u32(&raw, (uint32_t)type << 24 | (uint32_t)reserved << 16);
    buffer_append_u32(&raw, generation);
    send_raw(raw.data, raw.length);
    buffer_wipe(&raw);
}

static void hello(uint16_t version) {
    buffer raw = BUFFER_INIT(64);
    cardlink_hello_build(version, &raw);
    send_raw(raw.data, raw.length);
    buffer_wipe(&raw);
}

static void card_in(void) {
    hello(CARDLINK_VERSION);
    send_frame(CARDLINK_CARD_IN, GENERATION, BYTES(atr));
}

/* Answers power-up like an honest backend, then leaves the first TRANSMIT to the caller. False: dropped before, or none
 * within that time. A request for a card that is gone is dropped (docs/interfaces/cardlink.md, Order 3). */
static bool serve_for(int64_t timeout_ms) {
    static cardlink_stream stream; /* stays open: what it has read ahead counts */
    static bool opened;
    cardlink_frame frame;
    int64_t deadline = clock_monotonic_ms() + timeout_ms;
    if (!opened && cardlink_stream_open(&stream, dup(fd)) != RESULT_OK)
        return false;
    opened = true;
    while (cardlink_stream_receive(&stream, &frame, deadline) == RESULT_OK) {
        if (frame.generation != current)
            continue;
        if (frame.type == CARDLINK_TRANSMIT)
            return true;
        bool powers = frame.type == CARDLINK_POWER_UP || frame.type == CARDLINK_RESET;
        send_frame(CARDLINK_ANSWER(frame.type), current, powers ? BYTES(atr) : (bytes){NULL, 0});
    }
    return false;
}

static bool serve_until_transmit(void) {
    return serve_for(TIMEOUT_MS);
}

static void be_of_another_version(void) {
    hello(CARDLINK_VERSION + 1);
}
static void talk_http(void) {
    send_raw("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 37);
}
static void say_nothing(void) {
}
static void skip_hello(void) {
    send_frame(CARDLINK_CARD_IN, GENERATION, BYTES(atr));
}
static void claim_four_gigabytes(void) {
    hello(CARDLINK_VERSION);
    send_header(0xFFFFFFFF, CARDLINK_CARD_IN, 0, GENERATION);
}
static void give_long_atr(void) {
    uint8_t junk[34] = {0x3B};
    hello(CARDLINK_VERSION);
    send_header(sizeof junk, CARDLINK_CARD_IN, 0, GENERATION);
    send_raw(junk, sizeof junk);
}
static void use_reserved(void) {
    hello(CARDLINK_VERSION);
    send_header(0, CARDLINK_CARD_OUT, 1, GENERATION);
}
static void stop_in_a_frame(void) {
    hello(CARDLINK_VERSION);
    send_header(sizeof atr, CARDLINK_CARD_IN, 0, GENERATION);
    send_raw(atr, 5);
}
static void answer_unasked(void) {
    card_in();
    send_frame(CARDLINK_RESPONSE, GENERATION, BYTES(atr));
}
static void command_the_handler(void) {
    card_in();
    send_frame(CARDLINK_TRANSMIT, GENERATION, BYTES(atr));
}
static void repeat_generation(void) {
    card_in();
    send_frame(CARDLINK_CARD_OUT, GENERATION, (bytes){NULL, 0});
    send_frame(CARDLINK_CARD_IN, GENERATION, BYTES(atr));
}
static void ignore_power(void) {
    card_in();
}
static void stall(void) {
    card_in();
    serve_until_transmit();
}
static void answer_for_another_card(void) {
    card_in();
    if (serve_until_transmit())
        send_frame(CARDLINK_RESPONSE, GENERATION + 1, BYTES(atr));
}
static void answer_another_question(void) {
    card_in();
    if (serve_until_transmit())
        send_frame(CARDLINK_RESET_DONE, GENERATION, BYTES(atr));
}
static void lie_about_length(void) {
    card_in();
    if (serve_until_transmit())
        send_header(CARDLINK_RESPONSE_MAX + 1, CARDLINK_RESPONSE, 0, GENERATION);
}
static void answer_in_part(void) {
    uint8_t part[100] = {0};
    card_in();
    if (!serve_until_transmit())
        return;
    send_header(60000, CARDLINK_RESPONSE, 0, GENERATION);
    send_raw(part, sizeof part);
}

static void stop_in_a_header(void) {
    hello(CARDLINK_VERSION);
    send_raw((uint8_t[]){0, 0, 0, 13, CARDLINK_CARD_IN}, 5);
}
static void use_no_generation(void) {
    hello(CARDLINK_VERSION);
    send_header(sizeof atr, CARDLINK_CARD_IN, 0, 0);
    send_raw(atr, sizeof atr);
}
static void remove_another_card(void) {
    card_in();
    send_frame(CARDLINK_CARD_OUT, GENERATION + 1, (bytes){NULL, 0});
}
static void greet_again(void) {
    card_in();
    hello(CARDLINK_VERSION);
}
/* As fast as the handler reads. */
static void flood(void) {
    hello(CARDLINK_VERSION);
    while (send_frame(CARDLINK_CARD_IN, ++current, BYTES(atr)))
        ;
}
/* A byte now and then, so that something always seems to come. */
static void drip(void) {
    card_in();
    if (!serve_until_transmit())
        return;
    send_header(200, CARDLINK_RESPONSE, 0, GENERATION);
    for (int i = 0; i < 40 && send_raw(atr, 1); i++)
        usleep(200000);
}
static void hang_up(void) {
    card_in();
    if (!serve_until_transmit())
        return;
    send_header(200, CARDLINK_RESPONSE, 0, GENERATION);
    shutdown(fd, SHUT_RDWR);
}
/* An honest one whose card has a bad contact: 500 times in and out in a second or two, then it stays, and answers. */
static void rattle(void) {
    hello(CARDLINK_VERSION);
    for (int i = 0; i < 500; i++) {
        send_frame(CARDLINK_CARD_IN, ++current, BYTES(atr));
        if (serve_for(2))
            send_frame(CARDLINK_RESPONSE, current, BYTES(atr));
        send_frame(CARDLINK_CARD_OUT, current, (bytes){NULL, 0});
    }
    send_frame(CARDLINK_CARD_IN, ++current, BYTES(atr));
    puts("at rest");
    fflush(stdout);
    while (serve_until_transmit())
        send_frame(CARDLINK_RESPONSE, current, BYTES(atr));
}

static const struct way {
    const char *name;
    void (*run)(void);
    /* clang-format off */
} ways[] = {
    {"version", be_of_another_version}, {"http", talk_http},
    {"silent", say_nothing},            {"no-hello", skip_hello},
    {"huge", claim_four_gigabytes},     {"long-atr", give_long_atr},
    {"reserved", use_reserved},         {"half-frame", stop_in_a_frame},
    {"unasked", answer_unasked},        {"command", command_the_handler},
    {"same-generation", repeat_generation}, {"no-power", ignore_power},
    {"stall", stall},                   {"other-card", answer_for_another_card},
    {"other-answer", answer_another_question}, {"long-answer", lie_about_length},
    {"part-answer", answer_in_part},    {"half-header", stop_in_a_header},
    {"no-generation", use_no_generation}, {"other-out", remove_another_card},
    {"hello-again", greet_again},       {"flood", flood},
    {"drip", drip},                     {"hang-up", hang_up},
    {"rattle", rattle},
};
/* clang-format on */

static int wait_for_the_end(void) {
    int64_t deadline = clock_monotonic_ms() + TIMEOUT_MS;
    uint8_t sink[4096];
    for (int64_t left; (left = deadline - clock_monotonic_ms()) > 0;) {
        bool readable = poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, (int)left) > 0;
        if (readable && recv(fd, sink, sizeof sink, 0) <= 0) {
            puts("dropped");
            return 0;
        }
    }
    puts("kept");
    return 1;
}

int main(int argc, char **argv) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (argc != 3 || strlen(argv[1]) >= sizeof address.sun_path) {
        fputs("usage: hostile-backend SOCKET WAY\n", stderr);
        return 2;
    }
    memcpy(address.sun_path, argv[1], strlen(argv[1]) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("hostile-backend");
        return 2;
    }
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(ways[i].name, argv[2]) != 0)
            continue;
        ways[i].run();
        return wait_for_the_end();
    }
    return 2;
}
