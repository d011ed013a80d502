/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The cards' end of cardlink against a hostile handler: the input is what the handler sends. */
#include "fuzz.h"
#include "waiting.h"

#include "base/clock.h"
#include "cardlink/backend.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ROUNDS_MAX 64

static char folder[] = "/tmp/fuzz-backend.XXXXXX";
static struct sockaddr_un address = {.sun_family = AF_UNIX};
static int listener, handler = -1;
static bytes input;

static void clean(void) {
    unlink(address.sun_path);
    rmdir(folder);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    FUZZ_REQUIRE(mkdtemp(folder) != NULL);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/reader", folder);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    FUZZ_REQUIRE(listener >= 0 && bind(listener, (const struct sockaddr *)&address, sizeof address) == 0);
    FUZZ_REQUIRE(listen(listener, 8) == 0);
    atexit(clean);
    return 0;
}

/* The next part, to whoever has connected last. An empty part hangs up. */
static bool speak(void) {
    bytes part;
    uint8_t drain[4096];
    int fresh = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fresh >= 0) {
        if (handler >= 0)
            close(handler);
        handler = fresh;
    }
    if (handler < 0 || !fuzz_next_part(&input, &part))
        return false;
    while (recv(handler, drain, sizeof drain, 0) > 0)
        ;
    if (part.length == 0) {
        close(handler);
        handler = -1;
    } else if (send(handler, part.data, part.length, MSG_NOSIGNAL) < 0) {
        return true; /* the backend has hung up already, and will connect again */
    }
    return true;
}

static void serve(cardlink_backend *backend) {
    static const uint8_t atr[] = {0x3B, 0x80, 0x80, 0x01, 0x01}, response[] = {0x90, 0x00};
    cardlink_request request;
    for (int i = 0; i < ROUNDS_MAX; i++) {
        result code = cardlink_backend_next(backend, &request, clock_monotonic_ms() + 500);
        if (code == RESULT_TIMEOUT && input.length < 2)
            return;
        if (code != RESULT_OK)
            continue;
        FUZZ_REQUIRE(request.generation == cardlink_backend_generation(backend) && request.generation != 0);
        FUZZ_REQUIRE(request.type == CARDLINK_TRANSMIT || request.command.length == 0);
        bool transmits = request.type == CARDLINK_TRANSMIT, powers = request.type != CARDLINK_POWER_DOWN;
        uint8_t *copy = fuzz_copy(request.command);
        cardlink_backend_answer(backend, &request, transmits ? BYTES(response) : powers ? BYTES(atr) : (bytes){0});
        if (transmits && copy[0] == 0xFE)
            cardlink_backend_card_in(backend, BYTES(atr)); /* another card, in the middle of everything */
        free(copy);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t atr[] = {0x3B, 0x80, 0x80, 0x01, 0x01};
    cardlink_backend *backend;
    int left;
    input = bytes_of(data, size);
    waiting_speak = speak;
    FUZZ_REQUIRE(cardlink_backend_new(address.sun_path, (uid_t)-1, &backend) == RESULT_OK);
    FUZZ_REQUIRE(cardlink_backend_card_in(backend, BYTES(atr)) == RESULT_OK);
    serve(backend);
    cardlink_backend_free(&backend);
    if (handler >= 0)
        close(handler);
    handler = -1;
    while ((left = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
        close(left);
    return 0;
}
