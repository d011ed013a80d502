/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/counter_wait.h"

static bool is_long(const counter_wait *c) {
    return c->slow * COUNTER_WAIT_PART > c->calls;
}

void counter_wait_note(counter_wait *c, int64_t now, int64_t milliseconds) {
    const int64_t window = now / COUNTER_WAIT_WINDOW_S;
    if (window != c->window)
        *c = (counter_wait){.window = window, .before = window == c->window + 1 && is_long(c)};
    c->calls++;
    c->slow += milliseconds > COUNTER_WAIT_SLOW_MS;
}

bool counter_wait_is_long(const counter_wait *c, int64_t now) {
    const int64_t window = now / COUNTER_WAIT_WINDOW_S;
    if (window == c->window)
        return c->before || is_long(c);
    return window == c->window + 1 && is_long(c);
}
