/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SCardTransmit round trips to an echo card, from a PC/SC client's point of view.
 *
 *   round-trip READER COUNT LENGTH...      prints "LENGTH MEDIAN P99 COUNT" for each length, in microseconds
 *
 * A command of LENGTH bytes; its data comes back (ISO 7816-4 case 2 for 5 bytes, case 4 short or extended for more). */
#include "samples.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

#define LENGTH_MIN 5
#define LENGTH_MAX 4096
#define INS_ECHO 0xE0
#define WARM_UP 20

/* The number of data bytes that the answer brings back. */
static size_t make_command(size_t length, uint8_t *command) {
    bool is_short = length <= 5 + 255 + 1;
    size_t around = length == 5 ? 5 : is_short ? 6 : 9, data = length - around;
    size_t at = 4;
    memset(command, 0x5A, length);
    memcpy(command, (uint8_t[]){0x00, INS_ECHO, 0x00, 0x00}, 4);
    if (data == 0) {
        command[at] = 0;
        return 0;
    }
    if (!is_short) {
        command[at++] = 0;
        command[at++] = (uint8_t)(data >> 8);
    }
    command[at] = (uint8_t)data;
    memset(command + length - (is_short ? 1 : 2), 0, is_short ? 1 : 2);
    return data;
}

static bool exchange(SCARDHANDLE card, const uint8_t *command, size_t length, size_t expected) {
    static uint8_t response[LENGTH_MAX + 2];
    DWORD got = sizeof response;
    return SCardTransmit(card, SCARD_PCI_T1, command, length, NULL, response, &got) == SCARD_S_SUCCESS &&
           got == expected + 2 && response[got - 2] == 0x90;
}

static bool measure(SCARDHANDLE card, size_t length, size_t count) {
    uint8_t command[LENGTH_MAX];
    char name[32];
    samples times = {0};
    size_t data = make_command(length, command);
    for (size_t i = 0; i < count + WARM_UP; i++) {
        double begun = samples_now_us();
        if (!exchange(card, command, length, data))
            return false;
        if (i >= WARM_UP)
            samples_add(&times, samples_now_us() - begun);
    }
    snprintf(name, sizeof name, "%zu", length);
    samples_print(&times, name);
    return true;
}

int main(int argc, char **argv) {
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol;
    if (argc < 4) {
        fputs("usage: round-trip READER COUNT LENGTH...\n", stderr);
        return 2;
    }
    LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (code == SCARD_S_SUCCESS)
        code = SCardConnect(context, argv[1], SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &card, &protocol);
    if (code != SCARD_S_SUCCESS) {
        fprintf(stderr, "round-trip: %s: %s\n", argv[1], pcsc_stringify_error(code));
        return 1;
    }
    for (int i = 3; i < argc; i++) {
        size_t length = strtoul(argv[i], NULL, 10);
        if (length < LENGTH_MIN || length > LENGTH_MAX || !measure(card, length, strtoul(argv[2], NULL, 10))) {
            fprintf(stderr, "round-trip: the card did not echo a command of %s bytes\n", argv[i]);
            return 1;
        }
    }
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    SCardReleaseContext(context);
    return 0;
}
