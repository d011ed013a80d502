/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/retry_rule.h"

#include <string.h>

/* A full window measures what the service can do; a stall of a minute lowers the rate only gradually. A window with
 * free capacity raises it. */
static void turn(retry_rule *r, int64_t now) {
    const int64_t window = now / RETRY_RULE_WINDOW_S;
    if (window == r->window)
        return;
    const unsigned kept = r->full ? r->rate - r->rate / 16 : r->rate;
    r->rate = r->served > kept ? r->served : kept;
    r->rate += r->rate == 0;
    r->served = 0;
    r->full = false;
    r->window = window;
    memset(r->marks, 0, sizeof r->marks);
}

void retry_rule_served(retry_rule *r, int64_t now, uint32_t sender) {
    turn(r, now);
    const unsigned mark = sender % RETRY_RULE_MARKS, bit = 1U << mark % 8;
    r->served += (r->marks[mark / 8] & bit) == 0;
    r->marks[mark / 8] |= (uint8_t)bit;
}

static int64_t at_random(int64_t from, int64_t to, uint32_t chance) {
    return to > from ? from + (to - from) * chance / UINT32_MAX : from;
}

static int64_t in_slot(const retry_slot *slot, uint32_t chance) {
    if (slot->until > 0)
        return at_random(slot->until > RETRY_RULE_MIN_S ? slot->until : RETRY_RULE_MIN_S, slot->left, chance);
    if (slot->left > RETRY_RULE_MIN_S)
        return at_random(RETRY_RULE_MIN_S, slot->left, chance);
    return at_random(slot->cycle, slot->cycle + RETRY_RULE_MIN_S, chance); /* too little is left: the next slot */
}

/* How far the next free time lies ahead, in seconds. */
static int64_t take_time(retry_rule *r, int64_t now) {
    const int64_t soonest = (now + RETRY_RULE_MIN_S) * 1000, last = (now + RETRY_RULE_MAX_S) * 1000;
    int64_t time = r->next_free_ms > soonest ? r->next_free_ms : soonest;
    r->next_free_ms = time + RETRY_RULE_WINDOW_S * 1000 / (2 * (int64_t)r->rate);
    if (r->next_free_ms > last)
        r->next_free_ms = last;
    return time / 1000 - now;
}

int64_t retry_rule_refused(retry_rule *r, int64_t now, const retry_slot *slot, uint32_t chance) {
    turn(r, now);
    r->full = true;
    const int64_t ahead = take_time(r, now);
    if (ahead >= RETRY_RULE_MAX_S)
        return at_random(RETRY_RULE_MAX_S / 2, RETRY_RULE_MAX_S, chance);
    const int64_t calm = in_slot(slot, chance);
    return ahead > slot->cycle ? ahead : calm;
}
