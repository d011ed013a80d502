/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a terminal sees through a relay: each connection has its own sessions, handles and login, and nothing of it can
 * change the token. */
#include "base/hex.h"
#include "crypt/digest.h"
#include "relay-folder.h"
#include "relay-terminals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* --- sessions ----------------------------------------------------------------------------------------------------- */

static void a_session_is_its_client_s(void **state) {
    CK_SESSION_INFO info;
    (void)state;
    const CK_SESSION_HANDLE mine = terminal_session();
    assert_int_equal(call->C_GetSessionInfo(mine, &info), CKR_OK);
    assert_int_equal(info.state, CKS_RO_PUBLIC_SESSION);
    relay_client_serve(second);
    assert_int_equal(call->C_GetSessionInfo(mine, &info), CKR_SESSION_HANDLE_INVALID);
    assert_int_equal(call->C_CloseSession(mine), CKR_SESSION_HANDLE_INVALID);
    assert_int_equal(call->C_GetSessionInfo(0, &info), CKR_SESSION_HANDLE_INVALID); /* no free place's */
    assert_null(relay_client_object(first->object_base));
    relay_client_serve(first);
    assert_int_equal(call->C_CloseSession(mine), CKR_OK);
    assert_int_equal(call->C_CloseSession(mine), CKR_SESSION_HANDLE_INVALID);
}

static void sessions_have_an_end(void **state) {
    CK_SESSION_HANDLE sessions[CLIENT_SESSIONS_MAX], one;
    (void)state;
    assert_int_equal(call->C_OpenSession(CLIENT_SLOT + 1, CKF_SERIAL_SESSION, NULL, NULL, &one), CKR_SLOT_ID_INVALID);
    assert_int_equal(call->C_OpenSession(CLIENT_SLOT, CKF_RW_SESSION, NULL, NULL, &one),
                     CKR_SESSION_PARALLEL_NOT_SUPPORTED);
    for (size_t i = 0; i < CLIENT_SESSIONS_MAX; i++)
        sessions[i] = terminal_session();
    assert_int_equal(call->C_OpenSession(CLIENT_SLOT, CKF_SERIAL_SESSION, NULL, NULL, &one), CKR_SESSION_COUNT);
    assert_int_equal(call->C_CloseSession(sessions[5]), CKR_OK);
    assert_int_not_equal(terminal_session(), sessions[5]);
    terminals_se.status.generation++; /* the SE was opened anew: places of before are free */
    assert_int_equal(terminal_sign(sessions[0], TERMINAL_MESSAGE), CKR_SESSION_HANDLE_INVALID);
    terminal_session();
    assert_int_equal(call->C_CloseAllSessions(CLIENT_SLOT + 1), CKR_SLOT_ID_INVALID);
    assert_int_equal(call->C_CloseAllSessions(CLIENT_SLOT), CKR_OK);
    assert_int_equal(terminals_se.signatures, 0);
}

static void an_se_that_is_away_has_no_slot(void **state) {
    CK_SLOT_ID slots[2] = {0};
    CK_ULONG count = 2;
    CK_SLOT_INFO slot;
    CK_TOKEN_INFO shown_token;
    CK_SESSION_HANDLE session = terminal_session(), other;
    (void)state;
    assert_int_equal(call->C_GetSlotList(CK_FALSE, slots, &count), CKR_OK);
    assert_int_equal(count, 1);
    assert_int_equal(slots[0], CLIENT_SLOT);
    count = 0;
    assert_int_equal(call->C_GetSlotList(CK_FALSE, slots, &count), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(call->C_GetTokenInfo(CLIENT_SLOT, &shown_token), CKR_OK);
    assert_int_equal(shown_token.flags & (CKF_LOGIN_REQUIRED | CKF_USER_PIN_COUNT_LOW), 0);
    assert_memory_equal(shown_token.label, "Institution SE                  ", 32);
    terminals_se.status.condition = RELAY_SE_AWAY;
    assert_int_equal(call->C_GetSlotList(CK_FALSE, NULL, &count), CKR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(call->C_GetSlotInfo(CLIENT_SLOT, &slot), CKR_OK);
    assert_int_equal(slot.flags & CKF_TOKEN_PRESENT, 0);
    assert_int_equal(call->C_GetTokenInfo(CLIENT_SLOT, &shown_token), CKR_TOKEN_NOT_PRESENT);
    assert_int_equal(call->C_OpenSession(CLIENT_SLOT, CKF_SERIAL_SESSION, NULL, NULL, &other), CKR_TOKEN_NOT_PRESENT);
    assert_int_equal(terminal_sign(session, TERMINAL_MESSAGE), CKR_DEVICE_REMOVED);
    terminals_se.status.condition = RELAY_SE_LOCKED;
    assert_int_equal(terminal_sign(session, TERMINAL_MESSAGE), CKR_DEVICE_REMOVED);
    assert_int_equal(terminals_se.signatures, 0);
}

/* --- login -------------------------------------------------------------------------------------------------------- */

static CK_RV log_in(CK_SESSION_HANDLE session, CK_USER_TYPE user, const char *word) {
    CK_UTF8CHAR text[64];
    memcpy(text, word, strlen(word));
    return call->C_Login(session, user, text, strlen(word));
}

static void make_code(const char *terminal, const char *word, int64_t until) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    char hash[RELAY_WORD_SIZE];
    assert_int_equal(crypt_sha256(bytes_of(word, strlen(word)), digest), RESULT_OK);
    hex_encode(BYTES(digest), hash, sizeof hash);
    assert_int_equal(relay_store_set_code(desk.store, terminal, hash, until), RESULT_OK);
}

static void any_pin_logs_in_and_none_goes_further(void **state) {
    CK_SESSION_INFO info;
    (void)state;
    const CK_SESSION_HANDLE session = terminal_session();
    assert_int_equal(log_in(session, CKU_CONTEXT_SPECIFIC, "1"), CKR_USER_TYPE_INVALID);
    assert_int_equal(log_in(session, CKU_USER, "1"), CKR_OK);
    assert_int_equal(log_in(session, CKU_USER, "1"), CKR_USER_ALREADY_LOGGED_IN);
    assert_int_equal(call->C_GetSessionInfo(session, &info), CKR_OK);
    assert_int_equal(info.state, CKS_RO_USER_FUNCTIONS);
    assert_int_equal(call->C_Logout(session), CKR_OK);
    assert_int_equal(log_in(session, CKU_USER, "1"), CKR_OK);
    assert_int_equal(call->C_CloseAllSessions(CLIENT_SLOT), CKR_OK);
    assert_false(first->logged_in);
}

static void a_code_is_one_terminal_s_and_good_once(void **state) {
    (void)state;
    const CK_SESSION_HANDLE session = terminal_session();
    make_code("T-01", "12345678", time(NULL) + 60);
    make_code("T-02", "87654321", time(NULL) + 60);
    const char *const wrong[] = {"", "12345679", "87654321"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(log_in(session, CKU_SO, wrong[i]), CKR_PIN_INCORRECT);
    assert_false(first->logged_in);
    assert_int_equal(log_in(session, CKU_SO, "12345678"), CKR_OK);
    assert_int_equal(call->C_Logout(session), CKR_OK);
    assert_int_equal(log_in(session, CKU_SO, "12345678"), CKR_PIN_INCORRECT);
    make_code("T-01", "12345678", time(NULL) - 1);
    assert_int_equal(log_in(session, CKU_SO, "12345678"), CKR_PIN_INCORRECT);
}

/* --- objects ------------------------------------------------------------------------------------------------------ */

static size_t find(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *out) {
    CK_ULONG found = 0, more = 1;
    assert_int_equal(call->C_FindObjectsInit(session, template, count), CKR_OK);
    assert_int_equal(call->C_FindObjectsInit(session, template, count), CKR_OPERATION_ACTIVE);
    for (; more > 0; found += more) /* two at a time */
        assert_int_equal(call->C_FindObjects(session, out + found, 2, &more), CKR_OK);
    assert_int_equal(call->C_FindObjectsFinal(session), CKR_OK);
    assert_int_equal(call->C_FindObjectsFinal(session), CKR_OPERATION_NOT_INITIALIZED);
    return found;
}

static void objects_are_found_byte_for_byte(void **state) {
    CK_OBJECT_CLASS private = CKO_PRIVATE_KEY;
    char label[] = "institutioN";
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &private, sizeof private}, {CKA_LABEL, label, strlen(label)}};
    CK_OBJECT_HANDLE found[OBJECTS + 2];
    CK_ULONG count;
    (void)state;
    const CK_SESSION_HANDLE session = terminal_session();
    assert_int_equal(call->C_FindObjects(session, found, 1, &count), CKR_OPERATION_NOT_INITIALIZED);
    assert_int_equal(find(session, NULL, 0, found), OBJECTS);
    assert_int_equal(find(session, template, 1, found), 3);
    assert_int_equal(find(session, template, 2, found), 0);
    label[10] = 'n';
    assert_int_equal(find(session, template, 2, found), 1);
    assert_int_equal(found[0], terminal_object(PRIVATE));
    template[1].ulValueLen--;
    assert_int_equal(find(session, template, 2, found), 0);
    terminals_se.shown = false; /* the SE was never there */
    assert_int_equal(find(session, NULL, 0, found), 0);
}

static void a_private_key_keeps_its_value(void **state) {
    uint8_t out[64];
    CK_BBOOL yes;
    (void)state;
    const CK_SESSION_HANDLE session = terminal_session();
    static const CK_ATTRIBUTE_TYPE never[] = {CKA_VALUE, CKA_PRIVATE_EXPONENT, CKA_PRIME_1};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        CK_ULONG size = sizeof out;
        assert_int_equal(terminal_read(session, PRIVATE, never[i], out, &size), CKR_ATTRIBUTE_TYPE_INVALID);
        assert_int_equal(size, CK_UNAVAILABLE_INFORMATION);
    }
    static const struct {
        CK_ATTRIBUTE_TYPE type;
        CK_BBOOL due;
    } rows[] = {{CKA_PRIVATE, CK_TRUE},
                {CKA_SENSITIVE, CK_TRUE},
                {CKA_EXTRACTABLE, CK_FALSE},
                {CKA_MODIFIABLE, CK_FALSE},
                {CKA_ALWAYS_AUTHENTICATE, CK_FALSE},
                {CKA_SIGN, CK_TRUE},
                {CKA_DECRYPT, CK_FALSE},
                {CKA_UNWRAP, CK_FALSE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CK_ULONG size = sizeof yes;
        assert_int_equal(terminal_read(session, PRIVATE, rows[i].type, &yes, &size), CKR_OK);
        if (yes != rows[i].due)
            fail_msg("row %zu", i);
    }
    CK_ULONG size = sizeof out;
    assert_int_equal(terminal_read(session, CERTIFICATE, CKA_VALUE, out, &size), CKR_OK);
    assert_int_equal(size, strlen("certificate"));
    assert_memory_equal(out, "certificate", size);
    size--;
    assert_int_equal(terminal_read(session, CERTIFICATE, CKA_VALUE, out, &size), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(terminal_read(session, CERTIFICATE, CKA_VALUE, NULL, &size), CKR_OK);
    assert_int_equal(size, strlen("certificate"));
    assert_int_equal(terminal_read(session, OBJECTS, CKA_VALUE, out, &size), CKR_OBJECT_HANDLE_INVALID);
}

/* One attribute that is missing does not keep the others back (PKCS #11 2.40, 5.7). */
static void every_attribute_that_is_there_is_given(void **state) {
    CK_OBJECT_CLASS class = 0;
    char label[16];
    CK_ATTRIBUTE wanted[] = {{CKA_PRIVATE_EXPONENT, label, sizeof label}, {CKA_CLASS, &class, sizeof class}};
    (void)state;
    assert_int_equal(call->C_GetAttributeValue(terminal_session(), terminal_object(PUBLIC), wanted, 2),
                     CKR_ATTRIBUTE_TYPE_INVALID);
    assert_int_equal(class, CKO_PUBLIC_KEY);
}

/* --- everything else ---------------------------------------------------------------------------------------------- */

static void the_list_of_mechanisms_is_what_is_served(void **state) {
    CK_MECHANISM_TYPE list[2] = {0};
    CK_ULONG count = 1;
    CK_MECHANISM_INFO info;
    (void)state;
    assert_int_equal(call->C_GetMechanismList(CLIENT_SLOT, list, &count), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(count, 2);
    assert_int_equal(call->C_GetMechanismList(CLIENT_SLOT, list, &count), CKR_OK);
    assert_int_equal(list[0], CKM_SHA256_RSA_PKCS);
    assert_int_equal(call->C_GetMechanismInfo(CLIENT_SLOT, CKM_RSA_PKCS, &info), CKR_OK);
    assert_int_equal(info.flags, CKF_HW | CKF_DECRYPT);
    assert_int_equal(call->C_GetMechanismInfo(CLIENT_SLOT, CKM_RSA_PKCS_PSS, &info), CKR_MECHANISM_INVALID);
}

static void what_could_change_the_token_is_refused(void **state) {
    CK_OBJECT_HANDLE object;
    CK_UTF8CHAR word[] = "1";
    CK_BYTE random[8];
    CK_SLOT_ID slot;
    (void)state;
    const CK_SESSION_HANDLE session = terminal_session();
    assert_int_equal(call->C_InitToken(CLIENT_SLOT, word, 1, word), CKR_FUNCTION_NOT_SUPPORTED);
    assert_int_equal(call->C_InitPIN(session, word, 1), CKR_FUNCTION_NOT_SUPPORTED);
    assert_int_equal(call->C_SetPIN(session, word, 1, word, 1), CKR_FUNCTION_NOT_SUPPORTED);
    assert_int_equal(call->C_CreateObject(session, NULL, 0, &object), CKR_FUNCTION_NOT_SUPPORTED);
    assert_int_equal(call->C_DestroyObject(session, terminal_object(PRIVATE)), CKR_FUNCTION_NOT_SUPPORTED);
    assert_int_equal(call->C_GenerateRandom(session, random, sizeof random), CKR_FUNCTION_NOT_SUPPORTED);
    assert_int_equal(call->C_WaitForSlotEvent(0, &slot, NULL), CKR_FUNCTION_NOT_SUPPORTED); /* it would stop the rest */
    assert_int_equal(call->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, terminals_begin, terminals_end)
        TEST(a_session_is_its_client_s),
        TEST(sessions_have_an_end),
        TEST(an_se_that_is_away_has_no_slot),
        TEST(any_pin_logs_in_and_none_goes_further),
        TEST(a_code_is_one_terminal_s_and_good_once),
        TEST(objects_are_found_byte_for_byte),
        TEST(a_private_key_keeps_its_value),
        TEST(every_attribute_that_is_there_is_given),
        TEST(the_list_of_mechanisms_is_what_is_served),
        TEST(what_could_change_the_token_is_refused),
    };
    return cmocka_run_group_tests(tests, relay_folder_make, relay_folder_remove);
}
