/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench/nation_demand.h"

#include "bench/nation_clock.h"

#include <math.h>
#include <stddef.h>

#define OPENING_MS (8LL * 3600000)
#define HALF_MS 1800000

/* Receptions: of each institution, a Monday's. */
static const struct {
    uint32_t institutions, terminals; /* terminals: of each */
    double receptions;
} kinds[NATION_KINDS] = {[NATION_LARGE] = {400, 3, 2000},
                         [NATION_HOSPITAL] = {7900, 1, 214},
                         [NATION_CLINIC] = {92000, 1, 40},
                         [NATION_DENTIST] = {66200, 1, 18},
                         [NATION_PHARMACY] = {62700, 1, 50}};

/* How many of a Monday's receptions fall into each half hour from 08:00 on, in parts of a thousand. */
static const double halves[] = {28, 60, 155, 138, 118, 96, 74, 50, 26, 18, 16, 18, 24, 30, 34, 34, 30, 24, 16, 8, 3};

nation_place nation_demand_place(uint32_t terminal) {
    uint32_t begin = 0, institution = 0;
    for (int k = 0; k < NATION_KINDS; k++) {
        const uint32_t count = kinds[k].institutions * kinds[k].terminals;
        if (terminal < begin + count)
            return (nation_place){(nation_kind)k, institution + (terminal - begin) / kinds[k].terminals};
        begin += count;
        institution += kinds[k].institutions;
    }
    return (nation_place){NATION_PHARMACY, institution};
}

static double all_receptions(void) {
    double all = 0;
    for (int k = 0; k < NATION_KINDS; k++)
        all += kinds[k].institutions * kinds[k].receptions;
    return all;
}

static double even_chance(void) {
    return ((double)(nation_chance() >> 11) + 0.5) / 9007199254740992.0;
}

/* Poisson, by its normal approximation, for it is large. */
uint32_t nation_demand_draw(int64_t now_ms, int64_t milliseconds) {
    const int64_t half = (now_ms - OPENING_MS) / HALF_MS;
    if (now_ms < OPENING_MS || half >= (int64_t)(sizeof halves / sizeof *halves))
        return 0;
    const double mean = all_receptions() * halves[half] / 1000 * (double)milliseconds / HALF_MS;
    const double u = even_chance(), v = even_chance();
    const double drawn = mean + sqrt(mean) * sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
    return drawn > 0 ? (uint32_t)(drawn + 0.5) : 0;
}

/* Each terminal of an institution as often as the others. */
uint32_t nation_demand_any(void) {
    double at = even_chance() * all_receptions();
    uint32_t begin = 0;
    for (int k = 0; k < NATION_KINDS; k++) {
        const double each = kinds[k].receptions / kinds[k].terminals;
        const uint32_t count = kinds[k].institutions * kinds[k].terminals;
        if (at < count * each)
            return begin + (uint32_t)(at / each);
        at -= count * each;
        begin += count;
    }
    return begin - 1;
}
