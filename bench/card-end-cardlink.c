/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "card-end.h"

#include "base/clock.h"
#include "cardlink/backend.h"
#include "iso7816/apdu.h"

#include <pthread.h>
#include <stdint.h>

static cardlink_backend *backend;
static card *echo;

static void serve(const cardlink_request *request) {
    buffer response = BUFFER_INIT(APDU_RESPONSE_MAX);
    if (request->type == CARDLINK_TRANSMIT)
        echo_card_personality.transmit(echo, request->command, &response);
    else if (request->type != CARDLINK_POWER_DOWN)
        buffer_append(&response, echo_card_personality.answer_to_reset(echo));
    cardlink_backend_answer(backend, request, buffer_bytes(&response));
    buffer_wipe(&response);
}

static void *run(void *nothing) {
    cardlink_request request;
    for (;;)
        if (cardlink_backend_next(backend, &request, clock_monotonic_ms() + 1000) == RESULT_OK)
            serve(&request);
    return nothing;
}

static bool start(const char *address, card *c) {
    pthread_t thread;
    echo = c;
    return cardlink_backend_new(address, (uid_t)-1, &backend) == RESULT_OK &&
           pthread_create(&thread, NULL, run, NULL) == 0;
}

static void put_in(void) {
    cardlink_backend_card_in(backend, echo_card_personality.answer_to_reset(echo));
}

static void take_out(void) {
    cardlink_backend_card_out(backend);
}

const card_end_kind card_end_cardlink = {"cardlink", start, put_in, take_out};
