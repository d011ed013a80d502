/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "extract/extraction_internal.h"

#include "base/clock.h"
#include "base/log.h"
#include "crypt/digest.h"

#include <stdlib.h>
#include <time.h>

#define PURGE_MS 3600000
#define DAY_S 86400

static uint16_t chance(void) {
    uint16_t random = 0;
    return crypt_random((uint8_t *)&random, sizeof random) == RESULT_OK ? random : 0;
}

/* --- turns -------------------------------------------------------------------------------------------------------- */

static void purge(extraction *x) {
    int64_t purged = 0;
    const int64_t before = clock_wall_s() - (int64_t)x->options.keep_days * DAY_S;
    const result code = extract_store_purge(x->store, before, &purged);
    if (purged > 0)
        log_notice("%lld patients were not here for %ld days, and are forgotten", (long long)purged,
                   x->options.keep_days);
    if (code != RESULT_OK && code != RESULT_UNAVAILABLE)
        log_error("patients who are to be forgotten cannot be removed: %s", result_text(code));
}

void extraction_turn(extraction *x) {
    const int64_t now = clock_monotonic_ms();
    const extraction_platform *p = &x->options.platform;
    const result code = extract_store_write(x->store);
    if (code != RESULT_OK)
        log_write(LOG_WARNING, "what passes cannot be noted now: %s", result_text(code));
    if (now >= x->purge_due_ms) {
        purge(x);
        x->purge_due_ms = now + PURGE_MS;
    }
    if (!extract_timer_turn(&x->timer, p->may_ask(p->context), atomic_load(&x->wanted), now, chance()))
        return;
    atomic_store(&x->wanted, false);
    if (!extraction_ask_all(x))
        extract_timer_again(&x->timer, clock_monotonic_ms());
}

static void *run(void *context) {
    extraction *x = context;
    const struct timespec pause = {.tv_nsec = EXTRACTION_TURN_MS * 1000000L};
    while (!atomic_load(&x->ending)) {
        extraction_turn(x);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

void extraction_want(extraction *x) {
    atomic_store(&x->wanted, true);
}

/* --- both ends ---------------------------------------------------------------------------------------------------- */

result extraction_new(const extraction_options *options, extraction **out) {
    extraction *x = *out = calloc(1, sizeof *x);
    if (x == NULL)
        return RESULT_NO_MEMORY;
    x->options = *options;
    x->timer = (extract_timer){.every_ms = 1000 * (int64_t)options->every_s,
                               .spread_ms = 1000 * (int64_t)options->spread_s};
    const result code = extract_store_open(options->folder, &x->store);
    if (code != RESULT_OK)
        extraction_free(out);
    return code;
}

result extraction_start(extraction *x) {
    x->running = pthread_create(&x->thread, NULL, run, x) == 0;
    return x->running ? RESULT_OK : RESULT_NO_MEMORY;
}

void extraction_stop(extraction *x) {
    if (x == NULL || !x->running)
        return;
    atomic_store(&x->ending, true);
    pthread_join(x->thread, NULL);
    x->running = false;
}

void extraction_free(extraction **x) {
    if (*x == NULL)
        return;
    extraction_stop(*x);
    extract_store_close(&(*x)->store);
    free(*x);
    *x = NULL;
}

void extraction_tell(extraction *x, extraction_counts *out) {
    *out = (extraction_counts){.asked = atomic_load(&x->asked),
                               .changed = atomic_load(&x->changed),
                               .failed = atomic_load(&x->failed),
                               .asked_at = atomic_load(&x->asked_at)};
    extract_store_count(x->store, &out->patients);
}
