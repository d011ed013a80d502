/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench/nation_clock.h"

#include "base/clock.h"
#include "crypt/digest.h"
#include "service/reply.h"
#include "service/service_configuration.h"

#include <string.h>

static int64_t now_ms;
static uint64_t state;
static long room[2];

void nation_set_now(int64_t ms) {
    now_ms = ms;
}

int64_t clock_wall_s(void) {
    return now_ms / 1000;
}

int64_t clock_monotonic_ms(void) {
    return now_ms;
}

void nation_seed(uint64_t seed) {
    state = seed;
}

/* splitmix64 (Steele, Lea, Flood 2014). */
uint64_t nation_chance(void) {
    uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

uint32_t nation_below(uint32_t limit) {
    return (uint32_t)((nation_chance() >> 32) * limit >> 32);
}

result crypt_random(uint8_t *out, size_t length) {
    for (size_t i = 0; i < length; i++)
        out[i] = (uint8_t)nation_chance();
    return RESULT_OK;
}

void nation_set_room(int busy, int batches) {
    room[0] = busy;
    room[1] = batches;
}

long configuration_number(const configuration *c, const char *section, const char *key, long otherwise, long min,
                          long max, bool *complete) {
    (void)c;
    (void)section;
    (void)min;
    (void)max;
    (void)complete;
    return strcmp(key, "busy-most") == 0 ? room[0] : strcmp(key, "batches-most") == 0 ? room[1] : otherwise;
}

void reply_outcome(http_reply *reply, int status, const char *code, const char *text) {
    (void)code;
    (void)text;
    reply->status = status;
}
