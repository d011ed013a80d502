/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/pacing.h"

#define AGAIN_MS 1000 /* until interrupted work is tried again */
#define REFUSALS_MAX 30

pacing_wait pacing_retry_after(int status, int64_t seconds) {
    if ((status != 429 && status != 503) || seconds <= 0)
        return (pacing_wait){0};
    return (pacing_wait){.s = seconds < PACING_TOLD_MAX_S ? seconds : PACING_TOLD_MAX_S};
}

/* later - sooner, at least 0 and limited: times from outside can have any value. */
static int64_t distance(int64_t sooner, int64_t later) {
    if (later <= sooner)
        return 0;
    const uint64_t apart = (uint64_t)later - (uint64_t)sooner;
    return apart <= 2 * PACING_TOLD_MAX_S ? (int64_t)apart : 2 * PACING_TOLD_MAX_S + 1;
}

pacing_wait pacing_slot(int64_t not_before, int64_t not_after, int64_t now) {
    const int64_t ahead = distance(now, not_before), half = distance(not_before, not_after) / 2;
    return ahead > 0 && ahead <= PACING_TOLD_MAX_S ? (pacing_wait){.s = ahead, .spread_s = half} : (pacing_wait){0};
}

/* From 0 to max. */
static int64_t spread(int64_t max, uint16_t chance) {
    return max * chance / UINT16_MAX;
}

/* A service that refuses repeatedly has too many senders: each one waits longer, whatever the service says. */
static int64_t told_pause(pacing_wait told, int refusals, uint16_t chance) {
    const int64_t wait = told.s * 1000;
    int64_t part = wait / 10 > PACING_SPREAD_MIN_MS ? wait / 10 : PACING_SPREAD_MIN_MS;
    for (int i = 1; i < refusals && part < wait && part < PACING_LAST_MS; i++)
        part *= 2;
    return wait + spread(told.spread_s > 0 ? told.spread_s * 1000 : part, chance);
}

static int64_t doubled(int failures) {
    int64_t pause = PACING_FIRST_MS;
    for (int i = 0; i < failures && pause < PACING_LAST_MS; i++)
        pause *= 2;
    return pause < PACING_LAST_MS ? pause : PACING_LAST_MS;
}

int64_t pacing_pause(pacing *p, pacing_wait told, bool done, uint16_t chance) {
    p->told = !done && told.s > 0;
    if (p->told) {
        p->refusals += p->refusals < REFUSALS_MAX;
        return told_pause(told, p->refusals, chance);
    }
    p->refusals = done ? 0 : p->refusals;
    p->failures = done ? 0 : p->failures + 1;
    const int64_t pause = doubled(p->failures);
    return pause / 2 + spread(pause / 2, chance);
}

int64_t pacing_after(pacing *p, pacing_wait told, bool done, int64_t now_ms, uint16_t chance) {
    const int64_t pause = pacing_pause(p, told, done, chance);
    p->due_ms = now_ms + pause;
    return pause;
}

void pacing_again(pacing *p, int64_t now_ms) {
    p->due_ms = now_ms + AGAIN_MS;
}

void pacing_is_back(pacing *p, int64_t now_ms, uint16_t chance) {
    if (!p->told && p->failures > 0 && p->due_ms > now_ms && chance < UINT16_MAX / 4)
        p->due_ms = now_ms;
}

bool pacing_is_due(const pacing *p, int64_t now_ms) {
    return now_ms >= p->due_ms;
}

void pacing_back(pacing *p, int64_t spread_s, int64_t now_ms, uint16_t chance) {
    *p = (pacing){.due_ms = now_ms + spread(spread_s * 1000, chance)};
}
