/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Puts OpenSC's question about a reader (SCardGetStatusChange without a time to wait) to libpcsclite and to uketsuke-pcsc.so,
 * each with what it was told last, and compares the answers.
 *
 *   status-change LIBRARY READER < STEPS      a line for each step: what both said, or how they differ
 *
 * Steps: "look"; "connect" and "connect exclusive", "disconnect", by a context of its own; "run COMMAND" (the shell's);
 * "until present" and "until empty", which wait for pcscd and ask in a way that changes nothing. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <winscard.h>

typedef LONG status_change(SCARDCONTEXT context, DWORD milliseconds, SCARD_READERSTATE *states, DWORD count);

static status_change *ours;
static SCARDCONTEXT context;
static SCARDHANDLE card;
static SCARD_READERSTATE told, told_by_ours;

static void fail(const char *what) {
    printf("failed: %s\n", what);
    exit(1);
}

static void open_library(const char *path) {
    union {
        void *object;
        status_change *function;
    } found;
    void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL); /* as OpenSC does it (sc_dlopen) */
    if (library == NULL)
        fail(dlerror());
    found.object = dlsym(library, "SCardGetStatusChange");
    ours = found.function;
    /* What is not in it comes from libpcsclite. */
    if (ours == NULL || ours == SCardGetStatusChange || dlsym(library, "SCardTransmit") == NULL)
        fail(path);
}

static void look(void) {
    told.dwCurrentState = told.dwEventState;
    told_by_ours.dwCurrentState = told_by_ours.dwEventState;
    const LONG code = SCardGetStatusChange(context, 0, &told, 1), code_of_ours = ours(context, 0, &told_by_ours, 1);
    if (code == code_of_ours && told.dwEventState == told_by_ours.dwEventState && told.cbAtr == told_by_ours.cbAtr &&
        memcmp(told.rgbAtr, told_by_ours.rgbAtr, told.cbAtr) == 0)
        printf("same: %s\n", code == SCARD_S_SUCCESS ? "something is new" : "nothing is new");
    else
        printf("differs: %lX %lX, ours %lX %lX\n", (unsigned long)code, (unsigned long)told.dwEventState,
               (unsigned long)code_of_ours, (unsigned long)told_by_ours.dwEventState);
}

static void until(DWORD wanted) {
    SCARD_READERSTATE now = {.szReader = told.szReader};
    for (int tries = 0; tries < 6000; tries++) {
        now.dwCurrentState = SCARD_STATE_UNAWARE;
        if (SCardGetStatusChange(context, 0, &now, 1) == SCARD_S_SUCCESS && (now.dwEventState & wanted) != 0 &&
            (wanted != SCARD_STATE_PRESENT || now.cbAtr > 0))
            return;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    fail("nothing came");
}

static void connect_card(DWORD mode) {
    DWORD protocol;
    if (SCardConnect(context, told.szReader, mode, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol) !=
        SCARD_S_SUCCESS)
        fail("connect");
}

static void step(const char *words) {
    if (strcmp(words, "look") == 0)
        look();
    else if (strcmp(words, "connect") == 0)
        connect_card(SCARD_SHARE_SHARED);
    else if (strcmp(words, "connect exclusive") == 0)
        connect_card(SCARD_SHARE_EXCLUSIVE);
    else if (strcmp(words, "disconnect") == 0)
        SCardDisconnect(card, SCARD_LEAVE_CARD);
    else if (strncmp(words, "until ", 6) == 0)
        until(strcmp(words + 6, "present") == 0 ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY);
    else if (strncmp(words, "run ", 4) != 0 || system(words + 4) != 0) // NOLINT: the test's own commands
        fail(words);
}

int main(int argc, char **argv) {
    char line[1024];
    if (argc != 3)
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    open_library(argv[1]);
    told.szReader = told_by_ours.szReader = argv[2];
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS)
        fail("no pcscd");
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = 0;
        step(line);
    }
    SCardReleaseContext(context);
    return 0;
}
