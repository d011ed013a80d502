/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "relay-terminals.h"

#include "iso7816/se_state.h"
#include "relay-folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* --- the Secure Element ------------------------------------------------------------------------------------------- */

struct terminals_se terminals_se;

static token_objects objects;

void relay_se_tell(relay_se *se, relay_se_status *out) {
    (void)se;
    *out = terminals_se.status;
}

const token_objects *relay_se_objects(relay_se *se) {
    (void)se;
    return terminals_se.shown ? &objects : NULL;
}

static void note_use(relay_use *use) {
    if (terminals_se.in_ledger)
        assert_int_equal(relay_store_add_use(desk.store, use), RESULT_OK);
}

result relay_se_sign(relay_se *se, relay_use *use, bytes message, buffer *signature, uint32_t *counter) {
    static const uint8_t made[TERMINAL_SIGNATURE_LENGTH] = {0x51};
    (void)se;
    assert_string_equal(use->key, "institution");
    assert_true(message.length > 0);
    terminals_se.signatures++;
    note_use(use);
    *counter = ++terminals_se.counter;
    return terminals_se.outcome == RESULT_OK ? buffer_append(signature, BYTES(made)) : terminals_se.outcome;
}

result relay_se_decrypt(relay_se *se, relay_use *use, bytes encrypted, buffer *plain) {
    (void)se, (void)encrypted;
    assert_string_equal(use->key, "store-wrapping");
    assert_string_equal(use->role, "unwrap");
    terminals_se.decryptions++;
    note_use(use);
    return terminals_se.outcome == RESULT_OK ? buffer_append_text(plain, "plain") : terminals_se.outcome;
}

/* --- two terminals ------------------------------------------------------------------------------------------------ */

CK_FUNCTION_LIST *call;
relay_desk desk;
relay_client *first, *second;

static token_object *add(CK_OBJECT_CLASS class, const char *label, const char *value) {
    token_object *one = &objects.list[objects.count++];
    *one = (token_object){.class = class, .value = BUFFER_INIT(64), .modulus = BUFFER_INIT(64), .id = 1};
    snprintf(one->label, sizeof one->label, "%s", label);
    assert_int_equal(buffer_append_text(&one->value, value), RESULT_OK);
    assert_int_equal(buffer_append_text(&one->modulus, "modulus"), RESULT_OK);
    return one;
}

static void make_objects(void) {
    objects = (token_objects){0};
    memcpy(objects.holder, TERMINAL_HOLDER, sizeof objects.holder);
    add(CKO_PRIVATE_KEY, "institution", "never")->may_sign = true;
    add(CKO_PUBLIC_KEY, "institution", "");
    add(CKO_CERTIFICATE, "institution", "certificate");
    add(CKO_PRIVATE_KEY, "tls-client", "never");
    add(CKO_PRIVATE_KEY, "store-wrapping", "never")->may_decrypt = true;
    add(CKO_DATA, SE_STATE_LABEL, "")->live = OBJECT_SE_STATE;
    add(CKO_DATA, "signature counter", "")->live = OBJECT_COUNTER;
    assert_int_equal(objects.count, OBJECTS);
}

int terminals_begin(void **state) {
    (void)state;
    make_objects();
    terminals_se = (struct terminals_se){.status = {.condition = RELAY_SE_READY,
                                                    .serial = "0000000000000001",
                                                    .label = "Institution SE",
                                                    .generation = 1,
                                                    .connection = 77,
                                                    .pairing = 88},
                                         .shown = true,
                                         .in_ledger = true,
                                         .outcome = RESULT_OK,
                                         .counter = 500};
    desk = (relay_desk){.reader = "reader"};
    assert_int_equal(relay_store_open(relay_folder(), &desk.store), RESULT_OK);
    assert_int_equal(terminal_views_new(desk.store, &desk.views), RESULT_OK);
    assert_int_equal(http_rate_new(1, TERMINAL_PER_MINUTE, &desk.rate), RESULT_OK);
    for (int i = 1; i <= 2; i++) {
        relay_terminal one = {.admitted_at = 1};
        snprintf(one.id, sizeof one.id, "T-0%d", i);
        snprintf(one.key, sizeof one.key, "KEY%d", i);
        assert_int_equal(relay_store_admit(desk.store, &one), RESULT_OK);
    }
    assert_int_equal(relay_client_new(&desk, "T-01", &first), RESULT_OK);
    assert_int_equal(relay_client_new(&desk, "T-02", &second), RESULT_OK);
    call = filter_functions();
    relay_client_serve(first);
    return 0;
}

int terminals_end(void **state) {
    (void)state;
    relay_client_free(&first);
    relay_client_free(&second);
    http_rate_free(&desk.rate);
    terminal_views_free(&desk.views);
    relay_store_close(&desk.store);
    for (size_t i = 0; i < objects.count; i++) {
        buffer_wipe(&objects.list[i].value);
        buffer_wipe(&objects.list[i].modulus);
    }
    relay_folder_clear();
    return 0;
}

CK_SESSION_HANDLE terminal_session(void) {
    CK_SESSION_HANDLE session = 0;
    assert_int_equal(call->C_OpenSession(CLIENT_SLOT, CKF_SERIAL_SESSION, NULL, NULL, &session), CKR_OK);
    assert_int_not_equal(session, 0);
    return session;
}

CK_OBJECT_HANDLE terminal_object(size_t object) {
    return relay_client_here()->object_base + object;
}

CK_RV terminal_begin_signing(CK_SESSION_HANDLE session, CK_MECHANISM_TYPE type, size_t object) {
    CK_MECHANISM mechanism = {type, NULL, 0};
    return call->C_SignInit(session, &mechanism, terminal_object(object));
}

CK_RV terminal_sign(CK_SESSION_HANDLE session, const char *message) {
    CK_BYTE text[512], signature[TERMINAL_SIGNATURE_LENGTH];
    CK_ULONG size = sizeof signature;
    memcpy(text, message, strlen(message));
    const CK_RV rv = terminal_begin_signing(session, CKM_SHA256_RSA_PKCS, PRIVATE);
    return rv == CKR_OK ? call->C_Sign(session, text, strlen(message), signature, &size) : rv;
}

CK_RV terminal_read(CK_SESSION_HANDLE session, size_t object, CK_ATTRIBUTE_TYPE type, void *out, CK_ULONG *size) {
    CK_ATTRIBUTE wanted = {type, out, *size};
    const CK_RV rv = call->C_GetAttributeValue(session, terminal_object(object), &wanted, 1);
    *size = wanted.ulValueLen;
    return rv;
}
