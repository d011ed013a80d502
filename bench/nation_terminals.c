/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench/nation_terminals.h"

#include "bench/nation_clock.h"
#include "delivery/pacing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TICKS ((uint32_t)((NATION_LAST_MS - NATION_FIRST_MS) / NATION_TICK_MS))
#define NONE UINT32_MAX
#define ROW_MS 600000
#define KEPT_MS 50000       /* how long a terminal keeps a connection without using it */
#define TICKET_MS 21600000  /* how long a TLS session may be resumed: GnuTLS's default */
#define NET_MS 60           /* three ways to the platform and back */
#define SILENCE_MS 800      /* until a ping that is not answered counts as none */
#define CALL_MS 3000        /* until a patient is not kept waiting any longer */
#define REMEMBERED_MS 30000 /* how long a terminal goes offline at once after the platform did not answer */
#define WAITS_BINS 400      /* of 10 ms */
#define BATCH 100
#define SLOT_FREE 100 /* up to so many are sent without asking for a slot */
#define SKEW_S 900

enum { HOSPITAL, CLINIC, DENTIST, PHARMACY };
static const struct {
    uint32_t count;
    double receptions; /* a Monday's, of each */
} kinds[NATION_KINDS] = {{8300, 300}, {92000, 40}, {67000, 18}, {62700, 50}};

/* How many of a Monday's receptions fall into each half hour from 08:00 on, in parts of a thousand: peak 883/s. */
static const double halves[] = {28, 60, 155, 138, 118, 96, 74, 50, 26, 18, 16, 18, 24, 30, 34, 34, 30, 24, 16, 8, 3};

typedef struct institution {
    pacing pacing;
    int64_t connected_ms, hung_ms; /* last use of the kept connection; when the platform last did not answer */
    int64_t ticket_ms;             /* of the last handshake; 0: none */
    uint32_t waiting, next;        /* next: in the list of its tick */
    uint16_t skew;                 /* of its clock, in seconds, plus SKEW_S */
    uint8_t kind, instance;
    bool sending, due, cut, old, backlog; /* backlog: of before the recovery, not final yet */
} institution;

typedef struct world {
    const nation_scenario *s;
    const nation_costs *costs;
    nation_platform *platform;
    institution *all;
    uint32_t *ticks, count; /* heads of lists */
    int64_t now_ms;
    nation_day *day;
    nation_row row;
    uint32_t waits[WAITS_BINS], waits_day[WAITS_BINS];
    uint64_t waiting, backlog, made, final;
    float *ends[2]; /* seconds after recovery, of hospitals and clinics */
    uint32_t end_count[2];
    bool was_up;
} world;

/* --- time ------------------------------------------------------------------------------------------------------------- */

static bool is_up(const world *w) {
    if (w->now_ms < w->s->down_from_ms || w->now_ms >= w->s->down_until_ms)
        return true;
    return w->s->flap_ms != 0 && (w->now_ms - w->s->down_from_ms) / w->s->flap_ms % 2 == 1;
}

static bool reaches(const world *w, const institution *one) {
    return is_up(w) || (w->s->cut_part > 0 && !one->cut);
}

static void schedule(world *w, uint32_t i, int64_t at_ms) {
    const int64_t tick = (at_ms - NATION_FIRST_MS + NATION_TICK_MS - 1) / NATION_TICK_MS;
    institution *one = &w->all[i];
    if (tick >= (int64_t)TICKS)
        return;
    one->due = true;
    one->next = w->ticks[tick];
    w->ticks[tick] = i;
}

static uint16_t chance(void) {
    return (uint16_t)nation_chance();
}

/* --- connections ------------------------------------------------------------------------------------------------------ */

static double handshake_cost(world *w, institution *one) {
    const bool resumes = one->ticket_ms != 0 && w->now_ms - one->ticket_ms < TICKET_MS && !one->old &&
                         !w->s->whole_handshakes;
    one->ticket_ms = w->now_ms;
    return resumes ? w->costs->resumed : w->costs->handshake;
}

/* Through the balancer; a kept one costs no handshake. */
static void connect(world *w, institution *one) {
    const bool kept = one->connected_ms != 0 && w->now_ms - one->connected_ms < KEPT_MS;
    if (!kept) {
        one->instance = (uint8_t)nation_below(w->s->instances);
        nation_platform_burden(w->platform, one->instance, handshake_cost(w, one));
        w->row.handshakes++;
    }
    one->connected_ms = w->now_ms;
    nation_platform_burden(w->platform, one->instance, w->costs->ping);
}

static bool answers_ping(world *w, institution *one) {
    if (!reaches(w, one) || nation_platform_delay_ms(w->platform, one->instance) > SILENCE_MS) {
        one->hung_ms = w->now_ms;
        one->connected_ms = 0;
        return false;
    }
    connect(w, one);
    return true;
}

/* --- senders ---------------------------------------------------------------------------------------------------------- */

static void come_again(world *w, uint32_t i, pacing_wait told, bool done) {
    institution *one = &w->all[i];
    if (one->old)
        one->pacing.refusals = 0;
    if (w->s->storm && i == 0)
        one->pacing.due_ms = w->now_ms + NATION_TICK_MS;
    else
        pacing_after(&one->pacing, told, done, w->now_ms, chance());
    one->sending = false;
    if (one->waiting > 0 || (w->s->storm && i == 0))
        schedule(w, i, one->pacing.due_ms);
}

static void note_final(world *w, institution *one) {
    if (!one->backlog)
        return;
    one->backlog = false;
    w->backlog--;
    const int group = one->kind == HOSPITAL ? 0 : 1;
    w->ends[group][w->end_count[group]++] = (float)(w->now_ms - w->s->down_until_ms) / 1000;
    if (w->backlog == 0)
        w->day->final_s = (double)(w->now_ms - w->s->down_until_ms) / 1000;
}

static void send_batch(world *w, uint32_t i) {
    institution *one = &w->all[i];
    char code[NATION_CODE_SIZE];
    int retry_after = 0;
    const uint32_t entries = one->waiting == 0 ? 1 : one->waiting < BATCH ? one->waiting : BATCH;
    nation_code(i, code);
    w->row.tries++;
    const int status = nation_platform_batch(w->platform, one->instance, i, code, entries, &retry_after);
    if (status == 0) {
        one->sending = true;
        return;
    }
    w->row.full += status == 503;
    w->row.limited += status == 429;
    w->day->refused++;
    come_again(w, i, pacing_retry_after(status, retry_after), false);
}

static pacing_wait slot_of(world *w, uint32_t i) {
    const institution *one = &w->all[i];
    char code[NATION_CODE_SIZE];
    int64_t not_before, not_after;
    nation_code(i, code);
    admission_slot(nation_platform_admission(w->platform, one->instance), code, w->now_ms / 1000, &not_before,
                   &not_after);
    /* The version before asked for a signed slot and knew the platform's time only by its own clock. */
    if (one->old)
        nation_platform_burden(w->platform, one->instance, 2 * w->costs->signature);
    return pacing_slot(not_before, not_after, w->now_ms / 1000 + (one->old ? (int64_t)one->skew - SKEW_S : 0));
}

static void try_sending(world *w, uint32_t i) {
    institution *one = &w->all[i];
    const pacing_wait nothing = {0};
    if (one->sending || (one->waiting == 0 && !(w->s->storm && i == 0)))
        return;
    if (!answers_ping(w, one)) {
        come_again(w, i, nothing, false);
        return;
    }
    const pacing_wait slot = one->waiting > SLOT_FREE ? slot_of(w, i) : nothing;
    if (slot.s > 0)
        come_again(w, i, slot, false);
    else
        send_batch(w, i);
}

/* --- what the platform tells ------------------------------------------------------------------------------------------ */

static void batch_taken(void *context, uint32_t i, uint32_t entries) {
    world *w = context;
    institution *one = &w->all[i];
    const uint32_t taken = entries < one->waiting ? entries : one->waiting;
    one->waiting -= taken;
    one->sending = false;
    one->connected_ms = w->now_ms;
    w->waiting -= taken;
    w->final += taken;
    w->row.evidences += entries;
    if (one->waiting > 0) {
        send_batch(w, i);
        return;
    }
    note_final(w, one);
    come_again(w, i, (pacing_wait){0}, true);
}

static void batch_lost(void *context, uint32_t i) {
    world *w = context;
    come_again(w, i, (pacing_wait){0}, false);
}

static void note_wait(world *w, int64_t ms) {
    const int64_t bin = ms / 10 < WAITS_BINS ? ms / 10 : WAITS_BINS - 1;
    w->waits[bin]++;
    w->waits_day[bin]++;
}

static void go_offline(world *w, uint32_t i, int64_t wait_ms) {
    institution *one = &w->all[i];
    note_wait(w, wait_ms);
    w->row.offline++;
    w->day->offline++;
    if (w->now_ms >= w->s->down_until_ms)
        w->day->offline_after++;
    one->waiting++;
    w->waiting++;
    w->made++;
    if (!one->sending && !one->due)
        schedule(w, i, pacing_is_due(&one->pacing, w->now_ms) ? w->now_ms + NATION_TICK_MS : one->pacing.due_ms);
}

/* A patient who waited too long was received offline meanwhile. */
static void received(void *context, uint32_t i, int64_t waited_ms) {
    world *w = context;
    if (waited_ms > CALL_MS) {
        go_offline(w, i, CALL_MS);
        return;
    }
    note_wait(w, waited_ms + NET_MS);
    w->row.online++;
    w->row.evidences++;
}

static void receive(world *w, uint32_t i) {
    institution *one = &w->all[i];
    char code[NATION_CODE_SIZE];
    w->day->receptions++;
    if (w->now_ms >= w->s->down_until_ms)
        w->day->receptions_after++;
    const bool remembered = one->hung_ms != 0 && w->now_ms - one->hung_ms < REMEMBERED_MS;
    if (remembered || !answers_ping(w, one)) {
        go_offline(w, i, remembered ? 0 : w->s->silent ? SILENCE_MS + 80 : 80);
        return;
    }
    nation_code(i, code);
    if (nation_platform_receive(w->platform, one->instance, i, code) != 0)
        go_offline(w, i, NET_MS);
}

/* --- the day ---------------------------------------------------------------------------------------------------------- */

static double receptions_per_tick(int64_t now_ms) {
    const int64_t half = (now_ms - 8LL * 3600000) / 1800000;
    double all = 0;
    for (int k = 0; k < NATION_KINDS; k++)
        all += kinds[k].count * kinds[k].receptions;
    if (now_ms < 8LL * 3600000 || half >= (int64_t)(sizeof halves / sizeof *halves))
        return 0;
    return all * halves[half] / 1000 / 1800 * NATION_TICK_MS / 1000;
}

/* Poisson, by its normal approximation where it is large. */
static uint32_t draw(double mean) {
    if (mean <= 0)
        return 0;
    const double u = ((double)(nation_chance() >> 11) + 0.5) / 9007199254740992.0,
                 v = ((double)(nation_chance() >> 11) + 0.5) / 9007199254740992.0;
    const double drawn = mean + sqrt(mean) * sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
    return drawn > 0 ? (uint32_t)(drawn + 0.5) : 0;
}

static uint32_t any_institution(void) {
    double all = 0, first = 0;
    for (int k = 0; k < NATION_KINDS; k++)
        all += kinds[k].count * kinds[k].receptions;
    double at = (double)(nation_chance() >> 11) / 9007199254740992.0 * all;
    uint32_t begin = 0;
    for (int k = 0; k < NATION_KINDS; k++) {
        first = kinds[k].count * kinds[k].receptions;
        if (at < first)
            return begin + (uint32_t)(at / kinds[k].receptions);
        at -= first;
        begin += kinds[k].count;
    }
    return begin - 1;
}

static double quantile(const uint32_t bins[WAITS_BINS], double part) {
    uint64_t all = 0, seen = 0;
    for (int i = 0; i < WAITS_BINS; i++)
        all += bins[i];
    for (int i = 0; i < WAITS_BINS; i++)
        if ((seen += bins[i]) >= (uint64_t)(part * (double)all) && all > 0)
            return (i + 1) * 10.0;
    return 0;
}

static void end_row(world *w) {
    nation_row *r = &w->row;
    const double time = w->day->cores * ROW_MS;
    double used, live;
    nation_platform_used(w->platform, &used, &live);
    r->at_ms = w->now_ms;
    r->used = used / time;
    r->live = live / time;
    r->waiting = w->waiting;
    r->counter_p50_ms = quantile(w->waits, 0.5);
    r->counter_p99_ms = quantile(w->waits, 0.99);
    w->day->tries += r->tries;
    const double could = (time - live) / (w->costs->evidence + w->costs->signature / BATCH);
    const double batched = (double)(r->evidences - r->online);
    /* Where much waits all the time, and the counter leaves something. */
    if (w->waiting > 200000 && could > time / 20 && is_up(w) && w->now_ms - w->s->down_until_ms >= ROW_MS &&
        batched / could < w->day->worst_part)
        w->day->worst_part = batched / could;
    if (w->day->row_count < NATION_ROWS_MAX)
        w->day->rows[w->day->row_count++] = *r;
    memset(r, 0, sizeof *r);
    memset(w->waits, 0, sizeof w->waits);
}

/* The platform is back: who waits now is what must become final. */
static void recover(world *w) {
    w->backlog = 0;
    for (uint32_t i = 0; i < w->count; i++) {
        w->all[i].backlog = w->all[i].waiting > 0;
        w->backlog += w->all[i].backlog;
    }
}

static void turn(world *w, int64_t tick) {
    const bool up = is_up(w) || w->s->cut_part > 0;
    const nation_events events = {w, received, batch_taken};
    nation_set_now(w->now_ms);
    if (w->was_up && !up)
        nation_platform_drop(w->platform, w, batch_lost);
    w->was_up = up;
    if (w->now_ms == w->s->down_until_ms)
        recover(w);
    for (uint32_t i = w->ticks[tick], next; i != NONE; i = next) {
        next = w->all[i].next;
        w->all[i].due = false;
        try_sending(w, i);
    }
    for (uint32_t n = draw(receptions_per_tick(w->now_ms)); n > 0; n--)
        receive(w, any_institution());
    nation_platform_work(w->platform, w->now_ms, &events);
}

static void settle(world *w) {
    uint32_t i = 0;
    for (int k = 0; k < NATION_KINDS; k++)
        for (uint32_t n = 0; n < kinds[k].count; n++, i++) {
            institution *one = &w->all[i];
            one->kind = (uint8_t)k;
            one->cut = nation_below(1000) < w->s->cut_part * 1000;
            one->old = nation_below(1000) < w->s->old_part * 1000;
            one->skew = (uint16_t)(nation_below(1000) < w->s->wrong_clocks * 1000 ? nation_below(2 * SKEW_S) : SKEW_S);
            one->waiting = w->s->waiting_max ? 1 + nation_below(w->s->waiting_max) : 0;
            w->waiting += one->waiting;
            w->made += one->waiting;
            /* Terminals are switched on in the quarter of an hour before eight. */
            if (one->waiting > 0 || (w->s->storm && i == 0))
                schedule(w, i, 8LL * 3600000 - nation_below(900000));
        }
}

static int by_number(const void *a, const void *b) {
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double end_quantile(world *w, int group) {
    const uint32_t n = w->end_count[group];
    qsort(w->ends[group], n, sizeof(float), by_number);
    return n ? (double)w->ends[group][n - 1 - n / 100] : 0;
}

static void simulate(world *w) {
    settle(w);
    for (uint32_t tick = 0; tick < TICKS; tick++) {
        w->now_ms = NATION_FIRST_MS + (int64_t)tick * NATION_TICK_MS;
        if (w->now_ms % ROW_MS == 0 && tick > 0)
            end_row(w);
        if (w->now_ms > 19LL * 3600000 && w->waiting == 0 && w->backlog == 0)
            break;
        turn(w, tick);
    }
    w->day->lost = w->made - w->final - w->waiting;
    w->day->counter_p99_ms = quantile(w->waits_day, 0.99);
    w->day->hospital_p99_s = end_quantile(w, 0);
    w->day->clinic_p99_s = end_quantile(w, 1);
}

bool nation_run(const nation_scenario *s, const nation_costs *costs, nation_day *out) {
    struct timespec begin, end;
    world *w = calloc(1, sizeof *w);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    memset(out, 0, sizeof *out);
    out->final_s = -1;
    out->worst_part = 1;
    out->cores = s->cores_each * s->instances;
    if (!w)
        return false;
    *w = (world){.s = s, .costs = costs, .day = out, .count = NATION_INSTITUTIONS, .was_up = true};
    nation_seed(1);
    nation_set_room((int)(s->cores_each * 64), (int)(s->cores_each * 16));
    w->platform = nation_platform_new(s->instances, s->cores_each, costs);
    w->all = calloc(w->count, sizeof *w->all);
    w->ticks = malloc(TICKS * sizeof *w->ticks);
    w->ends[0] = calloc(w->count, sizeof(float));
    w->ends[1] = calloc(w->count, sizeof(float));
    const bool good = w->platform && w->all && w->ticks && w->ends[0] && w->ends[1];
    if (good) {
        memset(w->ticks, 0xFF, TICKS * sizeof *w->ticks);
        simulate(w);
    }
    nation_platform_free(&w->platform);
    free(w->all);
    free(w->ticks);
    free(w->ends[0]);
    free(w->ends[1]);
    free(w);
    clock_gettime(CLOCK_MONOTONIC, &end);
    out->seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    return good;
}
