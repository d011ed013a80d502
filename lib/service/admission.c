/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/admission.h"

#include "base/clock.h"
#include "crypt/digest.h"
#include "net/http_rate.h"
#include "net/http_share.h"
#include "service/counter_wait.h"
#include "service/reply.h"
#include "service/retry_rule.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SHARE 4          /* an institution's share is a quarter, unless the configuration says otherwise */
#define SLOTS 10         /* a tenth of the institutions has its slot at a time */
#define ENTRY_BYTES 8192 /* a request with evidence, about */
#define SMALL 10         /* entries */
#define SENDERS 90       /* per minute and place for a batch: assumed until measured */

struct admission {
    http_rate *live, *batch;
    http_share *busy, *batches;  /* calls in progress; batches among them */
    http_share *entries, *large; /* entries of the batches in progress; entries of the large ones */
    pthread_mutex_t lock;        /* guards the next three */
    retry_rule rule;
    counter_wait counter;
    size_t at_work, spare; /* batches in progress; their maximum while patients wait at the counter */
    int spread_s, slot_s;
};

/* share 0: not configured. */
static result open_share(int max, int share, http_share **out) {
    return http_share_new((size_t)max, (size_t)(share ? share : (max + SHARE - 1) / SHARE), out);
}

/* Full batches up to their number; of smaller ones half as many more. The last quarter is reserved for small ones. */
static result open_batches(admission *a, int batches, int share) {
    const int places = batches + batches / 2, mine = share ? share : (batches + SHARE - 1) / SHARE;
    const int large = batches < SHARE ? batches : batches - batches / SHARE;
    a->spare = (size_t)(batches + SHARE - 1) / SHARE;
    a->rule.rate = batches > 0 ? (unsigned)batches * SENDERS : 1;
    result outcome = open_share(places, mine + mine / 2, &a->batches);
    if (outcome == RESULT_OK)
        outcome = open_share(batches * ADMISSION_WEIGHT_MAX, mine * ADMISSION_WEIGHT_MAX, &a->entries);
    return outcome == RESULT_OK ? open_share(large * ADMISSION_WEIGHT_MAX, large * ADMISSION_WEIGHT_MAX, &a->large)
                                : outcome;
}

result admission_open(const configuration *c, admission **out) {
    bool complete = true;
    admission *a = calloc(1, sizeof *a);
    *out = a;
    if (!a)
        return RESULT_NO_MEMORY;
    pthread_mutex_init(&a->lock, NULL);
    const struct {
        const char *key;
        long otherwise, max;
    } rows[] = {{"live-per-second", 20, 1000000}, {"live-burst", 200, 1000000}, {"batch-per-second", 2, 1000000},
                {"batch-burst", 50, 1000000},     {"busy-most", 64, 100000},    {"batches-most", 16, 100000},
                {"busy-share", 0, 100000},        {"batches-share", 0, 100000}, {"retry-spread-seconds", 10, 3600},
                {"slot-seconds", 60, 86400}};
    int values[sizeof rows / sizeof rows[0]];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        values[i] = (int)configuration_number(c, "admission", rows[i].key, rows[i].otherwise, 0, rows[i].max,
                                              &complete);
    result outcome = complete ? http_rate_new((unsigned)values[0], (unsigned)values[1], &a->live) : RESULT_INVALID;
    if (outcome == RESULT_OK)
        outcome = http_rate_new((unsigned)values[2], (unsigned)values[3], &a->batch);
    if (outcome == RESULT_OK)
        outcome = open_share(values[4], values[6], &a->busy);
    if (outcome == RESULT_OK)
        outcome = open_batches(a, values[5] < values[4] ? values[5] : values[4] / 2, values[7]);
    a->spread_s = values[8];
    a->slot_s = values[9] ? values[9] : 1;
    if (outcome != RESULT_OK)
        admission_close(out);
    return outcome;
}

void admission_close(admission **a) {
    if (!*a)
        return;
    http_rate_free(&(*a)->live);
    http_rate_free(&(*a)->batch);
    http_share_free(&(*a)->busy);
    http_share_free(&(*a)->batches);
    http_share_free(&(*a)->entries);
    http_share_free(&(*a)->large);
    pthread_mutex_destroy(&(*a)->lock);
    free(*a);
    *a = NULL;
}

static uint32_t chance(void) {
    uint32_t number = 0;
    crypt_random((uint8_t *)&number, sizeof number);
    return number;
}

static int jitter(int spread_s) {
    return (int)(chance() % (unsigned)(spread_s + 1));
}

static bool later(http_reply *reply, int status, const char *text, int64_t seconds) {
    reply_outcome(reply, status, "throttled", text);
    reply->retry_after = seconds < 1 ? 1 : (int)seconds;
    return false;
}

/* An institution's number, uniformly distributed but constant. */
static uint32_t number_of(const char *institution_code) {
    uint8_t digest[CRYPT_SHA256_LENGTH] = {0};
    crypt_sha256(bytes_of(institution_code, strlen(institution_code)), digest);
    return (uint32_t)digest[0] << 16 | (uint32_t)digest[1] << 8 | digest[2];
}

void admission_slot(const admission *a, const char *institution_code, int64_t now, int64_t *not_before,
                    int64_t *not_after) {
    const int64_t cycle = (int64_t)a->slot_s * SLOTS, offset = number_of(institution_code) % cycle;
    *not_before = now - (now - offset) % cycle;
    if (*not_before + a->slot_s <= now)
        *not_before += cycle;
    *not_after = *not_before + a->slot_s;
}

static bool has_room(const admission *a, admission_class class, const char *institution_code) {
    return http_share_has(a->busy, institution_code, 1) &&
           (class == ADMISSION_LIVE || http_share_has(a->batches, institution_code, 1));
}

static int64_t wait_for_room(admission *a, const char *institution_code) {
    const int64_t now = clock_wall_s();
    int64_t not_before, not_after;
    admission_slot(a, institution_code, now, &not_before, &not_after);
    const retry_slot slot = {not_before > now ? not_before - now : 0, not_after - now, (int64_t)a->slot_s * SLOTS};
    pthread_mutex_lock(&a->lock);
    const int64_t wait = retry_rule_refused(&a->rule, clock_monotonic_ms() / 1000, &slot, chance());
    pthread_mutex_unlock(&a->lock);
    return wait;
}

static bool no_room(admission *a, admission_class class, const char *institution_code, http_reply *reply) {
    const int64_t wait = class == ADMISSION_BATCH ? wait_for_room(a, institution_code) : 1 + jitter(a->spread_s);
    return later(reply, 503, "The service is busy. Send again after the time in Retry-After.", wait);
}

size_t admission_weight(size_t body_length) {
    const size_t entries = body_length / ENTRY_BYTES + 1;
    return entries < ADMISSION_WEIGHT_MAX ? entries : ADMISSION_WEIGHT_MAX;
}

bool admission_admit(admission *a, admission_class class, const char *institution_code, http_reply *reply) {
    if (class == ADMISSION_FREE)
        return true;
    if (!has_room(a, class, institution_code))
        return no_room(a, class, institution_code, reply);
    int64_t wait_ms = http_rate_take(class == ADMISSION_LIVE ? a->live : a->batch, institution_code,
                                     clock_monotonic_ms());
    return wait_ms == 0 ||
           later(reply, 429, "Rate limit exceeded for this institution. Send again after the time in Retry-After.",
                 (wait_ms + 999) / 1000 + jitter(a->spread_s));
}

static size_t large_part(size_t weight) {
    return weight > SMALL ? weight : 0;
}

static bool take_entries(admission *a, const char *institution_code, size_t weight) {
    if (!http_share_take(a->batches, institution_code, 1))
        return false;
    if (http_share_take(a->large, "", large_part(weight))) {
        if (http_share_take(a->entries, institution_code, weight))
            return true;
        http_share_give(a->large, "", large_part(weight));
    }
    http_share_give(a->batches, institution_code, 1);
    return false;
}

/* Fewer while patients wait. */
static bool take_batch(admission *a, const char *institution_code, size_t weight) {
    pthread_mutex_lock(&a->lock);
    const bool room = a->at_work < a->spare || !counter_wait_is_long(&a->counter, clock_monotonic_ms() / 1000);
    const bool taken = room && take_entries(a, institution_code, weight);
    a->at_work += taken;
    pthread_mutex_unlock(&a->lock);
    return taken;
}

bool admission_enter(admission *a, admission_class class, const char *institution_code, size_t weight,
                     http_reply *reply) {
    if (!http_share_take(a->busy, institution_code, 1))
        return no_room(a, class, institution_code, reply);
    if (class != ADMISSION_BATCH || take_batch(a, institution_code, weight))
        return true;
    http_share_give(a->busy, institution_code, 1);
    return no_room(a, class, institution_code, reply);
}

void admission_leave(admission *a, admission_class class, const char *institution_code, size_t weight) {
    http_share_give(a->busy, institution_code, 1);
    if (class != ADMISSION_BATCH)
        return;
    http_share_give(a->batches, institution_code, 1);
    http_share_give(a->entries, institution_code, weight);
    http_share_give(a->large, "", large_part(weight));
    pthread_mutex_lock(&a->lock);
    a->at_work--;
    retry_rule_served(&a->rule, clock_monotonic_ms() / 1000, number_of(institution_code));
    pthread_mutex_unlock(&a->lock);
}

void admission_note_live(admission *a, int64_t milliseconds) {
    pthread_mutex_lock(&a->lock);
    counter_wait_note(&a->counter, clock_monotonic_ms() / 1000, milliseconds);
    pthread_mutex_unlock(&a->lock);
}
