/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program with access to pcscd and without keys: sends one kind of command to a reader's card, as fast as possible,
 * until SIGTERM or the count is reached, and prints how many were answered. PCSCLITE_NO_BLOCKING=1 keeps libpcsclite
 * from sleeping during another program's transaction.
 *
 *   se-stranger READER KIND [COUNT]       KIND: initialize, chained, authenticate, issuer, select, wrapped, reset
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

#define STEPS_MAX 3
#define COMMAND_MAX 64

typedef struct command {
    size_t length;
    BYTE bytes[COMMAND_MAX];
} command;

#define SELECT_APPLICATION                                                                                             \
    {18, {0x00, 0xA4, 0x04, 0x00, 0x0C, 0xF2, 0x76, 0xA2, 0x88, 0xBC, 0xFB, 0xA6, 0x9D, 0x34, 0xF3, 0x10, 0x01, 0x00}}
#define INITIALIZE_UPDATE(version) {14, {0x80, 0x50, version, 0x00, 0x08, 1, 2, 3, 4, 5, 6, 7, 8, 0x00}}

static const struct {
    const char *name;
    command steps[STEPS_MAX];
} kinds[] = {
    {"initialize", {SELECT_APPLICATION, INITIALIZE_UPDATE(0x30)}},
    /* A part of a chained command, to stand before what the terminal sends. */
    {"chained", {SELECT_APPLICATION, {13, {0x90, 0x50, 0x30, 0x00, 0x08, 1, 2, 3, 4, 5, 6, 7, 8}}}},
    {"authenticate", {SELECT_APPLICATION, INITIALIZE_UPDATE(0x30), {21, {0x84, 0x82, 0x33, 0x00, 0x10}}}},
    {"issuer", {SELECT_APPLICATION, INITIALIZE_UPDATE(0x01), {21, {0x84, 0x82, 0x33, 0x00, 0x10}}}},
    {"select", {SELECT_APPLICATION, {7, {0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00}}}},
    /* It looks like a command in the terminal's channel, and its MAC is wrong. */
    {"wrapped", {SELECT_APPLICATION, {13, {0x04, 0xCA, 0x01, 0x01, 0x08}}}},
    {"forged", {{13, {0x04, 0xCA, 0x01, 0x01, 0x08}}}},
    {"reset", {{0, {0}}}},
};

static volatile sig_atomic_t over;

static void end(int number) {
    (void)number;
    over = 1;
}

static int transmit_all(SCARDHANDLE card, const command steps[STEPS_MAX]) {
    BYTE answer[512];
    LONG code = SCARD_S_SUCCESS;
    for (size_t i = 0; i < STEPS_MAX && steps[i].length > 0 && code == SCARD_S_SUCCESS; i++) {
        DWORD length = sizeof answer;
        code = SCardTransmit(card, SCARD_PCI_T1, steps[i].bytes, steps[i].length, NULL, answer, &length);
    }
    return code == SCARD_S_SUCCESS;
}

/* One try; whether it went through. */
static int disturb(SCARDCONTEXT context, const char *reader, const command steps[STEPS_MAX]) {
    SCARDHANDLE card;
    DWORD protocol;
    if (SCardConnect(context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &card, &protocol) != SCARD_S_SUCCESS)
        return 0;
    if (steps[0].length == 0) {
        if (SCardDisconnect(card, SCARD_RESET_CARD) == SCARD_S_SUCCESS)
            return 1;
        SCardDisconnect(card, SCARD_LEAVE_CARD);
        return 0;
    }
    const int done = transmit_all(card, steps);
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    return done;
}

int main(int argc, char **argv) {
    SCARDCONTEXT context;
    const command *steps = NULL;
    for (size_t i = 0; argc >= 3 && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, argv[2]) == 0)
            steps = kinds[i].steps;
    if (steps == NULL || SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS)
        return 2;
    signal(SIGTERM, end);
    const long max = argc > 3 ? strtol(argv[3], NULL, 10) : -1;
    long done = 0;
    while (!over && done != max)
        done += disturb(context, argv[1], steps);
    printf("%ld\n", done);
    SCardReleaseContext(context);
    return 0;
}
