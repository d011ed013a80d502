/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The reader driver against a hostile backend: the input is what the backend sends, between the calls of a pcscd. */
#include "fuzz.h"
#include "waiting.h"

#include "cardlink/frame.h"

#include <ifdhandler.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LUN 0
#define ROUNDS_MAX 64

static char folder[] = "/tmp/fuzz-handler.XXXXXX";
static struct sockaddr_un address = {.sun_family = AF_UNIX};
static int backend = -1;
static bytes input;

static void clean(void) {
    IFDHCloseChannel(LUN);
    rmdir(folder);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    char device[200];
    FUZZ_REQUIRE(mkdtemp(folder) != NULL);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/reader", folder);
    snprintf(device, sizeof device, "cardlink:%s", address.sun_path);
    FUZZ_REQUIRE(IFDHCreateChannelByName(LUN, device) == IFD_SUCCESS);
    atexit(clean);
    return 0;
}

static void hang_up(void) {
    if (backend >= 0)
        close(backend);
    backend = -1;
}

static void connect_again(void) {
    hang_up();
    backend = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    FUZZ_REQUIRE(backend >= 0 && connect(backend, (const struct sockaddr *)&address, sizeof address) == 0);
}

static void say(bytes text) {
    uint8_t drain[4096];
    while (recv(backend, drain, sizeof drain, MSG_DONTWAIT) > 0)
        ;
    if (text.length > 0 && send(backend, text.data, text.length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        connect_again();
}

static bool speak(void) {
    bytes part;
    if (backend < 0 || !fuzz_next_part(&input, &part) || part.length == 0)
        return false;
    say(bytes_slice(part, 1, part.length));
    return true;
}

static void power(DWORD action) {
    uint8_t atr[MAX_ATR_SIZE];
    DWORD length = sizeof atr;
    RESPONSECODE code = IFDHPowerICC(LUN, action, atr, &length);
    FUZZ_REQUIRE(length <= CARDLINK_ATR_MAX && (code == IFD_SUCCESS || length == 0));
}

static void transmit(void) {
    static uint8_t command[] = {0x00, 0x84, 0x00, 0x00, 0x10};
    DWORD length = 300;
    uint8_t *answer = malloc(length);
    RESPONSECODE code = IFDHTransmitToICC(LUN, (SCARD_IO_HEADER){.Protocol = 1}, command, sizeof command, answer,
                                          &length, NULL);
    FUZZ_REQUIRE(code == IFD_SUCCESS ? length >= 2 && length <= 300 : length == 0);
    free(answer);
}

static void get_atr(void) {
    uint8_t atr[MAX_ATR_SIZE];
    DWORD length = sizeof atr;
    IFDHGetCapabilities(LUN, TAG_IFD_ATR, &length, atr);
    FUZZ_REQUIRE(length <= CARDLINK_ATR_MAX);
}

/* A part's first byte says what pcscd does after the rest of it was sent; whenever pcscd waits, the next part
 * is sent. */
static void run_part(bytes part) {
    say(bytes_slice(part, 1, part.length));
    switch (part.data[0] % 8) {
    case 0: IFDHICCPresence(LUN); break;
    case 1: power(IFD_POWER_UP); break;
    case 2: power(IFD_RESET); break;
    case 3: power(IFD_POWER_DOWN); break;
    case 4: transmit(); break;
    case 5: get_atr(); break;
    case 6:
        hang_up();
        IFDHICCPresence(LUN);
        connect_again();
        break;
    default: break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bytes part;
    input = bytes_of(data, size);
    waiting_speak = speak;
    connect_again();
    for (int i = 0; i < ROUNDS_MAX && fuzz_next_part(&input, &part); i++)
        if (part.length > 0)
            run_part(part);
    hang_up();
    FUZZ_REQUIRE(IFDHICCPresence(LUN) == IFD_ICC_NOT_PRESENT);
    return 0;
}
