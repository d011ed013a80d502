/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the simulator says to a load that was also put on a real platform: senders with a batch each, all at once, who
 * come again exactly when they are told (tests/services/monday.c).
 *
 *   nation-replay SENDERS ENTRIES CORES BATCHES-MOST SLOT-SECONDS HANDSHAKE-MS EVIDENCE-MS
 *
 * Prints one JSON object: the middle of so many runs with other numbers of chance. */
#include "bench/nation_clock.h"
#include "bench/nation_platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUNS 101
#define TICK_MS 5 /* a batch takes less than a tick of the days, and its place is free then */
#define NEVER INT64_MAX
#define SENDERS_MAX 10000

typedef struct replay {
    int64_t due_ms[SENDERS_MAX]; /* NEVER: taken */
    uint32_t senders, left;
    int64_t now_ms, drained_ms;
    uint64_t refused, limited;
} replay;

static void taken(void *context, uint32_t sender, uint32_t entries) {
    replay *r = context;
    (void)sender;
    (void)entries;
    r->drained_ms = r->now_ms;
    r->left--;
}

static void received(void *context, uint32_t sender, int64_t waited_ms) {
    (void)context;
    (void)sender;
    (void)waited_ms;
}

static void try_one(replay *r, nation_platform *p, uint32_t sender, uint32_t number, uint32_t entries) {
    int retry_after = 0;
    const int status = nation_platform_batch(p, 0, (nation_who){sender, number}, entries, &retry_after);
    r->refused += status == 503;
    r->limited += status == 429;
    r->due_ms[sender] = status == 0 ? NEVER : r->now_ms + retry_after * 1000LL;
}

/* Each connects first, one after the other as the cores allow it. */
static void run(replay *r, uint64_t seed, double cores, uint32_t entries, const nation_costs *costs) {
    const int64_t first_ms = 9LL * 3600000 + (int64_t)(seed % 60) * 1000;
    const nation_events events = {r, received, taken};
    nation_seed(seed);
    nation_platform *p = nation_platform_new(1, cores, costs);
    if (!p)
        exit(1);
    r->left = r->senders;
    r->refused = r->limited = 0;
    for (uint32_t i = 0; i < r->senders; i++)
        r->due_ms[i] = first_ms + (int64_t)(costs->handshake / cores * i);
    for (r->now_ms = first_ms; r->left > 0 && r->now_ms < first_ms + 7200000; r->now_ms += TICK_MS) {
        nation_set_now(r->now_ms);
        for (uint32_t i = 0; i < r->senders; i++)
            if (r->due_ms[i] <= r->now_ms)
                try_one(r, p, i, (uint32_t)(seed * 100000) + i, entries);
        nation_platform_work(p, r->now_ms, TICK_MS, &events);
    }
    r->drained_ms -= first_ms;
    nation_platform_free(&p);
}

static int by_number(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double middle(double numbers[RUNS]) {
    qsort(numbers, RUNS, sizeof *numbers, by_number);
    return numbers[RUNS / 2];
}

int main(int argc, char **argv) {
    static replay r;
    static double refused[RUNS], limited[RUNS], drained[RUNS];
    if (argc != 8)
        return 2;
    r.senders = (uint32_t)strtoul(argv[1], NULL, 10);
    const uint32_t entries = (uint32_t)strtoul(argv[2], NULL, 10);
    const nation_costs costs = {.handshake = strtod(argv[6], NULL),
                                .ping = 0.05,
                                .reception = 1.6,
                                .refusal = 0.4,
                                .signature = 0.65,
                                .entry = strtod(argv[7], NULL)};
    if (r.senders > SENDERS_MAX)
        return 2;
    nation_set_room(64, (int)strtol(argv[4], NULL, 10));
    nation_set_slot((int)strtol(argv[5], NULL, 10));
    for (size_t i = 0; i < RUNS; i++) {
        run(&r, i + 1, strtod(argv[3], NULL), entries, &costs);
        refused[i] = (double)r.refused;
        limited[i] = (double)r.limited;
        drained[i] = (double)r.drained_ms;
    }
    printf("{\"batches\":%u,\"status503\":%.0f,\"status429\":%.0f,\"milliseconds\":%.0f}\n", r.senders, middle(refused),
           middle(limited), middle(drained));
    return 0;
}
