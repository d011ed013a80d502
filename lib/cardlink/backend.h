/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The backend's end of a link: the program that has the card. It connects to the reader's socket, retries until the
 * handler runs, and reports cards. One link per reader; one thread serves it with cardlink_backend_next, other threads may
 * report insertion and removal at any time. */
#pragma once

#include "cardlink/stream.h"

#include <stdbool.h>

typedef struct cardlink_backend cardlink_backend;

typedef struct cardlink_request {
    cardlink_type type;  /* POWER_UP, POWER_DOWN, RESET or TRANSMIT */
    uint32_t generation; /* of the card at the time of the request; pass it with the answer */
    bytes command;       /* TRANSMIT only; borrowed until the next call of cardlink_backend_next */
} cardlink_request;

/* path: the reader's socket, as in its DEVICENAME behind "cardlink:". other_user: a user besides root and our own whose
 * handler is trusted, or (uid_t)-1. RESULT_NO_MEMORY, RESULT_IO, RESULT_TOO_LONG (path over 107 bytes). */
result cardlink_backend_new(const char *path, uid_t other_user, cardlink_backend **out);
void cardlink_backend_free(cardlink_backend **backend);

/* The next request of the handler, by one serving thread. Connects and reconnects as needed. RESULT_TIMEOUT: nothing
 * until the deadline (monotonic ms). RESULT_REMOVED: cardlink_backend_interrupt was called. Requests for a removed card are
 * never returned. */
result cardlink_backend_next(cardlink_backend *backend, cardlink_request *request, int64_t deadline_ms);

/* The serving thread's answer: an ATR, a response, or nothing, by the request's type. RESULT_REMOVED: that card was
 * removed or the link is closed; nothing was sent, no action is needed. */
result cardlink_backend_answer(cardlink_backend *backend, const cardlink_request *request, bytes payload);

/* Reports a card to the handler, now or when the link is established. Ends the former card's session. */
result cardlink_backend_card_in(cardlink_backend *backend, bytes atr);
void cardlink_backend_card_out(cardlink_backend *backend);

/* Makes cardlink_backend_next return RESULT_REMOVED, from any thread, once. */
void cardlink_backend_interrupt(cardlink_backend *backend);

/* The handler is connected and has our version. */
bool cardlink_backend_is_linked(cardlink_backend *backend);
/* Why it is not, as static text ("" when linked): for people. */
const char *cardlink_backend_problem(cardlink_backend *backend);

/* The session of the present card; 0: none. Changes at every insertion and removal. */
uint32_t cardlink_backend_generation(cardlink_backend *backend);
