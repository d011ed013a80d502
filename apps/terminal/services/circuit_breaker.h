/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Decides whether the next reception waits for a service that did not answer the last one in time. Pure functions over
 * counts, without a clock. */
#pragma once

#include <stdbool.h>

#define CIRCUIT_PROBE_EVERY 10 /* of this many receptions, one asks again */

typedef struct circuit_breaker {
    bool open;       /* it did not answer in time */
    unsigned spared; /* receptions that did not wait since it was asked last */
} circuit_breaker;

/* Whether this reception asks. */
bool circuit_lets_ask(circuit_breaker *b);
/* Notes the result of a question: answered in time, or not. */
void circuit_note(circuit_breaker *b, bool in_time);
