/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "services/circuit_breaker.h"

bool circuit_lets_ask(circuit_breaker *b) {
    if (!b->open || b->spared + 1 == CIRCUIT_PROBE_EVERY)
        return true;
    b->spared++;
    return false;
}

void circuit_note(circuit_breaker *b, bool in_time) {
    *b = (circuit_breaker){.open = !in_time};
}
