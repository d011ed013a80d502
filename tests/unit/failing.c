/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "failing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define CALLS_MAX 5000 /* no step has so many: it would never end */
#define ONE_IN 8

static atomic_long countdown; /* 1: the next call fails; 0 and less: none */
static atomic_uint chance;    /* state of the generator; 0: off */
static atomic_bool failed;

/* xorshift32 (Marsaglia, 2003): the same calls fail for the same seed, on every machine. */
static bool by_chance(void) {
    unsigned state = atomic_load(&chance);
    if (state == 0)
        return false;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    atomic_store(&chance, state);
    return state % ONE_IN == 0;
}

bool failing_now(void) {
    const bool now = by_chance() || (atomic_load(&countdown) > 0 && atomic_fetch_sub(&countdown, 1) == 1);
    if (now)
        atomic_store(&failed, true);
    return now;
}

static result run(failing_step *step, void *context, long nth, unsigned seed) {
    atomic_store(&failed, false);
    atomic_store(&countdown, nth);
    atomic_store(&chance, seed);
    const result outcome = step(context);
    atomic_store(&countdown, 0);
    atomic_store(&chance, 0);
    return outcome;
}

unsigned failing_walk(failing_step *step, void *context, unsigned harmless) {
    unsigned unnoticed = 0;
    for (unsigned n = 1; n < CALLS_MAX; n++) {
        const result outcome = run(step, context, n, 0);
        if (!atomic_load(&failed)) {
            assert_int_equal(outcome, RESULT_OK);
            assert_int_equal(unnoticed, harmless);
            return n - 1;
        }
        if (outcome == RESULT_OK && ++unnoticed > harmless)
            print_error("call %u failed, and nobody noticed\n", n);
        assert_string_not_equal(result_text(outcome), "");
    }
    fail();
    return 0;
}

void failing_at_random(failing_step *step, void *context, unsigned count) {
    for (unsigned seed = 1; seed <= count; seed++) {
        const result outcome = run(step, context, 0, seed * 2654435761U);
        assert_string_not_equal(result_text(outcome), "");
    }
}

FAILING(void *, NULL, malloc, (size_t size), (size))
FAILING(void *, NULL, calloc, (size_t count, size_t size), (count, size))
FAILING(void *, NULL, realloc, (void *old, size_t size), (old, size))
FAILING(char *, NULL, strdup, (const char *text), (text))
