/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What tokens may say and programs may ask that no module at hand does: lib/p11 and the module's own checks against a
 * token whose every answer is written here. */
#include "opensc/mechanisms.h"
#include "p11/token.h"
#include "p11/token_internal.h"
#include "pkcs11-jpki/module/mechanism.h"
#include "pkcs11-jpki/module/validate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static CK_TOKEN_INFO said; /* of every slot */
static CK_SESSION_INFO of_session;
static CK_RV session_value;
static unsigned logouts, closings;

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR out) {
    (void)slot;
    *out = said;
    return CKR_OK;
}

static CK_RV get_session_info(CK_SESSION_HANDLE session, CK_SESSION_INFO_PTR out) {
    (void)session;
    *out = of_session;
    return session_value;
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE_PTR out) {
    (void)slot, (void)flags, (void)application, (void)notify;
    *out = 7;
    return CKR_OK;
}

static CK_RV close_session(CK_SESSION_HANDLE session) {
    (void)session;
    closings++;
    return CKR_OK;
}

static CK_RV log_out(CK_SESSION_HANDLE session) {
    (void)session;
    logouts++;
    return CKR_OK;
}

static CK_RV get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR out) {
    (void)slot, (void)type;
    *out = (CK_MECHANISM_INFO){2048, 2048, 0};
    return CKR_OK;
}

static CK_RV get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count) {
    (void)slot;
    const CK_MECHANISM_TYPE all[] = {CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_RSA_PKCS_PSS};
    memcpy(list, all, sizeof all);
    *count = 3;
    return CKR_OK;
}

static CK_ULONG slot_count;
static CK_FLAGS slot_flags;

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count) {
    (void)present;
    *count = slot_count;
    if (list != NULL && slot_count > 0)
        list[0] = 5;
    return CKR_OK;
}

static CK_RV get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO_PTR out) {
    (void)slot;
    *out = (CK_SLOT_INFO){.flags = slot_flags};
    memset(out->slotDescription, ' ', sizeof out->slotDescription);
    memcpy(out->slotDescription, "Reader", strlen("Reader"));
    return CKR_OK;
}

static CK_FUNCTION_LIST functions = {.C_GetTokenInfo = get_token_info,
                                     .C_GetSlotList = get_slot_list,
                                     .C_GetSlotInfo = get_slot_info,
                                     .C_GetSessionInfo = get_session_info,
                                     .C_OpenSession = open_session,
                                     .C_CloseSession = close_session,
                                     .C_Logout = log_out,
                                     .C_GetMechanismInfo = get_mechanism_info,
                                     .C_GetMechanismList = get_mechanism_list};

static void pad(CK_UTF8CHAR *out, size_t size, const char *text) {
    memset(out, ' ', size);
    memcpy(out, text, strlen(text));
}

static token make_token(void) {
    token t = {.functions = &functions, .session = 1, .label = "Alpha", .serial = "0000000000000001"};
    said = (CK_TOKEN_INFO){.ulMinPinLen = 4, .ulMaxPinLen = 8};
    pad(said.label, sizeof said.label, "Alpha");
    memcpy(said.serialNumber, "0000000000000001", sizeof said.serialNumber);
    of_session = (CK_SESSION_INFO){.state = CKS_RW_USER_FUNCTIONS};
    session_value = CKR_OK;
    logouts = closings = 0;
    return t;
}

/* --- lib/p11 ------------------------------------------------------------------------------------------------------ */

static void each_flag_tells_of_tries(void **state) {
    static const struct {
        CK_FLAGS flags;
        token_tries due;
    } rows[] = {{0, TOKEN_TRIES_FULL},
                {CKF_USER_PIN_COUNT_LOW, TOKEN_TRIES_LOW},
                {CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY, TOKEN_TRIES_LAST},
                {CKF_USER_PIN_FINAL_TRY, TOKEN_TRIES_LAST},
                {CKF_USER_PIN_LOCKED, TOKEN_TRIES_NONE},
                {CKF_USER_PIN_LOCKED | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_COUNT_LOW, TOKEN_TRIES_NONE}};
    (void)state;
    token t = make_token();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        token_tries tries;
        said.flags = rows[i].flags;
        assert_int_equal(token_pin_tries(&t, &tries), RESULT_OK);
        assert_int_equal(tries, rows[i].due);
    }
}

static void only_the_same_token_is_revived(void **state) {
    (void)state;
    token t = make_token();
    t.logged_in = true;
    assert_int_equal(token_revive(&t), RESULT_OK);
    assert_false(t.logged_in); /* a card that was reset knows of no login */
    pad(said.label, sizeof said.label, "Beta");
    assert_int_equal(token_revive(&t), RESULT_REFUSED);
    pad(said.label, sizeof said.label, "Alpha");
    said.serialNumber[15] = '2';
    assert_int_equal(token_revive(&t), RESULT_REFUSED);
}

static void a_missing_card_is_no_missing_reader(void **state) {
    static const struct {
        CK_ULONG count;
        CK_FLAGS flags;
        const char *reader;
        result due;
    } rows[] = {
        {1, CKF_REMOVABLE_DEVICE | CKF_TOKEN_PRESENT, "Reader", RESULT_OK},
        {1, CKF_REMOVABLE_DEVICE, "Reader", RESULT_REMOVED},
        {1, CKF_REMOVABLE_DEVICE | CKF_TOKEN_PRESENT, "Another", RESULT_NOT_FOUND},
        {0, 0, "Reader", RESULT_NOT_FOUND},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        token_module module = {.functions = &functions};
        slot_count = rows[i].count;
        slot_flags = rows[i].flags;
        assert_int_equal(token_card_present(&module, rows[i].reader), rows[i].due);
    }
}

static void closing_logs_out(void **state) {
    (void)state;
    for (unsigned in = 0; in < 2; in++) {
        token *t = malloc(sizeof *t);
        assert_non_null(t);
        *t = make_token();
        t->logged_in = in != 0;
        token_close(&t);
        assert_null(t);
        assert_int_equal(logouts, in);
        assert_int_equal(closings, 1);
    }
}

static void a_login_that_ended_is_noticed(void **state) {
    (void)state;
    token t = make_token();
    t.logged_in = true;
    assert_int_equal(token_life_of(&t), TOKEN_ALIVE);
    of_session.state = CKS_RW_PUBLIC_SESSION;
    assert_int_equal(token_life_of(&t), TOKEN_LOGIN_LOST);
    t.logged_in = false;
    assert_int_equal(token_life_of(&t), TOKEN_ALIVE);
    session_value = CKR_DEVICE_REMOVED;
    assert_int_equal(token_life_of(&t), TOKEN_GONE);
}

/* --- what the module checks by itself ----------------------------------------------------------------------------- */

static void an_old_pin_has_a_length(void **state) {
    (void)state;
    make_token();
    for (CK_ULONG length = 0; length < 12; length++)
        assert_int_equal(check_old_pin(&functions, 0, length), length < 4 || length > 8 ? CKR_PIN_INCORRECT : CKR_OK);
}

static void a_token_with_a_pin_is_not_begun_again(void **state) {
    CK_UTF8CHAR label[32];
    (void)state;
    make_token();
    pad(label, sizeof label, "new");
    assert_int_equal(check_beginning(&functions, 0, label), CKR_OK);
    said.flags = CKF_USER_PIN_INITIALIZED;
    assert_int_equal(check_beginning(&functions, 0, label), CKR_FUNCTION_NOT_SUPPORTED);
    said.flags = 0;
    label[31] = 0xE3; /* cut inside a character */
    assert_int_equal(check_beginning(&functions, 0, label), CKR_ARGUMENTS_BAD);
}

static void a_mechanism_takes_its_own_parameters_only(void **state) {
    static const struct {
        CK_MECHANISM_TYPE type;
        CK_RSA_PKCS_PSS_PARAMS given;
        CK_ULONG length;
        CK_RV due;
    } rows[] = {
        {CKM_RSA_PKCS, {0}, 0, CKR_OK},
        {CKM_RSA_PKCS, {0}, 1, CKR_MECHANISM_PARAM_INVALID},
        {CKM_SHA256_RSA_PKCS, {0}, 1, CKR_MECHANISM_PARAM_INVALID},
        {CKM_RSA_PKCS_PSS, {CKM_SHA256, CKG_MGF1_SHA256, 32}, sizeof(CK_RSA_PKCS_PSS_PARAMS), CKR_OK},
        {CKM_SHA256_RSA_PKCS_PSS, {CKM_SHA256, CKG_MGF1_SHA256, 32}, sizeof(CK_RSA_PKCS_PSS_PARAMS), CKR_OK},
        {CKM_SHA256_RSA_PKCS_PSS,
         {CKM_SHA512, CKG_MGF1_SHA512, 64},
         sizeof(CK_RSA_PKCS_PSS_PARAMS),
         CKR_MECHANISM_PARAM_INVALID},
        {CKM_RSA_PKCS_PSS,
         {CKM_SHA256, CKG_MGF1_SHA512, 32},
         sizeof(CK_RSA_PKCS_PSS_PARAMS),
         CKR_MECHANISM_PARAM_INVALID},
        {CKM_RSA_PKCS_PSS,
         {CKM_SHA256, CKG_MGF1_SHA256, 31},
         sizeof(CK_RSA_PKCS_PSS_PARAMS),
         CKR_MECHANISM_PARAM_INVALID},
        {CKM_RSA_PKCS_PSS,
         {CKM_SHA256, CKG_MGF1_SHA256, 33},
         sizeof(CK_RSA_PKCS_PSS_PARAMS),
         CKR_MECHANISM_PARAM_INVALID},
        {CKM_RSA_PKCS_PSS, {CKM_SHA256, CKG_MGF1_SHA256, 32}, 0, CKR_MECHANISM_PARAM_INVALID},
        {CKM_DES3_CBC, {0}, 0, CKR_MECHANISM_INVALID},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CK_RSA_PKCS_PSS_PARAMS given = rows[i].given;
        const CK_MECHANISM method = {rows[i].type, &given, rows[i].length};
        const CK_RV rv = mechanism_begins(&functions, 0, &method, CKF_SIGN);
        if (rv != rows[i].due)
            fail_msg("row %zu: %lX", i, rv);
    }
}

static void a_list_is_written_within_its_room(void **state) {
    CK_MECHANISM_TYPE list[4] = {9, 9, 9, 9};
    CK_ULONG count = 2;
    (void)state;
    assert_int_equal(mechanism_list(&functions, 0, list, &count), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(count, 3);
    assert_int_equal(list[1], CKM_SHA256_RSA_PKCS);
    assert_int_equal(list[2], 9);
    assert_int_equal(mechanism_list(&functions, 0, list, &count), CKR_OK);
    assert_int_equal(list[3], 9);
}

static void a_private_key_has_one_size(void **state) {
    static const struct {
        size_t length;
        uint8_t first;
        CK_RV due;
    } rows[] = {{256, 0x80, CKR_OK},
                {256, 0x7F, CKR_KEY_SIZE_RANGE},
                {255, 0x80, CKR_KEY_SIZE_RANGE},
                {257, 0x80, CKR_KEY_SIZE_RANGE}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
        uint8_t modulus[257];
        memset(modulus, 0x55, sizeof modulus);
        modulus[0] = rows[i].first;
        const CK_ATTRIBUTE list[] = {{CKA_CLASS, &class, sizeof class}, {CKA_MODULUS, modulus, rows[i].length}};
        assert_int_equal(mechanism_takes(list, 2), rows[i].due);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_flag_tells_of_tries),
        cmocka_unit_test(only_the_same_token_is_revived),
        cmocka_unit_test(a_missing_card_is_no_missing_reader),
        cmocka_unit_test(closing_logs_out),
        cmocka_unit_test(a_login_that_ended_is_noticed),
        cmocka_unit_test(an_old_pin_has_a_length),
        cmocka_unit_test(a_token_with_a_pin_is_not_begun_again),
        cmocka_unit_test(a_mechanism_takes_its_own_parameters_only),
        cmocka_unit_test(a_list_is_written_within_its_room),
        cmocka_unit_test(a_private_key_has_one_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
