/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The relay and its Secure Element: when it logs in and with what, what locks it, and what only ends the connection. */
#include "relay-folder.h"
#include "relay-se-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* --- opening ------------------------------------------------------------------------------------------------------ */

static void it_waits_for_the_se_and_takes_it_up(void **state) {
    (void)state;
    is_now(RELAY_SE_AWAY, "starting");
    assert_null(relay_se_objects(relay));
    se.there = false;
    turn();
    is_now(RELAY_SE_AWAY, "se-missing");
    se.there = true;
    pass(TRY_AGAIN_MS - 1); /* opening looks through all readers: once a second */
    turn();
    assert_int_equal(opens, 1);
    pass(1);
    const relay_se_status now = ready();
    assert_int_equal(opens, 2);
    assert_string_equal(now.serial, "0000000000000001");
    assert_int_equal(now.pairing, 9);
    assert_int_equal(now.generation, 1);
    assert_int_equal(relay_se_objects(relay)->count, 1);
}

static void a_spent_try_keeps_the_file_s_pin_back(void **state) {
    static const token_tries rows[] = {TOKEN_TRIES_LOW, TOKEN_TRIES_LAST, TOKEN_TRIES_NONE};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        se.tries = rows[i];
        pass(TRY_AGAIN_MS);
        turn();
        is_now(RELAY_SE_AWAY, "se-pin");
        assert_int_equal(logins, 0);
    }
    assert_int_equal(unlock("123456"), RESULT_OK); /* a person may */
    is_now(RELAY_SE_READY, "");
}

static void the_file_s_line_end_is_no_part_of_the_pin(void **state) {
    static const char *const rows[] = {"123456", "123456\n", "123456\r\n"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_pin(rows[i]);
        ready();
        assert_int_equal(logins, 1);
        end(state);
        begin(state);
    }
}

static void without_a_file_a_person_types_it(void **state) {
    (void)state;
    stop();
    with_pin_file = false;
    start();
    turn();
    is_now(RELAY_SE_AWAY, "se-pin");
    assert_int_equal(logins, 0);
    assert_int_equal(unlock("000000"), RESULT_DENIED);
    is_now(RELAY_SE_AWAY, "se-pin");
    assert_int_equal(unlock("123456"), RESULT_OK);
    is_now(RELAY_SE_READY, "");
    assert_int_equal(unlock("000000"), RESULT_EXISTS); /* no PIN was tried, so nobody has unlocked anything */
}

static void another_se_does_not_serve(void **state) {
    (void)state;
    ready();
    se.serial = "0000000000000002";
    logins = 0;
    restart();
    turn();
    is_now(RELAY_SE_AWAY, "se-foreign");
    assert_int_equal(logins, 0);
    assert_int_equal(unlock("123456"), RESULT_REMOVED); /* nor for a person */
    se.serial = "0000000000000001";
    pass(TRY_AGAIN_MS);
    ready();
}

static void what_an_se_says_of_itself_is_its_reason(void **state) {
    static const struct {
        uint8_t condition;
        const char *reason;
    } rows[] = {{SE_STATE_WRONG_KEY, "se-unbound"},   {SE_STATE_NOT_BOUND, "se-unbound"},
                {SE_STATE_LOCKED, "se-locked"},       {SE_STATE_TERMINATED, "se-terminated"},
                {SE_STATE_UNRESPONSIVE, "se-silent"}, {99, "se-silent"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        se.state.condition = rows[i].condition;
        turn(); /* at opening: it was never served */
        is_now(RELAY_SE_AWAY, rows[i].reason);
        assert_int_equal(logins, 0);
        se.state.condition = SE_STATE_USABLE;
        pass(TRY_AGAIN_MS);
        ready();
        se.state.condition = rows[i].condition;
        turn(); /* under its clients; no channel is no answer of the SE's */
        is_now(rows[i].condition == SE_STATE_UNRESPONSIVE ? RELAY_SE_AWAY : RELAY_SE_LOCKED, rows[i].reason);
        end(state);
        begin(state);
    }
}

/* --- leaving ------------------------------------------------------------------------------------------------------ */

/* Put back, it stays locked. */
static void take_out_and_put_back(void) {
    se.there = se.reader_full = false;
    turn();
    is_now(RELAY_SE_LOCKED, "se-removed");
    se.there = se.reader_full = true;
    logins = 0;
    for (int i = 0; i < 3; i++) {
        pass(TRY_AGAIN_MS);
        turn();
        is_now(RELAY_SE_LOCKED, "se-removed");
    }
}

static void taken_out_it_is_locked_until_a_person_comes(void **state) {
    (void)state;
    const relay_se_status before = ready();
    take_out_and_put_back();
    restart(); /* a restart is no way around it */
    turn();
    is_now(RELAY_SE_LOCKED, "se-removed");
    assert_int_equal(logins, 0);
    assert_int_equal(unlock("000000"), RESULT_DENIED);
    pass(TRY_AGAIN_MS);
    turn();
    is_now(RELAY_SE_LOCKED, "se-removed");
    assert_int_equal(logins, 1);
    assert_int_equal(unlock("123456"), RESULT_OK);
    const relay_se_status after = turn();
    is_now(RELAY_SE_READY, "");
    assert_int_not_equal(after.connection, before.connection); /* to terminals it was taken out */
    restart();
    ready();
}

/* The disk is full when it is taken out. */
static void a_lock_that_cannot_be_written_holds(void **state) {
    (void)state;
    const relay_se_status before = ready();
    relay_folder_change("CREATE TRIGGER full BEFORE INSERT ON setting BEGIN SELECT RAISE(ABORT, 'full'); END");
    take_out_and_put_back();
    assert_int_not_equal(unlock("123456"), RESULT_OK); /* what could not be written cannot be taken off */
    assert_int_equal(logins, 0);
    relay_folder_change("DROP TRIGGER full");
    pass(TRY_AGAIN_MS);
    turn();
    restart();
    turn();
    is_now(RELAY_SE_LOCKED, "se-removed"); /* there was room for it at last */
    assert_int_equal(unlock("123456"), RESULT_OK);
    assert_int_not_equal(turn().connection, before.connection);
    is_now(RELAY_SE_READY, "");
}

static void put_in_again_between_two_looks_it_was_taken_out(void **state) {
    (void)state;
    ready();
    se.state.connection++;
    turn();
    is_now(RELAY_SE_LOCKED, "se-removed");
}

static void the_end_of_pcscd_is_nobody_s_doing(void **state) {
    (void)state;
    const relay_se_status before = ready();
    assert_true(linked);
    se.there = se.reader_full = false;
    cut = true;
    turn();
    is_now(RELAY_SE_AWAY, "pcscd-restarted");
    se.there = se.reader_full = true;
    se.state.connection = 8;
    cut = false;
    pass(TRY_AGAIN_MS);
    const relay_se_status after = ready();
    assert_int_equal(after.connection, before.connection); /* to terminals it was never away */
    assert_int_equal(after.generation, before.generation + 1);
    restart();
    assert_int_equal(ready().connection, before.connection);
}

static void an_se_that_is_silent_in_its_reader_is_away(void **state) {
    (void)state;
    ready();
    se.there = false;
    turn();
    is_now(RELAY_SE_AWAY, "se-silent");
    se.there = true;
    pass(TRY_AGAIN_MS);
    ready();
}

static void a_lost_session_is_got_back(void **state) {
    (void)state;
    const relay_se_status before = ready();
    se.hung_up = se.may_revive = true;
    assert_int_equal(turn().generation, before.generation); /* the same connection */
    is_now(RELAY_SE_READY, "");
    assert_int_equal(logins, 2);
    assert_true(recover(recover_context));
    se.state.connection++; /* it was taken out meanwhile: no login */
    assert_false(recover(recover_context));
    assert_int_equal(logins, 3);
}

static void a_step_has_its_time(void **state) {
    (void)state;
    assert_false(relay_se_is_stuck(relay));
    for (unsigned opening = 0; opening < 2; opening++) {
        step_begins(opening != 0);
        pass((opening + 1) * ANSWER_S * SECOND_MS);
        assert_false(relay_se_is_stuck(relay));
        pass(1);
        assert_true(relay_se_is_stuck(relay));
        step_ends();
        assert_false(relay_se_is_stuck(relay));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(it_waits_for_the_se_and_takes_it_up),
        TEST(a_spent_try_keeps_the_file_s_pin_back),
        TEST(the_file_s_line_end_is_no_part_of_the_pin),
        TEST(without_a_file_a_person_types_it),
        TEST(another_se_does_not_serve),
        TEST(what_an_se_says_of_itself_is_its_reason),
        TEST(taken_out_it_is_locked_until_a_person_comes),
        TEST(a_lock_that_cannot_be_written_holds),
        TEST(put_in_again_between_two_looks_it_was_taken_out),
        TEST(the_end_of_pcscd_is_nobody_s_doing),
        TEST(an_se_that_is_silent_in_its_reader_is_away),
        TEST(a_lost_session_is_got_back),
        TEST(a_step_has_its_time),
    };
    return cmocka_run_group_tests(tests, relay_folder_make, relay_folder_remove);
}
