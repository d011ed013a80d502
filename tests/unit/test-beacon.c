/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a terminal hears the platform's time: only an answer to its own question, and one that came soon, says what time
 * it is. The platform and the machine's clocks are the test's. */
#include "delivery/beacon.h"
#include "fhir/time_beacon.h"
#include "test_record_store.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW_MS 1795000000000
#define JOURNEY_MAX_MS 5000
#define SECOND_MS 1000

static int64_t wall_ms, boot_ms;

int64_t __wrap_clock_wall_ms(void);
int64_t __wrap_clock_boot_ms(void);

int64_t __wrap_clock_wall_ms(void) {
    return wall_ms;
}

int64_t __wrap_clock_boot_ms(void) {
    return boot_ms;
}

static void pass(int64_t milliseconds) {
    wall_ms += milliseconds;
    boot_ms += milliseconds;
}

/* --- the platform ------------------------------------------------------------------------------------------------- */

static struct {
    result code;
    int status;
    int64_t takes_ms, ahead_ms; /* its clock is so far before this machine's */
    bool old;                   /* it gives the answer to another question */
} platform;
static unsigned questions;
static long timeouts[2]; /* silence, whole: as set last */

void http_client_set_timeouts(http_client *client, long silence_ms, long whole_ms) {
    (void)client;
    timeouts[0] = silence_ms;
    timeouts[1] = whole_ms;
}

void remote_answer_wipe(remote_answer *answer) {
    buffer_wipe(&answer->body);
}

result remote_post(const remote *r, const char *path, const char *type, bytes body, const char *signer,
                   remote_answer *out) {
    time_beacon b = {.at_ms = wall_ms + platform.takes_ms / 2 + platform.ahead_ms};
    (void)r;
    assert_string_equal(path, "/time-beacon");
    assert_string_equal(type, "application/json");
    assert_string_equal(signer, REMOTE_SIGNER_PLATFORM); /* an answer that somebody else has signed is none */
    assert_true(timeouts[1] < REMOTE_TIMEOUT_MS);        /* a patient may be waiting */
    assert_int_equal(time_beacon_request_read(body, b.nonce, NULL), RESULT_OK);
    questions++;
    if (platform.old)
        b.nonce[0] = b.nonce[0] == '0' ? '1' : '0';
    *out = (remote_answer){.status = platform.status, .body = BUFFER_INIT(4096)};
    assert_int_equal(time_beacon_write(&b, &out->body), RESULT_OK);
    pass(platform.takes_ms);
    return platform.code;
}

/* --- the terminal ------------------------------------------------------------------------------------------------- */

static int begin(void **state) {
    wall_ms = NOW_MS;
    boot_ms = 7777777;
    platform = (typeof(platform)){.status = 200, .takes_ms = 100};
    questions = 0;
    return test_store_begin(state);
}

static bool refresh(void) {
    static const remote service = {0};
    const bool off = clock_beacon_refresh(&test_store, &service);
    if (questions > 0)
        assert_int_equal(timeouts[1], REMOTE_TIMEOUT_MS); /* as before */
    return off;
}

static statement_clock state_of(void) {
    statement_clock c;
    clock_beacon_state(&test_store, &c);
    return c;
}

static void it_is_asked_when_it_is_due(void **state) {
    (void)state;
    assert_false(refresh());
    assert_int_equal(questions, 1);
    assert_string_not_equal(state_of().beacon, "");
    pass((int64_t)CLOCK_BEACON_AGE_S * SECOND_MS);
    refresh();
    assert_int_equal(questions, 1);
    pass(SECOND_MS);
    refresh();
    assert_int_equal(questions, 2);
    assert_int_equal(state_of().age, 0);
    wall_ms -= 3600 * (int64_t)SECOND_MS; /* somebody has set the clock */
    refresh();
    assert_int_equal(questions, 3);
    test_store.unlocked = false; /* there is nowhere to keep it */
    pass(2 * (int64_t)CLOCK_BEACON_AGE_S * SECOND_MS);
    refresh();
    assert_int_equal(questions, 3);
}

static void only_its_own_answer_counts(void **state) {
    static const struct {
        result code;
        int status;
        int64_t takes_ms;
        bool old, kept;
    } rows[] = {
        {RESULT_OK, 200, 0, false, true},
        {RESULT_OK, 200, JOURNEY_MAX_MS, false, true},
        {RESULT_OK, 200, JOURNEY_MAX_MS + 1, false, false}, /* it says too little about now */
        {RESULT_OK, 200, 100, true, false},                 /* an answer of before */
        {RESULT_OK, 503, 100, false, false},
        {RESULT_OK, 202, 100, false, false},
        {RESULT_BAD_SIGNATURE, 200, 100, false, false},
        {RESULT_TIMEOUT, 0, 100, false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const statement_clock before = state_of();
        platform = (typeof(platform)){rows[i].code, rows[i].status, rows[i].takes_ms, 0, rows[i].old};
        pass(2 * (int64_t)CLOCK_BEACON_AGE_S * SECOND_MS);
        assert_false(refresh());
        assert_int_equal(questions, i + 1);
        if (rows[i].kept == (strcmp(before.beacon, state_of().beacon) == 0))
            fail_msg("row %zu", i);
    }
}

/* Half of the journey has passed since the platform looked at its clock. */
static void the_journey_is_halved(void **state) {
    (void)state;
    platform.takes_ms = 4000;
    refresh();
    assert_int_equal(state_of().offset, 0);
    assert_int_equal(state_of().age, 2);
}

static void a_clock_that_is_off_is_told(void **state) {
    static const int64_t rows[] = {0, CLOCK_BEACON_OFF_S, CLOCK_BEACON_OFF_S + 1, -CLOCK_BEACON_OFF_S,
                                   -CLOCK_BEACON_OFF_S - 1};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        platform.ahead_ms = rows[i] * SECOND_MS;
        pass(2 * (int64_t)CLOCK_BEACON_AGE_S * SECOND_MS);
        assert_int_equal(refresh(), rows[i] > CLOCK_BEACON_OFF_S || rows[i] < -CLOCK_BEACON_OFF_S);
        assert_int_equal(state_of().offset, -rows[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, test_store_end)
        TEST(it_is_asked_when_it_is_due),
        TEST(only_its_own_answer_counts),
        TEST(the_journey_is_halved),
        TEST(a_clock_that_is_off_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
