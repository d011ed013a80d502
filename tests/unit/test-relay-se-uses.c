/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The relay's ledger of uses beside the Secure Element's counter: no key is used without its row, and signatures without
 * a row lock the relay. */
#include "relay-folder.h"
#include "relay-se-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* --- the counter -------------------------------------------------------------------------------------------------- */

/* The signature itself comes after the look, and before the relay ends: no row is missing. */
static void a_look_between_row_and_signature_is_no_jump(void **state) {
    uint32_t counter;
    (void)state;
    ready();
    look_after_row = true;
    assert_int_equal(sign(&counter), RESULT_OK);
    restart();
    pass(TRY_AGAIN_MS);
    ready();
    se.state.signatures++; /* this one has no row */
    restart();
    pass(TRY_AGAIN_MS);
    turn();
    is_now(RELAY_SE_LOCKED, "se-counter-jumped");
}

static void signatures_without_a_row_lock_it(void **state) {
    static const struct {
        int by_us, failed, elsewhere;
        bool locks;
    } rows[] = {
        {0, 0, 0, false}, {3, 0, 0, false}, {3, 0, 1, true},
        {0, 0, 1, true},  {0, 0, -1, true}, {1, 2, 0, false}, /* rows whose signature was never made */
        {1, 2, 2, false},                                     /* which cannot be told from those that were */
        {1, 2, 3, true},
    };
    uint32_t counter;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ready();
        for (int n = 0; n < rows[i].by_us + rows[i].failed; n++) {
            se.signing = n < rows[i].by_us ? RESULT_OK : RESULT_REMOVED;
            assert_int_equal(sign(&counter), se.signing);
        }
        se.state.signatures += (uint32_t)rows[i].elsewhere;
        logins = 0;
        restart();
        turn();
        if (rows[i].locks) {
            is_now(RELAY_SE_LOCKED, "se-counter-jumped");
            assert_int_equal(logins, 0);
            assert_int_equal(unlock("123456"), RESULT_OK); /* a person answers for it */
        }
        is_now(RELAY_SE_READY, "");
        pass(TRY_AGAIN_MS);
        restart();
        ready(); /* and it is known from then on */
        end(state);
        begin(state);
    }
}

static void signatures_by_others_lock_it_at_once(void **state) {
    uint32_t counter;
    (void)state;
    ready();
    assert_int_equal(sign(&counter), RESULT_OK);
    assert_int_equal(counter, 41);
    turn();
    is_now(RELAY_SE_READY, "");
    assert_int_equal(sign(&counter), RESULT_OK);
    assert_int_equal(counter, 42);
    assert_int_equal(sign(&counter), RESULT_OK);
    assert_int_equal(counter, 43); /* two since the last look */
    se.state.signatures++;
    turn();
    is_now(RELAY_SE_LOCKED, "se-counter-jumped");
}

/* --- uses --------------------------------------------------------------------------------------------------------- */

static void no_key_is_used_without_its_row(void **state) {
    buffer plain = BUFFER_INIT(16);
    uint32_t counter;
    relay_use use = {.terminal = "T-01", .key = "store-wrapping", .role = "unwrap", .about = "00"};
    (void)state;
    assert_int_equal(sign(&counter), RESULT_UNAVAILABLE); /* asked for, and not there yet */
    assert_int_equal(counter, 0);
    assert_int_equal(uses(), 1);
    ready();
    assert_int_equal(relay_se_decrypt(relay, &use, bytes_of("x", 1), &plain), RESULT_OK);
    assert_int_equal(use.number, 2);
    assert_int_equal(uses(), 2);
    relay_folder_change("DROP TABLE key_use");
    use.number = 0;
    assert_int_not_equal(sign(&counter), RESULT_OK);
    assert_int_not_equal(relay_se_decrypt(relay, &use, bytes_of("x", 1), &plain), RESULT_OK);
    assert_int_equal(use.number, 0);
    assert_int_equal(signatures, 0);
    assert_int_equal(decryptions, 1);
    buffer_wipe(&plain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(a_look_between_row_and_signature_is_no_jump),
        TEST(signatures_without_a_row_lock_it),
        TEST(signatures_by_others_lock_it_at_once),
        TEST(no_key_is_used_without_its_row),
    };
    return cmocka_run_group_tests(tests, relay_folder_make, relay_folder_remove);
}
