/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* uketsuke-pcsc.so: the PC/SC library as OpenSC uses it beside our module (provider_library in opensc.conf). All of it is
 * libpcsclite, where dlsym finds what is not here, but one question.
 *
 * SCardGetStatusChange without a time to wait, about readers of which nothing is new, spins for a millisecond in
 * libpcsclite before it says so (pcsc-lite 1.9.9 and 2.3, winscard_msg.c, MessageReceiveTimeout). OpenSC puts that question
 * about each reader whenever it lists slots or waits for an event: some eighty times in a reception. When the state is given
 * as unknown the answer comes at once, and what is new is found here, by libpcsclite's own rules. */
#include "pcsc/pcsc_lite.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>
#include <winscard.h>

#define EXPORT __attribute__((visibility("default")))
#define OF_NO_READER '\\' /* as PCSC_NEW_READERS begins */

typedef LONG status_change(SCARDCONTEXT context, DWORD milliseconds, SCARD_READERSTATE *states, DWORD count);

EXPORT status_change SCardGetStatusChange;

/* Named so that the linker keeps libpcsclite, which has the functions that are not here. */
__attribute__((used)) static LONG (*const others)(SCARDCONTEXT context) = SCardReleaseContext;

/* Each time, so that nothing is kept beyond a fork or an unloading; it takes less than a system call. */
static status_change *real(void) {
    union {
        void *object;
        status_change *function;
    } found = {dlsym(RTLD_NEXT, "SCardGetStatusChange")};
    return found.function;
}

static bool is_quick(DWORD milliseconds, const SCARD_READERSTATE *states, DWORD count) {
    bool quick = milliseconds == 0 && states != NULL && count > 0 && count <= PCSCLITE_MAX_READERS_CONTEXTS;
    for (DWORD i = 0; quick && i < count; i++)
        quick = states[i].szReader != NULL && states[i].szReader[0] != OF_NO_READER &&
                (states[i].dwCurrentState & SCARD_STATE_IGNORE) == 0;
    return quick;
}

/* As libpcsclite compares what is known with what is now (winscard_clnt.c, SCardGetStatusChange, both versions). That a card
 * has come into use is nothing new there: OpenSC would be told twice of a card that it begins to use. */
static bool is_new(DWORD known, DWORD now) {
    const DWORD gone = known & ~now, other = known ^ now;
    return known == SCARD_STATE_UNAWARE || (known & SCARD_STATE_UNKNOWN) != 0 ||
           (PCSC_EVENTS(known) != 0 && PCSC_EVENTS(known) != PCSC_EVENTS(now)) ||
           (other & SCARD_STATE_UNAVAILABLE) != 0 ||
           ((known & SCARD_STATE_PRESENT) != 0 && (now & SCARD_STATE_EMPTY) != 0) ||
           ((known & SCARD_STATE_EMPTY) != 0 && (now & SCARD_STATE_PRESENT) != 0) ||
           ((now & SCARD_STATE_PRESENT) != 0 && (other & SCARD_STATE_MUTE) != 0) ||
           (gone & (SCARD_STATE_INUSE | SCARD_STATE_EXCLUSIVE)) != 0;
}

/* now: as answered to an unknown state. True: something is new. */
static bool tell(SCARD_READERSTATE *state, SCARD_READERSTATE now) {
    now.dwCurrentState = state->dwCurrentState;
    now.dwEventState &= ~(DWORD)SCARD_STATE_CHANGED;
    const bool changed = is_new(now.dwCurrentState, now.dwEventState);
    if (changed)
        now.dwEventState |= SCARD_STATE_CHANGED;
    *state = now;
    return changed;
}

LONG SCardGetStatusChange(SCARDCONTEXT context, DWORD milliseconds, SCARD_READERSTATE *states, DWORD count) {
    SCARD_READERSTATE now[PCSCLITE_MAX_READERS_CONTEXTS];
    status_change *ask = real();
    bool changed = false;
    if (ask == NULL)
        return SCARD_F_INTERNAL_ERROR;
    if (!is_quick(milliseconds, states, count))
        return ask(context, milliseconds, states, count);
    memcpy(now, states, count * sizeof *states);
    for (DWORD i = 0; i < count; i++)
        now[i].dwCurrentState = SCARD_STATE_UNAWARE;
    const LONG code = ask(context, 0, now, count);
    if (code != SCARD_S_SUCCESS)
        return code;
    for (DWORD i = 0; i < count; i++)
        changed |= tell(&states[i], now[i]);
    return changed ? SCARD_S_SUCCESS : SCARD_E_TIMEOUT;
}
