/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "extract/extract_timer.h"

static void run_later(extract_timer *timer, int64_t at_ms) {
    timer->runs_later = true;
    timer->due_ms = at_ms;
}

/* Many relays wait for the platform: a random delay keeps them from calling at the same moment. */
static void come_back(extract_timer *timer, int64_t now_ms, uint16_t chance) {
    timer->was_up = true;
    if (timer->every_ms > 0 || timer->runs_later)
        run_later(timer, now_ms + timer->spread_ms * chance / UINT16_MAX);
}

bool extract_timer_turn(extract_timer *timer, bool up, bool wanted, int64_t now_ms, uint16_t chance) {
    if (!up) {
        timer->was_up = false;
        return false;
    }
    if (!timer->was_up)
        come_back(timer, now_ms, chance);
    if (!wanted && (!timer->runs_later || now_ms < timer->due_ms))
        return false;
    timer->runs_later = false;
    if (timer->every_ms > 0)
        run_later(timer, now_ms + timer->every_ms);
    return true;
}

void extract_timer_again(extract_timer *timer, int64_t now_ms) {
    run_later(timer, now_ms + EXTRACT_AGAIN_MS);
}
