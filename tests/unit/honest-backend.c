/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "honest-backend.h"

#include "base/clock.h"

#include <string.h>

static const uint8_t atr[] = HONEST_ATR;

static void *serve(void *argument) {
    honest *h = argument;
    while (!atomic_load(&h->stop)) {
        cardlink_request request;
        result code = cardlink_backend_next(h->backend, &request, clock_monotonic_ms() + 1000);
        if (code != RESULT_OK || atomic_load(&h->mute))
            continue;
        buffer answer = BUFFER_INIT(CARDLINK_RESPONSE_MAX);
        if (request.type == CARDLINK_TRANSMIT) {
            for (size_t i = request.command.length; i > 0; i--)
                buffer_append_u8(&answer, request.command.data[i - 1]);
            buffer_append_u16(&answer, 0x9000);
        } else {
            atomic_fetch_add(&h->resets, 1);
            if (request.type != CARDLINK_POWER_DOWN)
                buffer_append(&answer, BYTES(atr));
        }
        cardlink_backend_answer(h->backend, &request, buffer_bytes(&answer));
        buffer_wipe(&answer);
    }
    return NULL;
}

result honest_start(honest *h, const char *path) {
    memset(h, 0, sizeof *h);
    result code = cardlink_backend_new(path, (uid_t)-1, &h->backend);
    if (code == RESULT_OK && pthread_create(&h->thread, NULL, serve, h) != 0)
        code = RESULT_INTERNAL;
    return code;
}

void honest_stop(honest *h) {
    atomic_store(&h->stop, true);
    cardlink_backend_interrupt(h->backend);
    pthread_join(h->thread, NULL);
    cardlink_backend_free(&h->backend);
}
