/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pcsc/pcsc_service.h"
#include "pcsc/pcsc_lite.h"
#include "pcsc/pcsc_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <winscard.h>

#define N_(text) text
#define SOCKET "/run/pcscd/pcscd.comm" /* pcscd(8) */
#define RUN "pcscd.pid"                /* beside it; pcscd writes it when it starts */
#define BOOT "/proc/sys/kernel/random/boot_id"
#define BOOT_LENGTH 36
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

static void find_socket(char path[sizeof((struct sockaddr_un *)0)->sun_path]) {
    const char *named = secure_getenv("PCSCLITE_CSOCK_NAME");
    snprintf(path, sizeof((struct sockaddr_un *)0)->sun_path, "%s", named != NULL ? named : SOCKET);
}

/* The library has one code for a missing socket, a forbidden one, and a server that disconnects at once. */
static pcsc_state why_no_service(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    find_socket(address.sun_path);
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

void pcsc_find_reader(SCARDCONTEXT context, const char *reader, char found[MAX_READERNAME]) {
    char *names = NULL;
    DWORD length = SCARD_AUTOALLOCATE;
    found[0] = 0;
    if (SCardListReaders(context, NULL, (LPSTR)&names, &length) != SCARD_S_SUCCESS)
        return;
    const char *name = names;
    while (*name != 0 && strncmp(name, reader, strlen(reader)) != 0)
        name += strlen(name) + 1;
    snprintf(found, MAX_READERNAME, "%s", name);
    SCardFreeMemory(context, names);
}

/* Whether this user may use the card in that reader. Needs no card and sends no command (SCARD_SHARE_DIRECT, PC/SC part
 * 5, 3.1.3). */
static bool keeps_card(SCARDCONTEXT context, const char *reader) {
    char name[MAX_READERNAME];
    DWORD protocol;
    SCARDHANDLE handle;
    pcsc_find_reader(context, reader, name);
    if (name[0] == 0)
        return false;
    const LONG code = SCardConnect(context, name, SCARD_SHARE_DIRECT, 0, &handle, &protocol);
    if (code == SCARD_S_SUCCESS)
        SCardDisconnect(handle, SCARD_LEAVE_CARD);
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

/* Which run of pcscd: its socket may be the machine's and outlive it, the file is its own. The file's time alone could
 * come again after the clock was set, so the start of the machine stands beside it. */
static bool name_run(char run[PCSC_STAY_SIZE]) {
    char path[sizeof((struct sockaddr_un *)0)->sun_path + sizeof RUN], boot[BOOT_LENGTH + 1] = "";
    struct stat file;
    find_socket(path);
    char *slash = strrchr(path, '/');
    strcpy(slash != NULL ? slash + 1 : path, RUN);
    FILE *stream = fopen(BOOT, "re");
    const bool started = stream != NULL && fread(boot, 1, BOOT_LENGTH, stream) == BOOT_LENGTH;
    if (stream != NULL)
        fclose(stream);
    if (!started || stat(path, &file) != 0)
        return false;
    snprintf(run, PCSC_STAY_SIZE, "%s.%llx.%llx.%lx", boot, (unsigned long long)file.st_ino,
             (unsigned long long)file.st_mtim.tv_sec, (unsigned long)file.st_mtim.tv_nsec);
    return true;
}

result pcsc_card_stay(const char *reader, char stay[PCSC_STAY_SIZE]) {
    SCARDCONTEXT context = 0;
    char name[MAX_READERNAME];
    SCARD_READERSTATE state = {.szReader = name, .dwCurrentState = SCARD_STATE_UNAWARE};
    stay[0] = 0;
    if (establish(&context) != PCSC_ANSWERS || context == 0)
        return RESULT_UNAVAILABLE;
    pcsc_find_reader(context, reader, name);
    const LONG code = name[0] != 0 ? SCardGetStatusChange(context, 0, &state, 1) : SCARD_E_UNKNOWN_READER;
    SCardReleaseContext(context);
    if (code != SCARD_S_SUCCESS || (state.dwEventState & SCARD_STATE_PRESENT) == 0)
        return RESULT_REMOVED;
    char run[PCSC_STAY_SIZE];
    if (!name_run(run))
        return RESULT_UNAVAILABLE;
    const int length = snprintf(stay, PCSC_STAY_SIZE, "%.96s/%.126s/%lu", run, name, PCSC_EVENTS(state.dwEventState));
    return length > 0 && length < PCSC_STAY_SIZE ? RESULT_OK : RESULT_TOO_LONG;
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
