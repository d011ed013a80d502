/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* When a refused batch comes again: every edge, and a waiting list that is served to its end. */
#include "service/retry_rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const retry_slot any_slot = {100, 160, 600};

static void never_sooner_than_half_a_minute(void **state) {
    static const struct {
        retry_slot slot;
        int64_t min, max;
    } rows[] = {
        {{0, 60, 600}, 30, 60},                               /* in the slot: in what is left of it */
        {{0, 31, 600}, 30, 31},  {{0, 30, 600}, 600, 630},    /* too little is left: the next slot */
        {{0, 1, 600}, 600, 630}, {{100, 160, 600}, 100, 160}, /* before the slot: in it */
        {{10, 70, 600}, 30, 70}, {{540, 600, 600}, 540, 600},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        retry_rule calm = {.rate = 10};
        assert_int_equal(retry_rule_refused(&calm, 1000, &rows[i].slot, 0), rows[i].min);
        assert_int_equal(retry_rule_refused(&calm, 1000, &rows[i].slot, UINT32_MAX), rows[i].max);
    }
}

/* A thousand at once, where ten are served in a minute: their times follow each other, twice as fast. */
static void a_long_list_gives_each_a_time_of_its_own(void **state) {
    retry_rule r = {.rate = 10};
    int64_t before = 0;
    (void)state;
    for (int i = 0; i < 900; i++) {
        const int64_t wait = retry_rule_refused(&r, 1000, &any_slot, UINT32_MAX), due = RETRY_RULE_MIN_S + i * 3;
        assert_int_equal(wait, due > any_slot.cycle ? due : any_slot.left);
        assert_true(wait >= before);
        before = wait;
    }
    /* The list is full: whoever comes now asks again. */
    for (int i = 0; i < 200; i++)
        before = retry_rule_refused(&r, 1000, &any_slot, UINT32_MAX);
    assert_int_equal(before, RETRY_RULE_MAX_S);
    assert_int_equal(retry_rule_refused(&r, 1000, &any_slot, 0), RETRY_RULE_MAX_S / 2);
    /* Time passes: it is worked off. */
    assert_int_equal(retry_rule_refused(&r, 1000 + RETRY_RULE_MAX_S, &any_slot, 0), any_slot.until);
}

static void serve(retry_rule *r, int64_t now, unsigned senders, unsigned batches) {
    for (unsigned i = 0; i < senders * batches; i++)
        retry_rule_served(r, now, 7919 * (i % senders));
}

/* A sender of many batches counts once; a stall hardly lowers what a service is thought to do, and a good minute raises
 * it at once. A window in which nobody was refused lowers nothing. */
static void the_rate_is_what_a_full_service_serves(void **state) {
    retry_rule r = {.rate = 1};
    (void)state;
    serve(&r, 60, 64, 5);
    assert_int_equal(r.served, 64);
    retry_rule_refused(&r, 119, &any_slot, 0);
    retry_rule_refused(&r, 120, &any_slot, 0);
    assert_int_equal(r.rate, 64);
    serve(&r, 180, 3, 1); /* the window from 120 on was full, and nobody was served */
    assert_int_equal(r.rate, 60);
    serve(&r, 240, 1, 1); /* that from 180 on was not full */
    assert_int_equal(r.rate, 60);
    for (int64_t at = 300; at < 300 + 60 * 1000; at += 60)
        retry_rule_refused(&r, at, &any_slot, 0);
    assert_true(r.rate >= 1);
}

/* 4,000 senders, of whom 100 a minute can be served: all are, in little more than the 40 minutes that it takes, and
 * they are refused little more often than once. */
static void nobody_comes_in_vain_for_long(void **state) {
    enum { SENDERS = 4000, PER_MINUTE = 100 };
    int64_t *due = calloc(SENDERS, sizeof *due);
    retry_rule r = {.rate = 20};
    unsigned left = SENDERS, tries = 0, room = 0;
    int64_t now = 0;
    (void)state;
    assert_non_null(due);
    srandom(1);
    for (size_t i = 0; i < SENDERS; i++)
        due[i] = random() % 300;
    for (; left > 0 && now < 86400; now++) {
        room = now % 6 == 0 ? PER_MINUTE / 10 : room;
        for (size_t i = 0; i < SENDERS; i++) {
            if (due[i] != now)
                continue;
            const int64_t until = (int64_t)i * 600 / SENDERS;
            const retry_slot slot = {until, until + 60, 600};
            tries++;
            if (room > 0) {
                room--;
                left--;
                retry_rule_served(&r, now, (uint32_t)i * 2654435761U >> 8);
            } else {
                const int64_t wait = retry_rule_refused(&r, now, &slot, (uint32_t)random() * 2U);
                due[i] = now + wait + random() % (wait / 10 + 1);
            }
        }
    }
    free(due);
    print_message("%u senders: %u tries, %lld s\n", SENDERS, tries, (long long)now);
    assert_int_equal(left, 0);
    assert_true(now < 60 * 60);
    assert_true(tries < 3 * SENDERS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_sooner_than_half_a_minute),
        cmocka_unit_test(a_long_list_gives_each_a_time_of_its_own),
        cmocka_unit_test(the_rate_is_what_a_full_service_serves),
        cmocka_unit_test(nobody_comes_in_vain_for_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
