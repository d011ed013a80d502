/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The module's account of sessions, logins and cards, with the stock module, pcscd and the drivers as the test says:
 * two readers, of which the first one's card has two tokens. */
#include "pkcs11-jpki/module/account.h"
#include "pkcs11-jpki/module/module_rights.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define READERS 2
#define SLOTS 3
#define FIRST_STOCK_SESSION 100

enum { AUTH, SIGN, OTHER }; /* the program's slots; the first two are of one card */

/* --- pcscd -------------------------------------------------------------------------------------------------------- */

static readers_news news;
static uint64_t stays[READERS];
static bool list_changed;
static unsigned leaves_after; /* so many looks: the first reader's card; 0: it stays */

static size_t number_of(const CK_UTF8CHAR *reader) {
    return (size_t)(reader[strlen("Reader ")] - '1');
}

void readers_begin(void) {
}

void readers_end(void) {
}

readers_news readers_look(const CK_UTF8CHAR *reader) {
    (void)reader;
    if (leaves_after > 0 && --leaves_after == 0)
        stays[0]++;
    const readers_news now = news;
    news = now == READERS_RESTARTED ? READERS_OK : now;
    return now;
}

uint64_t readers_stay(const CK_UTF8CHAR *reader) {
    return stays[number_of(reader)];
}

bool readers_list_changed(void) {
    return list_changed;
}

/* --- the drivers -------------------------------------------------------------------------------------------------- */

static hold_state holds[READERS];
static CK_RV taking;
static unsigned taken[READERS], taken_everywhere, host;

void rights_begin(void) {
}

void rights_end(void) {
}

void rights_host(unsigned about) {
    host = about;
}

CK_RV rights_revoke(const CK_UTF8CHAR *reader) {
    if (reader == NULL) {
        taken_everywhere++;
        return CKR_OK;
    }
    taken[number_of(reader)]++;
    holds[number_of(reader)] = HOLD_NOTHING;
    return taking;
}

hold_state rights_hold(const CK_UTF8CHAR *reader) {
    return holds[number_of(reader)];
}

/* --- the stock module --------------------------------------------------------------------------------------------- */

static CK_SLOT_ID first_id; /* of its slots: others after each start */
static CK_RV starting, opening;
static unsigned starts, lists, lists_of_readers, logouts;
static CK_SESSION_HANDLE last_session, logged_out, closed[16];
static size_t closings;
static bool beside;

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count) {
    assert_false(present);
    lists += list != NULL;
    lists_of_readers += list == NULL;
    for (CK_ULONG i = 0; list != NULL && i < SLOTS; i++)
        list[i] = first_id + i;
    *count = SLOTS;
    return CKR_OK;
}

static CK_RV get_slot_info(CK_SLOT_ID id, CK_SLOT_INFO_PTR out) {
    *out = (CK_SLOT_INFO){0};
    memset(out->slotDescription, ' ', sizeof out->slotDescription);
    memcpy(out->slotDescription, id - first_id == OTHER ? "Reader 2" : "Reader 1", strlen("Reader 1"));
    return CKR_OK;
}

static CK_RV open_session(CK_SLOT_ID id, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE_PTR out) {
    (void)id, (void)flags, (void)application, (void)notify;
    *out = ++last_session;
    return opening;
}

static CK_RV close_session(CK_SESSION_HANDLE session) {
    assert_true(closings < sizeof closed / sizeof *closed);
    closed[closings++] = session;
    return CKR_OK;
}

static CK_RV log_out(CK_SESSION_HANDLE session) {
    logouts++;
    logged_out = session;
    return CKR_OK;
}

static CK_RV finalize(CK_VOID_PTR reserved) {
    (void)reserved;
    return CKR_OK;
}

CK_RV stock_initialize(CK_FUNCTION_LIST_PTR functions, CK_VOID_PTR arguments) {
    (void)functions, (void)arguments;
    starts++;
    first_id += 50;
    return starting;
}

bool stock_is_beside(void) {
    return beside;
}

static CK_FUNCTION_LIST functions = {.C_GetSlotList = get_slot_list,
                                     .C_GetSlotInfo = get_slot_info,
                                     .C_OpenSession = open_session,
                                     .C_CloseSession = close_session,
                                     .C_Logout = log_out,
                                     .C_Finalize = finalize};

static void begin_with(CK_FLAGS flags) {
    const CK_C_INITIALIZE_ARGS arguments = {.flags = flags};
    account_begin(&functions, &arguments);
}

static int begin(void **state) {
    (void)state;
    news = READERS_OK;
    stays[0] = stays[1] = 1;
    leaves_after = 0;
    list_changed = beside = false;
    holds[0] = holds[1] = HOLD_NOTHING;
    taking = starting = opening = CKR_OK;
    taken[0] = taken[1] = taken_everywhere = starts = lists = lists_of_readers = logouts = 0;
    first_id = 10;
    last_session = FIRST_STOCK_SESSION;
    closings = 0;
    begin_with(0);
    return 0;
}

static int end(void **state) {
    (void)state;
    account_end();
    return 0;
}

static struct slot *enter_slot(CK_SLOT_ID number) {
    struct slot *s = NULL;
    CK_SLOT_ID id = number;
    assert_int_equal(account_enter_slot(&id, &s), CKR_OK);
    assert_int_equal(id, first_id + number);
    return s;
}

/* A session of that slot, in which an operator is logged in. */
static CK_SESSION_HANDLE log_in(CK_SLOT_ID number, slot_user user) {
    struct session one = {.slot = enter_slot(number), .stock = ++last_session};
    CK_SESSION_HANDLE handle;
    assert_int_equal(sessions_add(&one, &handle), CKR_OK);
    one.slot->user = user;
    one.slot->consent = user == SLOT_USER;
    return handle;
}

static CK_RV enter(CK_SESSION_HANDLE handle) {
    struct session *one;
    return account_enter_session(&handle, &one);
}

/* --- cards -------------------------------------------------------------------------------------------------------- */

static void another_card_ends_sessions_of_its_reader(void **state) {
    (void)state;
    const CK_SESSION_HANDLE first = log_in(AUTH, SLOT_USER), second = log_in(AUTH, SLOT_USER),
                            signing = log_in(SIGN, SLOT_USER), other = log_in(OTHER, SLOT_USER);
    stays[0] = 2;
    assert_int_equal(enter(first), CKR_DEVICE_REMOVED);
    assert_int_equal(enter(second), CKR_SESSION_HANDLE_INVALID);
    assert_int_equal(enter(signing), CKR_SESSION_HANDLE_INVALID);
    assert_int_equal(closings, 3); /* in the stock module, too */
    for (size_t i = 0; i < closings; i++)
        assert_in_range(closed[i], FIRST_STOCK_SESSION + 1, FIRST_STOCK_SESSION + 3);
    assert_int_equal(slots_get(AUTH)->user, SLOT_LOGGED_OUT);
    assert_false(slots_get(AUTH)->consent);
    assert_int_equal(slots_get(SIGN)->user, SLOT_LOGGED_OUT);
    assert_int_equal(enter(other), CKR_OK);
    assert_int_equal(slots_get(OTHER)->user, SLOT_USER);
    assert_int_equal(enter(log_in(AUTH, SLOT_USER)), CKR_OK); /* the new card's */
}

static void a_failure_with_another_card_is_a_removal(void **state) {
    static const struct {
        CK_RV rv;
        bool moved;
        CK_RV due;
    } rows[] = {
        {CKR_OK, true, CKR_OK},
        {CKR_PIN_INCORRECT, true, CKR_PIN_INCORRECT},
        {CKR_GENERAL_ERROR, false, CKR_GENERAL_ERROR},
        {CKR_GENERAL_ERROR, true, CKR_DEVICE_REMOVED},
        {CKR_DEVICE_ERROR, true, CKR_DEVICE_REMOVED},
        {CKR_TOKEN_NOT_RECOGNIZED, true, CKR_DEVICE_REMOVED},
        {CKR_SESSION_HANDLE_INVALID, false, CKR_SESSION_HANDLE_INVALID},
        {CKR_SESSION_HANDLE_INVALID, true, CKR_DEVICE_REMOVED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const CK_SESSION_HANDLE handle = log_in(AUTH, SLOT_LOGGED_OUT);
        stays[0] += rows[i].moved;
        assert_int_equal(account_leave_session(handle, rows[i].rv), rows[i].due);
        enter_slot(AUTH);
        stays[0] += rows[i].moved;
        assert_int_equal(account_leave_slot(AUTH, rows[i].rv), rows[i].due);
    }
    stays[0]++;
    assert_int_equal(account_leave_slot(AUTH, CKR_TOKEN_NOT_PRESENT), CKR_TOKEN_NOT_PRESENT);
    assert_int_equal(account_leave_slot(99, CKR_GENERAL_ERROR), CKR_GENERAL_ERROR);
    assert_int_equal(account_leave_session(99, CKR_GENERAL_ERROR), CKR_GENERAL_ERROR);
}

static void only_what_exists_is_entered(void **state) {
    struct slot *s = NULL;
    CK_SLOT_ID id = 99;
    (void)state;
    assert_int_equal(account_enter_slot(&id, &s), CKR_SLOT_ID_INVALID);
    assert_int_equal(enter(99), CKR_SESSION_HANDLE_INVALID);
    assert_null(s);
}

/* --- pcscd, again ------------------------------------------------------------------------------------------------- */

static void after_a_restart_of_pcscd_nothing_is_believed(void **state) {
    (void)state;
    const CK_SESSION_HANDLE handle = log_in(AUTH, SLOT_USER);
    news = READERS_RESTARTED;
    assert_int_equal(enter(handle), CKR_DEVICE_REMOVED);
    assert_int_equal(starts, 1);
    assert_int_equal(enter(handle), CKR_SESSION_HANDLE_INVALID);
    enter_slot(AUTH); /* the same number, the stock module's new one */
    assert_int_equal(slots_get(AUTH)->user, SLOT_LOGGED_OUT);
    assert_int_equal(starts, 1);
}

static void the_stock_module_is_tried_again(void **state) {
    struct slot *s;
    CK_SLOT_ID id = AUTH;
    (void)state;
    enter_slot(AUTH);
    news = READERS_RESTARTED;
    starting = CKR_GENERAL_ERROR;
    assert_int_equal(account_enter_slot(&id, &s), CKR_TOKEN_NOT_PRESENT);
    assert_int_equal(starts, 1);
    assert_int_equal(account_note_cards(), CKR_DEVICE_REMOVED);
    assert_int_equal(starts, 2);
    starting = CKR_OK;
    enter_slot(AUTH);
    assert_int_equal(starts, 3);
}

static void without_pcscd_there_is_no_session(void **state) {
    (void)state;
    const CK_SESSION_HANDLE handle = log_in(AUTH, SLOT_USER);
    news = READERS_AWAY;
    assert_int_equal(enter(handle), CKR_DEVICE_REMOVED);
    news = READERS_OK;
    assert_int_equal(enter(handle), CKR_SESSION_HANDLE_INVALID);
    assert_int_equal(starts, 0);
}

static void a_new_reader_is_looked_for_only_then(void **state) {
    (void)state;
    enter_slot(AUTH);
    assert_int_equal(lists_of_readers, 0); /* the costly call */
    list_changed = true;
    stays[0]++;
    enter_slot(AUTH);
    assert_int_equal(lists_of_readers, 1);
}

/* --- logins ------------------------------------------------------------------------------------------------------- */

static void the_time_limit_logs_out_all_tokens_of_the_card(void **state) {
    (void)state;
    const CK_SESSION_HANDLE first = log_in(AUTH, SLOT_USER);
    log_in(SIGN, SLOT_USER);
    log_in(OTHER, SLOT_USER);
    holds[0] = HOLD_HELD;
    assert_int_equal(enter(first), CKR_OK);
    assert_int_equal(logouts, 0);
    holds[0] = HOLD_OVER;
    assert_int_equal(enter(first), CKR_OK);
    assert_int_equal(slots_get(AUTH)->user, SLOT_LOGGED_OUT);
    assert_int_equal(slots_get(SIGN)->user, SLOT_LOGGED_OUT);
    assert_int_equal(logouts, 2);
    assert_int_equal(slots_get(OTHER)->user, SLOT_USER);
    assert_int_equal(taken[1], 0);
    assert_int_equal(holds[0], HOLD_NOTHING); /* told once */
    log_in(SIGN, SLOT_USER);
    holds[0] = HOLD_OVER;
    enter_slot(SIGN); /* also by the slot */
    assert_int_equal(slots_get(SIGN)->user, SLOT_LOGGED_OUT);
}

static void a_login_that_the_card_has_ended_counts_no_more(void **state) {
    (void)state;
    for (unsigned consent = 0; consent < 2; consent++) {
        const CK_SESSION_HANDLE handle = log_in(AUTH, SLOT_USER);
        slots_get(AUTH)->consent = consent != 0;
        assert_int_equal(account_leave_session(handle, CKR_PIN_INCORRECT), CKR_PIN_INCORRECT);
        assert_int_equal(slots_get(AUTH)->user, SLOT_USER);
        assert_int_equal(account_leave_session(handle, CKR_USER_NOT_LOGGED_IN), CKR_USER_NOT_LOGGED_IN);
        assert_int_equal(slots_get(AUTH)->user, SLOT_LOGGED_OUT);
        assert_false(slots_get(AUTH)->consent);
    }
}

static void logging_out_ends_the_right_at_the_card(void **state) {
    static const CK_RV values[] = {CKR_OK, CKR_DEVICE_REMOVED, CKR_DEVICE_ERROR};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        log_in(AUTH, SLOT_USER);
        taking = values[i];
        assert_int_equal(account_log_out(slots_get(AUTH)), values[i]);
        assert_int_equal(logouts, i + 1);
        assert_int_equal(logged_out, FIRST_STOCK_SESSION + 1); /* the slot's first session */
        assert_int_equal(taken[0], i + 1);
        assert_int_equal(slots_get(AUTH)->user, SLOT_LOGGED_OUT);
    }
    assert_int_equal(taken[1], 0);
    account_log_out(enter_slot(OTHER)); /* without a session there is none in the stock module */
    assert_int_equal(logouts, sizeof values / sizeof *values);
    assert_int_equal(taken[1], 1);
}

static void the_end_takes_all_rights(void **state) {
    (void)state;
    const CK_SESSION_HANDLE handle = log_in(AUTH, SLOT_USER);
    account_end();
    assert_int_equal(taken_everywhere, 1);
    begin_with(0);
    assert_int_equal(enter(handle), CKR_SESSION_HANDLE_INVALID);
}

static void a_card_is_held_in_vain_when_all_its_tokens_are_logged_out(void **state) {
    static const struct {
        hold_state hold;
        slot_user auth, sign, other;
        bool due;
    } rows[] = {
        {HOLD_HELD, SLOT_LOGGED_OUT, SLOT_LOGGED_OUT, SLOT_LOGGED_OUT, true},
        {HOLD_HELD, SLOT_LOGGED_OUT, SLOT_LOGGED_OUT, SLOT_USER, true},
        {HOLD_HELD, SLOT_USER, SLOT_LOGGED_OUT, SLOT_LOGGED_OUT, false},
        {HOLD_HELD, SLOT_LOGGED_OUT, SLOT_OFFICER, SLOT_LOGGED_OUT, false},
        {HOLD_NOTHING, SLOT_LOGGED_OUT, SLOT_LOGGED_OUT, SLOT_LOGGED_OUT, false},
        {HOLD_OVER, SLOT_LOGGED_OUT, SLOT_LOGGED_OUT, SLOT_LOGGED_OUT, false},
    };
    (void)state;
    enter_slot(AUTH);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        holds[0] = rows[i].hold;
        slots_get(AUTH)->user = rows[i].auth;
        slots_get(SIGN)->user = rows[i].sign;
        slots_get(OTHER)->user = rows[i].other;
        if (account_holds_in_vain(slots_get(AUTH)) != rows[i].due)
            fail_msg("row %zu", i);
    }
}

static void sessions_that_the_stock_module_closed_are_opened_again(void **state) {
    (void)state;
    CK_SESSION_HANDLE handle = log_in(AUTH, SLOT_USER);
    const CK_SESSION_HANDLE other = log_in(OTHER, SLOT_USER);
    struct session *one = sessions_find(handle);
    one->uses_key = true;
    const CK_SESSION_HANDLE before = one->stock, of_other = sessions_find(other)->stock;
    account_open_again(slots_get(AUTH));
    one = sessions_find(handle);
    assert_int_not_equal(one->stock, before);
    assert_false(one->uses_key);
    assert_int_equal(slots_get(AUTH)->user, SLOT_LOGGED_OUT);
    assert_int_equal(sessions_find(other)->stock, of_other);
    opening = CKR_DEVICE_ERROR;
    account_open_again(slots_get(AUTH));
    assert_int_equal(sessions_find(handle)->stock, CK_INVALID_HANDLE);
}

static void the_drivers_are_told_about_the_process(void **state) {
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        beside = i & 1;
        account_end();
        begin_with(i & 2 ? CKF_LIBRARY_CANT_CREATE_OS_THREADS | CKF_OS_LOCKING_OK : CKF_OS_LOCKING_OK);
        account_before_right();
        assert_int_equal(host, (i & 1 ? HOST_WITH_STOCK : 0) | (i & 2 ? HOST_WITHOUT_THREADS : 0));
    }
}

/* pcscd's own thread sees it some milliseconds after the command has failed. */
static void a_removal_may_be_told_a_moment_later(void **state) {
    (void)state;
    const CK_SESSION_HANDLE handle = log_in(AUTH, SLOT_LOGGED_OUT);
    leaves_after = 3;
    assert_int_equal(account_leave_session(handle, CKR_GENERAL_ERROR), CKR_DEVICE_REMOVED);
    assert_int_equal(leaves_after, 0);
    enter_slot(AUTH);
    leaves_after = 3; /* a card that no driver knows answers so each time: looked at once */
    assert_int_equal(account_leave_slot(AUTH, CKR_TOKEN_NOT_RECOGNIZED), CKR_TOKEN_NOT_RECOGNIZED);
    assert_int_equal(leaves_after, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(another_card_ends_sessions_of_its_reader),
        TEST(a_failure_with_another_card_is_a_removal),
        TEST(a_removal_may_be_told_a_moment_later),
        TEST(only_what_exists_is_entered),
        TEST(after_a_restart_of_pcscd_nothing_is_believed),
        TEST(the_stock_module_is_tried_again),
        TEST(without_pcscd_there_is_no_session),
        TEST(a_new_reader_is_looked_for_only_then),
        TEST(the_time_limit_logs_out_all_tokens_of_the_card),
        TEST(a_login_that_the_card_has_ended_counts_no_more),
        TEST(logging_out_ends_the_right_at_the_card),
        TEST(the_end_takes_all_rights),
        TEST(a_card_is_held_in_vain_when_all_its_tokens_are_logged_out),
        TEST(sessions_that_the_stock_module_closed_are_opened_again),
        TEST(the_drivers_are_told_about_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
