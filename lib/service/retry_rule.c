/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/retry_rule.h"

static void turn(retry_rule *r, int64_t now) {
    const int64_t window = now / RETRY_RULE_WINDOW_S;
    if (window == r->window)
        return;
    const unsigned ratio = r->refused / (r->served + 1);
    r->pressure = window != r->window + 1 ? 0 : ratio < RETRY_RULE_PRESSURE_MAX ? ratio : RETRY_RULE_PRESSURE_MAX;
    r->refused = r->served = 0;
    r->window = window;
}

void retry_rule_refused(retry_rule *r, int64_t now) {
    turn(r, now);
    r->refused++;
}

void retry_rule_served(retry_rule *r, int64_t now) {
    turn(r, now);
    r->served++;
}

static int64_t at_random(int64_t from, int64_t to, uint32_t chance) {
    return to > from ? from + (to - from) * chance / UINT32_MAX : from;
}

int64_t retry_rule_wait(const retry_rule *r, int64_t until_slot, int64_t left, int64_t cycle, uint32_t chance) {
    /* Who comes to a service that refuses twenty for each one it serves comes in vain nineteen times. */
    const int64_t wider = (int64_t)r->pressure * (left - until_slot) / 2;
    const int64_t end = left + (wider < RETRY_RULE_MAX_S ? wider : RETRY_RULE_MAX_S);
    if (until_slot > 0)
        return at_random(until_slot > RETRY_RULE_MIN_S ? until_slot : RETRY_RULE_MIN_S, end, chance);
    if (end > RETRY_RULE_MIN_S)
        return at_random(RETRY_RULE_MIN_S, end, chance);
    return at_random(cycle, cycle + RETRY_RULE_MIN_S, chance); /* too little is left: the next slot */
}
