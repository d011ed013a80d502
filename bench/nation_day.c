/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench/nation_world.h"

#include "bench/nation_clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROW_MS 600000
#define BATCH 100

bool nation_is_up(const nation_world *w, nation_service which) {
    if (w->now_ms < w->s->down_from_ms || w->now_ms >= w->s->down_until_ms ||
        (which == NATION_PLATFORM && w->s->platform_stays))
        return true;
    return w->s->flap_ms != 0 && (w->now_ms - w->s->down_from_ms) / w->s->flap_ms % 2 == 1;
}

/* --- rows ------------------------------------------------------------------------------------------------------------- */

static double quantile(const uint32_t bins[NATION_WAITS], double part) {
    uint64_t all = 0, seen = 0;
    for (int i = 0; i < NATION_WAITS; i++)
        all += bins[i];
    for (int i = 0; i < NATION_WAITS; i++)
        if ((seen += bins[i]) >= (uint64_t)(part * (double)all) && all > 0)
            return (i + 1) * 10.0;
    return 0;
}

/* Where much waits all the time, and the counter leaves something. */
static void note_worst(nation_world *w, double time, double live) {
    const nation_row *r = &w->row;
    const nation_costs *costs = w->costs[NATION_PLATFORM];
    const double could = (time - live) / (costs->entry + costs->signature / BATCH);
    const double part = (double)(r->evidences - r->online) / could;
    const int64_t since_ms = w->now_ms - w->s->down_until_ms;
    if (w->waiting[NATION_PLATFORM] > 200000 && could > time / 20 && nation_is_up(w, NATION_PLATFORM) &&
        since_ms >= ROW_MS && part < w->day->worst_part)
        w->day->worst_part = part;
    if (since_ms > 0 && r->background > w->day->worst_background)
        w->day->worst_background = r->background;
}

static void end_row(nation_world *w) {
    nation_row *r = &w->row;
    const double time = w->day->cores * ROW_MS;
    double used, live;
    nation_platform_used(w->at[NATION_PLATFORM], &used, &live);
    r->at_ms = w->now_ms;
    r->used = used / time;
    r->live = live / time;
    r->background /= time;
    r->waiting = w->waiting[NATION_PLATFORM];
    r->visits_waiting = w->waiting[NATION_HISTORY];
    r->counter_p50_ms = quantile(w->waits, 0.5);
    r->counter_p99_ms = quantile(w->waits, 0.99);
    w->day->tries += r->tries;
    note_worst(w, time, live);
    if (w->day->row_count < NATION_ROWS_MAX)
        w->day->rows[w->day->row_count++] = *r;
    memset(r, 0, sizeof *r);
    memset(w->waits, 0, sizeof w->waits);
}

/* --- the day ---------------------------------------------------------------------------------------------------------- */

/* The services are back: what waits now is what must become final. A visit may still wait for its reception. */
static void recover(nation_world *w) {
    memset(w->backlog, 0, sizeof w->backlog);
    for (uint32_t i = 0; i < NATION_TERMINALS; i++) {
        nation_terminal *one = &w->all[i];
        one->backlog[NATION_PLATFORM] = one->to[NATION_PLATFORM].waiting > 0;
        one->backlog[NATION_HISTORY] = w->at[NATION_HISTORY] &&
                                       (one->backlog[NATION_PLATFORM] || one->to[NATION_HISTORY].waiting > 0);
        for (int which = 0; which < NATION_SERVICES; which++)
            w->backlog[which] += one->backlog[which];
    }
}

static void end_services(nation_world *w) {
    const bool up = w->s->cut_part > 0 || (nation_is_up(w, NATION_PLATFORM) && nation_is_up(w, NATION_HISTORY));
    for (int which = 0; w->was_up && !up && which < NATION_SERVICES; which++)
        if (w->at[which] && !nation_is_up(w, (nation_service)which))
            nation_drop(w, (nation_service)which);
    w->was_up = up;
}

static void turn(nation_world *w, uint32_t tick) {
    nation_set_now(w->now_ms);
    end_services(w);
    if (w->now_ms == w->s->down_until_ms)
        recover(w);
    nation_try_due(w, tick);
    for (uint32_t n = nation_demand_draw(w->now_ms, NATION_TICK_MS); n > 0; n--)
        nation_receive(w, nation_demand_any());
    nation_work(w);
}

static bool of_part(double part) {
    return nation_below(1000) < part * 1000;
}

/* Without a draw: all else that is left to chance is then the same as on the day with right clocks. */
static uint16_t wrong_clock(uint32_t terminal) {
    return (uint16_t)(terminal * 2654435761U % (2 * NATION_SKEW_S));
}

/* Terminals are switched on in the quarter of an hour before eight. */
static void settle(nation_world *w) {
    for (uint32_t i = 0; i < NATION_TERMINALS; i++) {
        nation_terminal *one = &w->all[i];
        const nation_place place = nation_demand_place(i);
        one->institution = place.institution;
        one->kind = (uint8_t)place.kind;
        one->cut = of_part(w->s->cut_part);
        one->old = of_part(w->s->old_part);
        one->skew = of_part(w->s->wrong_clocks) ? wrong_clock(i) : NATION_SKEW_S;
        for (int which = 0; which < NATION_SERVICES; which++)
            one->to[which].due = NATION_NONE;
        const uint32_t waiting = w->s->waiting_max ? 1 + nation_below(w->s->waiting_max) : 0;
        one->to[NATION_PLATFORM].waiting = waiting;
        w->waiting[NATION_PLATFORM] += waiting;
        w->made[NATION_PLATFORM] += waiting;
        if (waiting > 0 || (w->s->storm && i == 0))
            nation_schedule(w, i, NATION_PLATFORM, 8LL * 3600000 - nation_below(900000));
    }
}

static int by_number(const void *a, const void *b) {
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double end_quantile(nation_world *w, int group) {
    const uint32_t n = w->end_count[group];
    qsort(w->ends[group], n, sizeof(float), by_number);
    return n ? (double)w->ends[group][n - 1 - n / 100] : 0;
}

static bool is_quiet(const nation_world *w) {
    uint64_t left = 0;
    for (int which = 0; which < NATION_SERVICES; which++)
        left += w->waiting[which] + w->backlog[which];
    return w->now_ms > 19LL * 3600000 && left == 0;
}

static uint64_t lost(const nation_world *w, nation_service which) {
    return w->made[which] - w->final[which] - w->waiting[which];
}

static void simulate(nation_world *w) {
    settle(w);
    for (uint32_t tick = 0; tick < NATION_TICKS && !w->failed; tick++) {
        w->now_ms = NATION_FIRST_MS + (int64_t)tick * NATION_TICK_MS;
        if (w->now_ms % ROW_MS == 0 && tick > 0)
            end_row(w);
        if (is_quiet(w))
            break;
        turn(w, tick);
    }
    w->day->lost = lost(w, NATION_PLATFORM);
    w->day->visits_lost = lost(w, NATION_HISTORY);
    w->day->counter_p99_ms = quantile(w->waits_day, 0.99);
    w->day->hospital_p99_s = end_quantile(w, 0);
    w->day->clinic_p99_s = end_quantile(w, 1);
}

static bool open_world(nation_world *w, const nation_costs costs[NATION_SERVICES]) {
    const nation_scenario *s = w->s;
    nation_seed(1);
    nation_set_room((int)(s->cores_each * 64), (int)(s->cores_each * 16));
    for (int which = 0; which < (s->visits ? NATION_SERVICES : NATION_HISTORY); which++)
        if (!(w->at[which] = nation_platform_new(s->instances, s->cores_each, &costs[which])))
            return false;
    w->all = calloc(NATION_TERMINALS, sizeof *w->all);
    w->ticks = malloc(NATION_TICKS * sizeof *w->ticks);
    w->ends[0] = calloc(NATION_TERMINALS, sizeof(float));
    w->ends[1] = calloc(NATION_TERMINALS, sizeof(float));
    if (w->ticks)
        memset(w->ticks, 0xFF, NATION_TICKS * sizeof *w->ticks);
    return w->all && w->ticks && w->ends[0] && w->ends[1];
}

static void close_world(nation_world *w) {
    for (int which = 0; which < NATION_SERVICES; which++)
        nation_platform_free(&w->at[which]);
    free(w->all);
    free(w->ticks);
    free(w->dues);
    free(w->ends[0]);
    free(w->ends[1]);
    free(w);
}

bool nation_run(const nation_scenario *s, const nation_costs costs[NATION_SERVICES], nation_day *out) {
    struct timespec begin, end;
    nation_world *w = calloc(1, sizeof *w);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    *out = (nation_day){.final_s = {-1, -1}, .worst_part = 1, .cores = s->cores_each * s->instances};
    if (!w)
        return false;
    *w = (nation_world){.s = s,
                        .day = out,
                        .was_up = true,
                        .free_due = NATION_NONE,
                        .costs = {&costs[NATION_PLATFORM], &costs[NATION_HISTORY]}};
    const bool opened = open_world(w, costs);
    if (opened)
        simulate(w);
    const bool good = opened && !w->failed;
    close_world(w);
    clock_gettime(CLOCK_MONOTONIC, &end);
    out->seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    return good;
}
