/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is remembered of a token's objects: how often the module is asked, what is never remembered, and what ends it. The
 * module is the test's. */
#include "p11/token.h"
#include "p11/token_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct {
    CK_OBJECT_HANDLE base; /* numbers of objects begin here: other ones are none */
    CK_RV signing;         /* what C_Sign says */
    char value;
    char serial;
} it;
static unsigned searches, readings, starts, signatures;
static CK_OBJECT_HANDLE found;

static CK_RV find_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR template, CK_ULONG count) {
    (void)session;
    assert_int_equal(count, 2);
    searches++;
    found = it.base + *(const CK_BYTE *)template[1].pValue;
    return CKR_OK;
}

static CK_RV find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE_PTR out, CK_ULONG max, CK_ULONG_PTR count) {
    (void)session, (void)max;
    *out = found;
    *count = 1;
    return CKR_OK;
}

static CK_RV find_final(CK_SESSION_HANDLE session) {
    (void)session;
    return CKR_OK;
}

static bool is_known(CK_OBJECT_HANDLE object) {
    return object >= it.base && object < it.base + 256;
}

static CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
    (void)session, (void)mechanism;
    starts++;
    return is_known(key) ? CKR_OK : CKR_KEY_HANDLE_INVALID;
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG length, CK_BYTE_PTR out, CK_ULONG_PTR size) {
    (void)session, (void)data, (void)length;
    signatures++;
    memcpy(out, "signed", *size = 6);
    return it.signing;
}

static CK_RV get_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR wanted, CK_ULONG count) {
    (void)session, (void)count;
    readings++;
    wanted->ulValueLen = 1;
    if (!is_known(object))
        return CKR_OBJECT_HANDLE_INVALID;
    if (wanted->pValue != NULL)
        *(char *)wanted->pValue = it.value;
    return CKR_OK;
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
    (void)slot;
    memset(info, ' ', sizeof *info);
    info->serialNumber[0] = (CK_BYTE)it.serial;
    memcpy(info->label, "SE", 2);
    return CKR_OK;
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE_PTR out) {
    (void)slot, (void)flags, (void)application, (void)notify;
    *out = 7;
    return CKR_OK;
}

static CK_RV close_session(CK_SESSION_HANDLE session) {
    (void)session;
    return CKR_OK;
}

static CK_FUNCTION_LIST functions = {.C_FindObjectsInit = find_init,
                                     .C_FindObjects = find,
                                     .C_FindObjectsFinal = find_final,
                                     .C_SignInit = sign_init,
                                     .C_Sign = sign,
                                     .C_GetAttributeValue = get_value,
                                     .C_GetTokenInfo = get_token_info,
                                     .C_OpenSession = open_session,
                                     .C_CloseSession = close_session};
static token one;

static int begin(void **state) {
    (void)state;
    it = (typeof(it)){.base = 1000, .value = 'a', .serial = '1'};
    searches = readings = starts = signatures = 0;
    one = (token){.functions = &functions, .label = "SE", .serial = "1               "};
    token_remember_objects(&one);
    return 0;
}

static int end(void **state) {
    (void)state;
    token_forget_objects(&one);
    return 0;
}

static result make(void) {
    buffer made = BUFFER_INIT(16);
    const result code = token_sign(&one, "key", bytes_of("x", 1), &made);
    if (code == RESULT_OK)
        assert_string_equal(buffer_text(&made), "signed");
    buffer_wipe(&made);
    return code;
}

static char value_of(result (*read)(token *t, const char *label, buffer *value), const char *label) {
    buffer value = BUFFER_INIT(16);
    assert_int_equal(read(&one, label, &value), RESULT_OK);
    assert_int_equal(value.length, 1);
    const char first = (char)value.data[0];
    buffer_wipe(&value);
    return first;
}

static void what_stays_is_asked_for_once(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(make(), RESULT_OK);
        assert_int_equal(value_of(token_certificate, "certificate"), 'a');
        assert_int_equal(value_of(token_data, "data"), 'a');
    }
    assert_int_equal(searches, 3);
    assert_int_equal(readings, 4); /* of each its length, and its value */
    assert_int_equal(signatures, 3);
}

static void what_changes_is_read_anew(void **state) {
    uint8_t value;
    (void)state;
    for (int i = 0; i < 3; i++) {
        it.value = (char)('a' + i);
        assert_int_equal(token_data_exact(&one, "state", &value, 1), RESULT_OK);
        assert_int_equal(value, 'a' + i);
    }
    assert_int_equal(searches, 1);
    assert_int_equal(readings, 3);
}

static void nobody_remembers_unless_told(void **state) {
    (void)state;
    one.remembers = false;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(make(), RESULT_OK);
        assert_int_equal(value_of(token_data, "data"), 'a');
    }
    assert_int_equal(searches, 6);
    assert_int_equal(readings, 6);
}

static void a_failure_ends_it(void **state) {
    (void)state;
    assert_int_equal(value_of(token_data, "data"), 'a');
    it.signing = CKR_DEVICE_ERROR;
    assert_int_equal(make(), RESULT_IO);
    it.signing = CKR_OK;
    it.value = 'b';
    assert_int_equal(value_of(token_data, "data"), 'b');
    assert_int_equal(make(), RESULT_OK);
    assert_int_equal(searches, 4);
}

static void another_session_ends_it(void **state) {
    (void)state;
    assert_int_equal(value_of(token_data, "data"), 'a');
    assert_int_equal(token_revive(&one), RESULT_OK);
    it.value = 'b';
    assert_int_equal(value_of(token_data, "data"), 'b');
    assert_int_equal(token_renew_session(&one), RESULT_OK);
    it.value = 'c';
    assert_int_equal(value_of(token_data, "data"), 'c');
    it.serial = '2'; /* another token in its place */
    assert_int_equal(token_revive(&one), RESULT_REFUSED);
    assert_int_equal(one.object_count, 0);
}

/* As after a restart of whatever answers, when the session is still good. Nothing is signed twice. */
static void a_number_that_is_none_any_more_is_asked_for_again(void **state) {
    uint8_t value;
    (void)state;
    assert_int_equal(make(), RESULT_OK);
    assert_int_equal(token_data_exact(&one, "state", &value, 1), RESULT_OK);
    it.base = 5000;
    assert_int_equal(make(), RESULT_OK);
    assert_int_equal(token_data_exact(&one, "state", &value, 1), RESULT_OK);
    assert_int_equal(starts, 3);
    assert_int_equal(signatures, 2);
    assert_int_equal(searches, 4);
}

static CK_RV refuse_key(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
    (void)session, (void)mechanism, (void)key;
    starts++;
    return CKR_KEY_HANDLE_INVALID;
}

static void but_only_once(void **state) {
    (void)state;
    assert_int_equal(make(), RESULT_OK);
    functions.C_SignInit = refuse_key;
    assert_int_equal(make(), RESULT_NOT_FOUND);
    assert_int_equal(starts, 3);
    assert_int_equal(make(), RESULT_NOT_FOUND); /* asked for just now: it is not asked for again */
    assert_int_equal(starts, 4);
    functions.C_SignInit = sign_init;
    assert_int_equal(signatures, 1);
}

static void without_a_place_it_is_asked_for_each_time(void **state) {
    char label[2] = "A";
    (void)state;
    for (int i = 0; i < TOKEN_MEMORY + 3; i++, label[0]++)
        assert_int_equal(value_of(token_data, label), 'a');
    assert_int_equal(one.object_count, TOKEN_MEMORY);
    searches = 0;
    assert_int_equal(value_of(token_data, "A"), 'a');
    assert_int_equal(searches, 0);
    label[0]--;
    assert_int_equal(value_of(token_data, label), 'a');
    assert_int_equal(searches, 1);
    assert_int_equal(value_of(token_data, "a label that is longer than any of the SE's labels"), 'a');
    assert_int_equal(searches, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(what_stays_is_asked_for_once),
        TEST(what_changes_is_read_anew),
        TEST(nobody_remembers_unless_told),
        TEST(a_failure_ends_it),
        TEST(another_session_ends_it),
        TEST(a_number_that_is_none_any_more_is_asked_for_again),
        TEST(but_only_once),
        TEST(without_a_place_it_is_asked_for_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
