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
static long room[2], slot_s = 60;

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

void nation_set_slot(int seconds) {
    slot_s = seconds;
}

long configuration_number(const configuration *c, const char *section, const char *key, long otherwise, long min,
                          long max, bool *complete) {
    (void)c;
    (void)section;
    (void)min;
    (void)max;
    (void)complete;
    const struct {
        const char *key;
        long value;
    } rows[] = {{"busy-most", room[0]}, {"batches-most", room[1]}, {"slot-seconds", slot_s}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(key, rows[i].key) == 0)
            return rows[i].value;
    return otherwise;
}

void reply_outcome(http_reply *reply, int status, const char *code, const char *text) {
    (void)code;
    (void)text;
    reply->status = status;
}
