/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_rate.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define KEY_SIZE 72
#define SETS 1024
#define WAYS 8
#define DAY_MS 86400000
#define WHOLE 1000 /* a token in thousandths: integers do not drift */

typedef struct bucket {
    char key[KEY_SIZE]; /* "": free */
    int64_t tokens, at_ms;
} bucket;

struct http_rate {
    pthread_mutex_t lock;
    uint64_t seed; /* secret, so that a client cannot choose keys that collide in one set */
    int64_t per_second, burst;
    bucket buckets[SETS][WAYS];
};

result http_rate_new(unsigned per_second, unsigned burst, http_rate **out) {
    http_rate *rate = calloc(1, sizeof *rate);
    *out = rate;
    if (!rate)
        return RESULT_NO_MEMORY;
    pthread_mutex_init(&rate->lock, NULL);
    rate->per_second = per_second;
    rate->burst = (int64_t)(burst ? burst : 1) * WHOLE;
    if (getrandom(&rate->seed, sizeof rate->seed, 0) != (ssize_t)sizeof rate->seed) {
        http_rate_free(out);
        return RESULT_IO;
    }
    return RESULT_OK;
}

void http_rate_free(http_rate **rate) {
    if (!*rate)
        return;
    pthread_mutex_destroy(&(*rate)->lock);
    free(*rate);
    *rate = NULL;
}

/* FNV-1a with a secret start. */
static bucket *set_of(http_rate *rate, const char *key) {
    uint64_t hash = rate->seed ^ 0xCBF29CE484222325U;
    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * 0x100000001B3U;
    return rate->buckets[(hash ^ hash >> 32) % SETS];
}

static void refill(const http_rate *rate, bucket *one, int64_t now_ms) {
    int64_t passed = now_ms - one->at_ms;
    /* Thousandths per millisecond are tokens per second. A day is enough to fill every bucket. */
    if (passed > 0)
        one->tokens += (passed < DAY_MS ? passed : DAY_MS) * rate->per_second;
    if (one->tokens > rate->burst)
        one->tokens = rate->burst;
    one->at_ms = now_ms;
}

static bucket *find(http_rate *rate, const char *key, int64_t now_ms) {
    bucket *set = set_of(rate, key), *oldest = set;
    for (size_t i = 0; i < WAYS; i++) {
        if (strncmp(set[i].key, key, KEY_SIZE - 1) == 0)
            return &set[i];
        if (!set[i].key[0] || (oldest->key[0] && set[i].at_ms < oldest->at_ms))
            oldest = &set[i];
    }
    snprintf(oldest->key, sizeof oldest->key, "%s", key);
    oldest->tokens = rate->burst;
    oldest->at_ms = now_ms;
    return oldest;
}

int64_t http_rate_take(http_rate *rate, const char *key, int64_t now_ms) {
    int64_t wait_ms = 0;
    pthread_mutex_lock(&rate->lock);
    bucket *one = find(rate, key, now_ms);
    refill(rate, one, now_ms);
    if (one->tokens >= WHOLE)
        one->tokens -= WHOLE;
    else
        wait_ms = rate->per_second ? (WHOLE - one->tokens + rate->per_second - 1) / rate->per_second : 1000;
    pthread_mutex_unlock(&rate->lock);
    return wait_ms;
}
