/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* libpcsclite: with sixteen readers, the most that there can be, nobody can wait for all of them and for a change of
 * the list. No arguments; sixteen readers */
#include "upstream.h"

#include <reader.h>
#include <winscard.h>

int main(void) {
    static char names[PCSCLITE_MAX_READERS_CONTEXTS * MAX_READERNAME + 1];
    static SCARD_READERSTATE states[PCSCLITE_MAX_READERS_CONTEXTS + 1];
    SCARDCONTEXT context;
    DWORD length = sizeof names, count = 0;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS ||
        SCardListReaders(context, NULL, names, &length) != SCARD_S_SUCCESS)
        cannot_try("SCardListReaders");
    for (const char *name = names; *name != 0; name += strlen(name) + 1)
        states[count++].szReader = name;
    printf("readers: %lu\n", (unsigned long)count);
    if (count != PCSCLITE_MAX_READERS_CONTEXTS)
        cannot_try("there are not sixteen readers");
    const char *last = states[count - 1].szReader;
    LONG code = SCardGetStatusChange(context, 0, states, count);
    printf("SCardGetStatusChange for all of them: %s\n", pcsc_stringify_error(code));
    states[count - 1].szReader = "\\\\?PnP?\\Notification";
    LONG fewer = SCardGetStatusChange(context, 0, states, count);
    printf("SCardGetStatusChange for fifteen of them and the list: %s\n", pcsc_stringify_error(fewer));
    states[count - 1].szReader = last;
    states[count].szReader = "\\\\?PnP?\\Notification";
    code = SCardGetStatusChange(context, 0, states, count + 1);
    printf("SCardGetStatusChange for them and the list: %s\n", pcsc_stringify_error(code));
    SCardReleaseContext(context);
    return verdict(code != SCARD_S_SUCCESS && fewer == SCARD_S_SUCCESS,
                   "winscard: the reader \\\\?PnP?\\Notification may stand beside any number of readers.");
}
