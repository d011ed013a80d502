/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a relay lets its Secure Element do for a terminal, and what it counts: a use that is refused does not reach the
 * Secure Element. */
#include "iso7816/se_state.h"
#include "relay-folder.h"
#include "relay-terminals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CHECKPOINT                                                                                                     \
    "Uketsuke-AUDIT-1"                                                                                                 \
    "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"
#define PLAIN_MAX 256

/* --- signing ------------------------------------------------------------------------------------------------------ */

static void only_what_can_be_read_is_signed(void **state) {
    static const struct {
        CK_MECHANISM_TYPE type;
        size_t object;
        CK_RV due;
    } rows[] = {
        {CKM_SHA256_RSA_PKCS, PRIVATE, CKR_OK},
        {CKM_RSA_PKCS, PRIVATE, CKR_KEY_FUNCTION_NOT_PERMITTED},
        {CKM_RSA_PKCS_PSS, PRIVATE, CKR_KEY_FUNCTION_NOT_PERMITTED},
        {CKM_SHA512_RSA_PKCS, PRIVATE, CKR_KEY_FUNCTION_NOT_PERMITTED},
        {CKM_SHA256_RSA_PKCS, TLS, CKR_KEY_FUNCTION_NOT_PERMITTED},
        {CKM_SHA256_RSA_PKCS, WRAPPING, CKR_KEY_FUNCTION_NOT_PERMITTED},
        {CKM_SHA256_RSA_PKCS, PUBLIC, CKR_KEY_HANDLE_INVALID},
        {CKM_SHA256_RSA_PKCS, OBJECTS, CKR_KEY_HANDLE_INVALID},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (terminal_begin_signing(terminal_session(), rows[i].type, rows[i].object) != rows[i].due)
            fail_msg("row %zu", i);
    const CK_SESSION_HANDLE session = terminal_session();
    assert_int_equal(terminal_sign(session, "bytes"), CKR_KEY_FUNCTION_NOT_PERMITTED);
    assert_int_equal(terminal_sign(session, "Uketsuke-INST-A10123456789ABCDEFANOTHER HOLDER.."),
                     CKR_KEY_FUNCTION_NOT_PERMITTED);
    assert_int_equal(terminals_se.signatures, 0);
    assert_int_equal(desk.refused, 7);
    assert_int_equal(terminal_sign(session, TERMINAL_MESSAGE), CKR_OK);
    assert_int_equal(terminal_sign(session, CHECKPOINT), CKR_OK);
    assert_int_equal(terminals_se.signatures, 2);
}

static void an_operation_ends_with_its_signature(void **state) {
    CK_BYTE message[] = TERMINAL_MESSAGE, signature[TERMINAL_SIGNATURE_LENGTH];
    CK_ULONG size = 0;
    (void)state;
    const CK_SESSION_HANDLE session = terminal_session();
    const CK_ULONG length = sizeof message - 1;
    assert_int_equal(terminal_begin_signing(session, CKM_SHA256_RSA_PKCS, PRIVATE), CKR_OK);
    assert_int_equal(terminal_begin_signing(session, CKM_SHA256_RSA_PKCS, PRIVATE), CKR_OPERATION_ACTIVE);
    assert_int_equal(call->C_Sign(session, message, length, NULL, &size), CKR_OK);
    assert_int_equal(size, TERMINAL_SIGNATURE_LENGTH);
    size = TERMINAL_SIGNATURE_LENGTH - 1;
    assert_int_equal(call->C_Sign(session, message, length, signature, &size), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(size, TERMINAL_SIGNATURE_LENGTH);
    assert_int_equal(terminals_se.signatures, 0);
    assert_int_equal(call->C_SignFinal(session, signature, &size), CKR_OPERATION_NOT_INITIALIZED);
    assert_int_equal(call->C_Sign(session, message, length, signature, &size), CKR_OK);
    assert_int_equal(signature[0], 0x51);
    assert_int_equal(call->C_Sign(session, message, length, signature, &size), CKR_OPERATION_NOT_INITIALIZED);
    assert_int_equal(terminals_se.signatures, 1);
}

static void a_message_in_parts_is_read_whole(void **state) {
    CK_BYTE message[] = TERMINAL_MESSAGE, signature[TERMINAL_SIGNATURE_LENGTH];
    static CK_BYTE much[CLIENT_MESSAGE_MAX];
    CK_ULONG size = sizeof signature;
    (void)state;
    const CK_SESSION_HANDLE session = terminal_session();
    assert_int_equal(call->C_SignUpdate(session, message, 10), CKR_OPERATION_NOT_INITIALIZED);
    for (int i = 0; i < 2; i++) { /* a second one begins with nothing */
        assert_int_equal(terminal_begin_signing(session, CKM_SHA256_RSA_PKCS, PRIVATE), CKR_OK);
        assert_int_equal(call->C_SignUpdate(session, message, 10), CKR_OK);
        assert_int_equal(call->C_Sign(session, message, 10, signature, &size), CKR_OPERATION_NOT_INITIALIZED);
        assert_int_equal(call->C_SignUpdate(session, message + 10, sizeof message - 11), CKR_OK);
        assert_int_equal(call->C_SignFinal(session, signature, &size), CKR_OK);
        assert_int_equal(call->C_SignFinal(session, signature, &size), CKR_OPERATION_NOT_INITIALIZED);
    }
    assert_int_equal(terminal_begin_signing(session, CKM_SHA256_RSA_PKCS, PRIVATE), CKR_OK);
    assert_int_equal(call->C_SignUpdate(session, much, sizeof much), CKR_OK);
    assert_int_equal(call->C_SignUpdate(session, much, 1), CKR_DATA_LEN_RANGE);
    assert_int_equal(call->C_SignFinal(session, signature, &size), CKR_OPERATION_NOT_INITIALIZED);
    assert_int_equal(terminal_sign(session, TERMINAL_MESSAGE), CKR_OK); /* what was too long is forgotten */
    assert_int_equal(terminals_se.signatures, 3);
}

static void each_failure_has_its_value(void **state) {
    static const struct {
        bool in_ledger;
        result outcome;
        CK_RV due;
    } rows[] = {{true, RESULT_OK, CKR_OK},
                {true, RESULT_REMOVED, CKR_DEVICE_REMOVED},
                {true, RESULT_UNAVAILABLE, CKR_DEVICE_REMOVED},
                {true, RESULT_INVALID, CKR_ENCRYPTED_DATA_INVALID},
                {true, RESULT_IO, CKR_DEVICE_ERROR},
                {false, RESULT_IO, CKR_DEVICE_MEMORY},
                {false, RESULT_OK, CKR_DEVICE_MEMORY}};
    (void)state;
    const CK_SESSION_HANDLE session = terminal_session();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        terminals_se.in_ledger = rows[i].in_ledger;
        terminals_se.outcome = rows[i].outcome;
        assert_int_equal(terminal_sign(session, TERMINAL_MESSAGE), rows[i].due);
    }
}

static void too_many_uses_wait_and_cost_others_nothing(void **state) {
    (void)state;
    const CK_SESSION_HANDLE session = terminal_session();
    for (int i = 0; i < TERMINAL_PER_MINUTE; i++)
        assert_int_equal(terminal_sign(session, TERMINAL_MESSAGE), CKR_OK);
    int more = 0; /* a token may come back in this second */
    while (terminal_sign(session, TERMINAL_MESSAGE) == CKR_OK)
        assert_true(++more < TERMINAL_PER_MINUTE);
    assert_int_equal(terminals_se.signatures, TERMINAL_PER_MINUTE + more);
    assert_int_equal(desk.refused, 1);
    relay_client_serve(second);
    assert_int_equal(terminal_sign(terminal_session(), TERMINAL_MESSAGE), CKR_OK);
}

/* --- opening a wrapped key ---------------------------------------------------------------------------------------- */

static CK_RV unwrap(CK_SESSION_HANDLE session, size_t object, CK_MECHANISM_TYPE type) {
    CK_BYTE wrapped[PLAIN_MAX], plain[PLAIN_MAX];
    CK_ULONG size = 0;
    CK_MECHANISM mechanism = {type, NULL, 0};
    memset(wrapped, 'w', sizeof wrapped);
    CK_RV rv = call->C_DecryptInit(session, &mechanism, terminal_object(object));
    if (rv != CKR_OK)
        return rv;
    assert_int_equal(call->C_DecryptInit(session, &mechanism, terminal_object(object)), CKR_OPERATION_ACTIVE);
    assert_int_equal(call->C_Decrypt(session, wrapped, sizeof wrapped, NULL, &size), CKR_OK);
    assert_int_equal(size, PLAIN_MAX);
    rv = call->C_Decrypt(session, wrapped, sizeof wrapped, plain, &size);
    if (rv == CKR_OK)
        assert_memory_equal(plain, "plain", size);
    assert_int_equal(size, rv == CKR_OK ? 5 : 0);
    assert_int_equal(call->C_Decrypt(session, wrapped, sizeof wrapped, plain, &size), CKR_OPERATION_NOT_INITIALIZED);
    return rv;
}

static void a_wrapped_key_is_opened_for_its_terminal(void **state) {
    char binding[16 + PLAIN_MAX + 1] = "Uketsuke-STORE-1";
    (void)state;
    memset(binding + 16, 'w', PLAIN_MAX);
    const CK_SESSION_HANDLE session = terminal_session();
    assert_int_equal(unwrap(session, WRAPPING, CKM_RSA_PKCS), CKR_KEY_FUNCTION_NOT_PERMITTED); /* not signed yet */
    assert_int_equal(terminal_sign(session, binding), CKR_OK);
    assert_int_equal(unwrap(session, WRAPPING, CKM_RSA_PKCS), CKR_OK);
    assert_int_equal(unwrap(session, WRAPPING, CKM_RSA_PKCS_OAEP), CKR_KEY_FUNCTION_NOT_PERMITTED);
    assert_int_equal(unwrap(session, PRIVATE, CKM_RSA_PKCS), CKR_KEY_FUNCTION_NOT_PERMITTED);
    assert_int_equal(unwrap(session, CERTIFICATE, CKM_RSA_PKCS), CKR_KEY_HANDLE_INVALID);
    relay_client_serve(second);
    assert_int_equal(unwrap(terminal_session(), WRAPPING, CKM_RSA_PKCS), CKR_KEY_FUNCTION_NOT_PERMITTED);
    assert_int_equal(terminals_se.decryptions, 1);
    terminals_se.outcome = RESULT_INVALID;
    relay_client_serve(first);
    assert_int_equal(unwrap(session, WRAPPING, CKM_RSA_PKCS), CKR_ENCRYPTED_DATA_INVALID);
}

/* --- counts ------------------------------------------------------------------------------------------------------- */

static uint32_t counter_of(CK_SESSION_HANDLE session) {
    uint8_t raw[4];
    CK_ULONG size = sizeof raw;
    if (terminal_read(session, COUNTER, CKA_VALUE, raw, &size) != CKR_OK)
        return 0;
    return (uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16 | (uint32_t)raw[2] << 8 | raw[3];
}

static se_state state_of(CK_SESSION_HANDLE session) {
    uint8_t raw[SE_STATE_LENGTH];
    CK_ULONG size = sizeof raw;
    se_state seen;
    assert_int_equal(terminal_read(session, STATE, CKA_VALUE, raw, &size), CKR_OK);
    assert_int_equal(se_state_decode(BYTES(raw), &seen), RESULT_OK);
    return seen;
}

static void each_terminal_sees_its_own_counts(void **state) {
    (void)state;
    const CK_SESSION_HANDLE mine = terminal_session();
    assert_int_equal(counter_of(mine), 0); /* none is known yet */
    for (int i = 0; i < 3; i++)
        assert_int_equal(terminal_sign(mine, TERMINAL_MESSAGE), CKR_OK);
    relay_client_serve(second);
    const CK_SESSION_HANDLE other = terminal_session();
    assert_int_equal(terminal_sign(other, TERMINAL_MESSAGE), CKR_OK);
    assert_int_equal(counter_of(other), 504);
    assert_int_equal(state_of(other).signatures, 1);
    relay_client_serve(first);
    assert_int_equal(counter_of(mine), 503); /* the SE's after its own last one */
    assert_int_equal(state_of(mine).signatures, 3);
    assert_int_equal(state_of(mine).connection, 77);
    assert_int_equal(state_of(mine).pairing, 88);
    terminals_se.outcome = RESULT_REMOVED; /* in the ledger, and perhaps made */
    assert_int_equal(terminal_sign(mine, TERMINAL_MESSAGE), CKR_DEVICE_REMOVED);
    assert_int_equal(state_of(mine).signatures, 4);
    assert_int_equal(counter_of(mine), 503);
    terminals_se.in_ledger = false; /* never asked of the SE */
    assert_int_equal(terminal_sign(mine, TERMINAL_MESSAGE), CKR_DEVICE_MEMORY);
    assert_int_equal(state_of(mine).signatures, 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, terminals_begin, terminals_end)
        TEST(only_what_can_be_read_is_signed),
        TEST(an_operation_ends_with_its_signature),
        TEST(a_message_in_parts_is_read_whole),
        TEST(each_failure_has_its_value),
        TEST(too_many_uses_wait_and_cost_others_nothing),
        TEST(a_wrapped_key_is_opened_for_its_terminal),
        TEST(each_terminal_sees_its_own_counts),
    };
    return cmocka_run_group_tests(tests, relay_folder_make, relay_folder_remove);
}
