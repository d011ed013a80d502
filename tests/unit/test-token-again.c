/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Steps with a token that fail for a while: what is repeated, for how long, and what never is. The token and the time
 * are the test's. */
#include "p11/call_timeout.h"
#include "p11/token.h"
#include "p11/token_internal.h"
#include "stepped-clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define TRIES_MIN 12
#define PASS_MS 1500
#define RECOVER_MS 5000
#define TRIES_MS 15000
#define ALWAYS 1000000u

/* --- the token ---------------------------------------------------------------------------------------------------- */

static struct {
    CK_RV rv; /* of the step, so often: */
    unsigned failures;
    int64_t takes_ms;  /* each of them */
    CK_STATE state;    /* what the session tells */
    int64_t leaves_ms; /* when the reader tells that the card has left; 0: it stays */
    CK_RV login;
    CK_ULONG length; /* of the value; value_rv at its second reading */
    CK_RV value_rv;
    CK_FLAGS flags;
} it;
static unsigned tries, logins, logouts, opened, closed;
static CK_USER_TYPE user;

static CK_RV fail_for_a_while(void) {
    tries++;
    now_ms += it.takes_ms;
    return tries <= it.failures ? it.rv : CKR_OK;
}

static CK_RV find_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR template, CK_ULONG count) {
    (void)session, (void)template;
    assert_int_equal(count, 2);
    return CKR_OK;
}

static CK_RV find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE_PTR out, CK_ULONG max, CK_ULONG_PTR count) {
    (void)session, (void)max;
    *out = 1;
    *count = 1;
    return CKR_OK;
}

static CK_RV find_final(CK_SESSION_HANDLE session) {
    (void)session;
    return CKR_OK;
}

static CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
    (void)session, (void)mechanism, (void)key;
    return CKR_OK;
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG length, CK_BYTE_PTR out, CK_ULONG_PTR size) {
    (void)session, (void)data, (void)length;
    memcpy(out, "signed", *size = 6);
    return fail_for_a_while();
}

static CK_RV get_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR wanted, CK_ULONG count) {
    (void)session, (void)object, (void)count;
    const bool only_length = wanted->pValue == NULL;
    const CK_ULONG room = wanted->ulValueLen;
    wanted->ulValueLen = it.length;
    if (only_length)
        return fail_for_a_while();
    if (room < it.length)
        return CKR_BUFFER_TOO_SMALL;
    memset(wanted->pValue, 'v', it.length);
    return it.value_rv;
}

static CK_RV get_session_info(CK_SESSION_HANDLE session, CK_SESSION_INFO_PTR out) {
    (void)session;
    *out = (CK_SESSION_INFO){.state = it.state};
    return it.leaves_ms != 0 && now_ms >= it.leaves_ms ? CKR_SESSION_HANDLE_INVALID : CKR_OK;
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE_PTR out) {
    (void)slot, (void)flags, (void)application, (void)notify;
    *out = 100 + ++opened;
    return CKR_OK;
}

static CK_RV close_session(CK_SESSION_HANDLE session) {
    (void)session;
    closed++;
    return CKR_OK;
}

static CK_RV log_in(CK_SESSION_HANDLE session, CK_USER_TYPE who, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
    (void)session, (void)pin, (void)length;
    logins++;
    user = who;
    return it.login;
}

static CK_RV log_out(CK_SESSION_HANDLE session) {
    (void)session;
    logouts++;
    return CKR_OK;
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR out) {
    (void)slot;
    *out = (CK_TOKEN_INFO){.flags = it.flags};
    return fail_for_a_while();
}

static CK_FUNCTION_LIST functions = {.C_FindObjectsInit = find_init,
                                     .C_FindObjects = find,
                                     .C_FindObjectsFinal = find_final,
                                     .C_SignInit = sign_init,
                                     .C_Sign = sign,
                                     .C_GetAttributeValue = get_value,
                                     .C_GetSessionInfo = get_session_info,
                                     .C_OpenSession = open_session,
                                     .C_CloseSession = close_session,
                                     .C_Login = log_in,
                                     .C_Logout = log_out,
                                     .C_GetTokenInfo = get_token_info};
static token t;
static unsigned recoveries;
static bool recovers, asks_itself;

static bool recover(void *context) {
    uint8_t value[1];
    assert_string_equal(context, "context");
    recoveries++;
    if (asks_itself) /* fails, too, and is not recovered from */
        assert_int_not_equal(token_data_exact(&t, "label", value, sizeof value), RESULT_OK);
    return recovers;
}

static int begin(void **state) {
    static char context[] = "context";
    (void)state;
    t = (token){.functions = &functions, .session = 1, .logged_in = true};
    it = (typeof(it)){.rv = CKR_GENERAL_ERROR, .state = CKS_RW_USER_FUNCTIONS};
    now_ms = 1000;
    tries = logins = logouts = opened = closed = recoveries = 0;
    recovers = asks_itself = false;
    token_recover_by(&t, recover, context);
    return 0;
}

static result sign_now(void) {
    buffer signature = BUFFER_INIT(16);
    const result code = token_sign(&t, "key", bytes_of("data", 4), &signature);
    if (code == RESULT_OK)
        assert_string_equal(buffer_text(&signature), "signed");
    buffer_wipe(&signature);
    return code;
}

/* --- what passes -------------------------------------------------------------------------------------------------- */

static void a_busy_token_is_asked_again(void **state) {
    (void)state;
    it.failures = 3;
    assert_int_equal(sign_now(), RESULT_OK);
    assert_int_equal(tries, 4);
    assert_int_equal(token_signatures_asked(&t), 4); /* it may have made each of them */
    assert_int_equal(recoveries, 0);
}

static void not_for_ever(void **state) {
    static const struct {
        int64_t takes_ms;
        unsigned least, most;
    } rows[] = {
        {0, PASS_MS / 5, PASS_MS / 5 + 2}, /* fast: for a second and a half */
        {500, TRIES_MIN, TRIES_MIN},       /* slow: twelve times all the same */
        {4000, 4, 4},                      /* slower: a quarter of a minute at most */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin(state);
        it.failures = ALWAYS;
        it.takes_ms = rows[i].takes_ms;
        assert_int_not_equal(sign_now(), RESULT_OK);
        if (tries < rows[i].least || tries > rows[i].most)
            fail_msg("row %zu: %u tries", i, tries);
    }
}

static void what_the_token_says_of_its_pin_is_asked_again(void **state) {
    token_tries left;
    bool needs;
    (void)state;
    it.failures = 3;
    it.flags = CKF_USER_PIN_COUNT_LOW;
    assert_int_equal(token_pin_tries(&t, &left), RESULT_OK);
    assert_int_equal(left, TOKEN_TRIES_LOW);
    assert_int_equal(tries, 4);
    tries = 0;
    it.flags = 0;
    assert_int_equal(token_needs_login(&t, &needs), RESULT_OK);
    assert_false(needs);
    assert_int_equal(tries, 4);
}

static void without_recovery_once_is_all(void **state) {
    (void)state;
    it.failures = 1;
    token_recover_by(&t, NULL, NULL);
    assert_int_not_equal(sign_now(), RESULT_OK);
    assert_int_equal(tries, 1);
}

/* What the card has said is not asked again: a wrong PIN would cost a second try. */
static void a_verdict_is_not_repeated(void **state) {
    static const CK_RV values[] = {CKR_PIN_INCORRECT, CKR_PIN_LOCKED, CKR_PIN_LEN_RANGE};
    buffer signature = BUFFER_INIT(16);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        begin(state);
        it.login = values[i];
        const CK_SESSION_HANDLE before = t.session;
        assert_int_not_equal(token_sign_with_pin(&t, "key", bytes_of("1234", 4), bytes_of("data", 4), &signature),
                             RESULT_OK);
        assert_int_equal(logins, 1);
        assert_int_equal(user, CKU_CONTEXT_SPECIFIC);
        assert_int_equal(tries, 0); /* nothing was signed */
        assert_int_equal(token_signatures_asked(&t), 0);
        assert_int_not_equal(t.session, before); /* else the next C_SignInit finds an operation active */
        assert_int_equal(closed, 1);
    }
    begin(state);
    it.rv = CKR_KEY_FUNCTION_NOT_PERMITTED;
    it.failures = ALWAYS;
    assert_int_not_equal(sign_now(), RESULT_OK);
    assert_int_equal(tries, 1);
    buffer_wipe(&signature);
}

/* --- what is recovered from --------------------------------------------------------------------------------------- */

static void a_lost_login_is_got_back(void **state) {
    (void)state;
    it.state = CKS_RW_PUBLIC_SESSION;
    it.rv = CKR_USER_NOT_LOGGED_IN;
    it.failures = 1;
    recovers = true;
    assert_int_equal(sign_now(), RESULT_OK);
    assert_int_equal(recoveries, 1);
    begin(state);
    it.state = CKS_RW_PUBLIC_SESSION;
    it.failures = ALWAYS;
    assert_int_not_equal(sign_now(), RESULT_OK); /* it could not be */
    assert_int_equal(recoveries, 1);
    assert_int_equal(tries, 1);
}

static void recovery_has_an_end(void **state) {
    (void)state;
    it.state = CKS_RW_PUBLIC_SESSION;
    it.failures = ALWAYS;
    it.takes_ms = 1000;
    recovers = true;
    assert_int_not_equal(sign_now(), RESULT_OK);
    assert_int_equal(tries, TRIES_MIN); /* five seconds are over, and there were enough tries */
    begin(state);
    it.state = CKS_RW_PUBLIC_SESSION;
    it.failures = ALWAYS;
    it.takes_ms = RECOVER_MS;
    recovers = true;
    assert_int_not_equal(sign_now(), RESULT_OK);
    assert_int_equal(tries, TRIES_MS / RECOVER_MS + 1);
}

static void recovery_does_not_recover_itself(void **state) {
    (void)state;
    it.state = CKS_RW_PUBLIC_SESSION;
    it.failures = ALWAYS;
    it.length = 2; /* no value of one byte */
    asks_itself = true;
    assert_int_not_equal(sign_now(), RESULT_OK);
    assert_int_equal(recoveries, 1);
}

/* --- cards that leave -------------------------------------------------------------------------------------------- */

/* pcscd asks a reader every 400 ms whether its card is there. */
static void a_reader_tells_late_that_the_card_has_left(void **state) {
    (void)state;
    it.leaves_ms = now_ms; /* at once */
    assert_true(token_has_left(&t));
    assert_int_equal(now_ms, 1000);
    begin(state);
    it.leaves_ms = now_ms + 500;
    assert_true(token_has_left(&t));
    begin(state);
    assert_false(token_has_left(&t)); /* it stays */
    assert_in_range(now_ms, 1600, 1700);
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static void a_value_is_whole_or_not_there(void **state) {
    buffer value = BUFFER_INIT(1 << 20);
    uint8_t exact[4];
    (void)state;
    buffer_append_text(&value, "before");
    it.length = 4;
    assert_int_equal(token_data(&t, "label", &value), RESULT_OK);
    assert_string_equal(buffer_text(&value), "beforevvvv");
    it.value_rv = CKR_FUNCTION_FAILED; /* after the length */
    assert_int_not_equal(token_data(&t, "label", &value), RESULT_OK);
    assert_string_equal(buffer_text(&value), "beforevvvv");
    it.value_rv = CKR_OK;
    it.length = CK_UNAVAILABLE_INFORMATION;
    assert_int_equal(token_data(&t, "label", &value), RESULT_TOO_LONG);
    it.length = 65537;
    assert_int_equal(token_certificate(&t, "label", &value), RESULT_TOO_LONG);
    it.length = 65536;
    assert_int_equal(token_certificate(&t, "label", &value), RESULT_OK);
    static const struct {
        CK_ULONG length;
        result due;
    } rows[] = {{4, RESULT_OK}, {3, RESULT_INVALID}, {5, RESULT_TOO_LONG}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        it.length = rows[i].length;
        assert_int_equal(token_data_exact(&t, "label", exact, sizeof exact), rows[i].due);
    }
    buffer_wipe(&value);
}

/* --- logins ------------------------------------------------------------------------------------------------------- */

static void the_officer_s_word_leaves_no_login(void **state) {
    (void)state;
    assert_int_equal(token_check_officer(&t, bytes_of("12345678", 8)), RESULT_OK);
    assert_int_equal(user, CKU_SO);
    assert_int_equal(logouts, 1);
    it.login = CKR_PIN_INCORRECT;
    assert_int_equal(token_check_officer(&t, bytes_of("12345678", 8)), RESULT_DENIED);
    assert_int_equal(logouts, 1);
}

static void a_login_is_one_s_own_or_another_s(void **state) {
    (void)state;
    t.logged_in = false;
    it.login = CKR_USER_ALREADY_LOGGED_IN; /* by another user of the module in this process */
    assert_int_equal(token_login(&t, bytes_of("1", 1)), RESULT_OK);
    token_logout(&t);
    assert_int_equal(logouts, 0); /* which is not ours to end */
    it.login = CKR_OK;
    assert_int_equal(token_login(&t, bytes_of("1", 1)), RESULT_OK);
    token_logout(&t);
    token_logout(&t);
    assert_int_equal(logouts, 1);
}

static void a_token_that_does_not_say_needs_a_login(void **state) {
    bool needs;
    (void)state;
    assert_int_equal(token_needs_login(&t, &needs), RESULT_OK);
    assert_false(needs);
    it.flags = CKF_LOGIN_REQUIRED;
    assert_int_equal(token_needs_login(&t, &needs), RESULT_OK);
    assert_true(needs);
    it.flags = 0;
    it.failures = ALWAYS;
    assert_int_not_equal(token_needs_login(&t, &needs), RESULT_OK);
    assert_true(needs);
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

static unsigned begun, ended, openings;

static void note_begin(bool opening) {
    assert_int_equal(begun, ended); /* never nested */
    begun++;
    openings += opening;
}

static void note_end(void) {
    ended++;
}

static void each_try_is_a_step_of_its_own(void **state) {
    (void)state;
    token_tell_steps(note_begin, note_end);
    it.failures = 3;
    assert_int_equal(sign_now(), RESULT_OK);
    assert_int_equal(begun, 4);
    assert_int_equal(ended, 4);
    assert_int_equal(openings, 0);
    it.failures = 0;
    token_revive(&t); /* reads the slot anew, which takes longer */
    assert_int_equal(openings, 1);
    assert_int_equal(begun, ended);
    token_tell_steps(NULL, NULL);
    sign_now();
    assert_int_equal(begun, 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup(test, begin)
        TEST(a_busy_token_is_asked_again),
        TEST(not_for_ever),
        TEST(what_the_token_says_of_its_pin_is_asked_again),
        TEST(without_recovery_once_is_all),
        TEST(a_verdict_is_not_repeated),
        TEST(a_lost_login_is_got_back),
        TEST(recovery_has_an_end),
        TEST(recovery_does_not_recover_itself),
        TEST(a_reader_tells_late_that_the_card_has_left),
        TEST(a_value_is_whole_or_not_there),
        TEST(the_officer_s_word_leaves_no_login),
        TEST(a_login_is_one_s_own_or_another_s),
        TEST(a_token_that_does_not_say_needs_a_login),
        TEST(each_try_is_a_step_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
