/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pcsc/pcsc_service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <winscard.h>

#define N_(text) text
#define SOCKET "/run/pcscd/pcscd.comm" /* pcscd(8) */
#define TRIES 3
#define TRY_AGAIN_US 50000

static const struct {
    const char *reason, *sentence;
} words[] = {
    [PCSC_ABSENT] = {"pcscd-absent", N_("The service for card readers (pcscd) does not run on this machine. Start it:"
                                        " systemctl start pcscd.socket")},
    [PCSC_CLOSED] = {"pcscd-closed",
                     N_("This user may not reach the service for card readers (pcscd): the permissions of its socket"
                        " /run/pcscd/pcscd.comm, or of a folder above it, forbid it. The administrator opens it to this"
                        " user's group.")},
    [PCSC_REFUSES] =
        {"pcscd-refuses",
         N_("The service for card readers (pcscd) refuses this user: polkit does not allow the action "
            "org.debian.pcsc-lite.access_pcsc. Put Uketsuke's rule 50-uketsuke.rules into /etc/polkit-1/rules.d, and "
            "run this as the user that it names.")},
    [PCSC_KEEPS_CARD] = {"pcscd-keeps-card",
                         N_("The service for card readers (pcscd) does not let this user use the card: polkit does not"
                            " allow the action org.debian.pcsc-lite.access_card. Put Uketsuke's rule 50-uketsuke.rules"
                            " into /etc/polkit-1/rules.d, and run this as the user that it names.")},
    [PCSC_RESTARTED] = {"pcscd-restarted",
                        N_("The service for card readers (pcscd) was restarted. The cards are in order: begin again.")},
};

const char *pcsc_reason(pcsc_state state) {
    return words[state].reason;
}

const char *pcsc_sentence(pcsc_state state) {
    return words[state].sentence;
}

/* The library has one code for a missing socket, a forbidden one, and a server that disconnects at once. */
static pcsc_state why_no_service(void) {
    const char *named = secure_getenv("PCSCLITE_CSOCK_NAME");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", named != NULL ? named : SOCKET);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return PCSC_ABSENT;
    const int failed = connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : errno;
    close(fd);
    return failed == 0 ? PCSC_REFUSES : failed == EACCES || failed == EPERM ? PCSC_CLOSED : PCSC_ABSENT;
}

/* pcscd sends no message when polkit refuses a client: it disconnects, and the library reports the step that failed. */
static pcsc_state state_of(LONG code) {
    switch (code) {
    case SCARD_S_SUCCESS: return PCSC_ANSWERS;
    case SCARD_W_SECURITY_VIOLATION:
    case SCARD_F_COMM_ERROR: return PCSC_REFUSES;
    case SCARD_E_NO_SERVICE: return why_no_service();
    default: return PCSC_ANSWERS; /* another cause */
    }
}

/* Whether this user may use the card in the first reader whose name begins so. Needs no card and sends no command
 * (SCARD_SHARE_DIRECT, PC/SC part 5, 3.1.3). */
static bool keeps_card(SCARDCONTEXT context, const char *reader) {
    char *names = NULL;
    DWORD length = SCARD_AUTOALLOCATE, protocol;
    SCARDHANDLE handle;
    LONG code = SCARD_S_SUCCESS;
    if (SCardListReaders(context, NULL, (LPSTR)&names, &length) != SCARD_S_SUCCESS)
        return false;
    for (const char *name = names; *name != 0; name += strlen(name) + 1) {
        if (strncmp(name, reader, strlen(reader)) != 0)
            continue;
        code = SCardConnect(context, name, SCARD_SHARE_DIRECT, 0, &handle, &protocol);
        if (code == SCARD_S_SUCCESS)
            SCardDisconnect(handle, SCARD_LEAVE_CARD);
        break;
    }
    SCardFreeMemory(context, names);
    return code == SCARD_W_SECURITY_VIOLATION;
}

/* A service that ends or has just started disconnects, too, but not repeatedly. */
static pcsc_state establish(SCARDCONTEXT *context) {
    pcsc_state state = PCSC_REFUSES;
    for (int i = 0; i < TRIES && state == PCSC_REFUSES; i++) {
        if (i > 0)
            usleep(TRY_AGAIN_US);
        state = state_of(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, context));
    }
    return state;
}

pcsc_state pcsc_ask(const char *reader) {
    SCARDCONTEXT context = 0;
    const pcsc_state state = establish(&context);
    if (state != PCSC_ANSWERS || context == 0)
        return state;
    bool kept = reader != NULL && keeps_card(context, reader);
    SCardReleaseContext(context);
    return kept ? PCSC_KEEPS_CARD : PCSC_ANSWERS;
}

struct pcsc_link {
    SCARDCONTEXT context;
};

result pcsc_link_open(pcsc_link **out) {
    pcsc_link *link = *out = malloc(sizeof *link);
    if (link == NULL)
        return RESULT_NO_MEMORY;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &link->context) == SCARD_S_SUCCESS)
        return RESULT_OK;
    free(link);
    *out = NULL;
    return RESULT_UNAVAILABLE;
}

bool pcsc_link_is_cut(const pcsc_link *link) {
    DWORD length = 0;
    if (link == NULL)
        return false;
    const LONG code = SCardListReaders(link->context, NULL, NULL, &length);
    return code != SCARD_S_SUCCESS && code != SCARD_E_NO_READERS_AVAILABLE;
}

void pcsc_link_close(pcsc_link **link) {
    if (*link != NULL)
        SCardReleaseContext((*link)->context);
    free(*link);
    *link = NULL;
}
