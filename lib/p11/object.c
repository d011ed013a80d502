/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Objects of a token, and operations with its keys. */
#include "base/secret.h"
#include "crypt/digest.h"
#include "p11/token.h"
#include "p11/token_internal.h"

#include <string.h>

#define SIGNATURE_MAX 512 /* RSA-4096 */

static result search(token *t, CK_OBJECT_CLASS class, const char *label, CK_OBJECT_HANDLE *object) {
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_LABEL, (void *)(uintptr_t)label, strlen(label)}};
    CK_ULONG count = 0;
    result code = token_note(t, t->functions->C_FindObjectsInit(t->session, template, 2));
    if (code != RESULT_OK)
        return code;
    code = token_note(t, t->functions->C_FindObjects(t->session, object, 1, &count));
    t->functions->C_FindObjectsFinal(t->session);
    return code == RESULT_OK && count == 0 ? RESULT_NOT_FOUND : code;
}

result token_find(token *t, CK_OBJECT_CLASS class, const char *label, CK_OBJECT_HANDLE *object) {
    const remembered_object *known = token_recall(t, class, label);
    t->relied = known != NULL;
    if (known != NULL) {
        *object = known->handle;
        return RESULT_OK;
    }
    const result code = search(t, class, label, object);
    if (code == RESULT_OK)
        token_memorise(t, class, label, *object);
    return code;
}

static result read_value(token *t, CK_OBJECT_CLASS class, const char *label, buffer *value) {
    TOKEN_STEP(false);
    CK_OBJECT_HANDLE object;
    CK_ATTRIBUTE attribute = {CKA_VALUE, NULL, 0};
    result code = token_find(t, class, label, &object);
    if (code == RESULT_OK)
        code = token_note(t, t->functions->C_GetAttributeValue(t->session, object, &attribute, 1));
    if (code != RESULT_OK)
        return code;
    if (attribute.ulValueLen == CK_UNAVAILABLE_INFORMATION || attribute.ulValueLen > TOKEN_VALUE_MAX)
        return RESULT_TOO_LONG;
    size_t before = value->length;
    attribute.pValue = buffer_extend(value, attribute.ulValueLen);
    if (attribute.pValue == NULL)
        return value->failed;
    code = token_note(t, t->functions->C_GetAttributeValue(t->session, object, &attribute, 1));
    buffer_truncate(value, code == RESULT_OK ? before + attribute.ulValueLen : before);
    if (code == RESULT_OK)
        token_memorise_value(t, class, label, bytes_of(value->data + before, value->length - before));
    return code;
}

static result value_of(token *t, CK_OBJECT_CLASS class, const char *label, buffer *value) {
    const remembered_object *known = token_recall(t, class, label);
    return known != NULL && known->value.length > 0 ? buffer_append(value, buffer_bytes(&known->value))
                                                    : read_value(t, class, label, value);
}

result token_certificate(token *t, const char *label, buffer *der) {
    return TOKEN_AGAIN(t, value_of(t, CKO_CERTIFICATE, label, der));
}

result token_data(token *t, const char *label, buffer *value) {
    return TOKEN_AGAIN(t, value_of(t, CKO_DATA, label, value));
}

static result data_exact(token *t, const char *label, uint8_t *out, size_t length) {
    TOKEN_STEP(false);
    CK_OBJECT_HANDLE object;
    CK_ATTRIBUTE attribute = {CKA_VALUE, out, length};
    result code = token_find(t, CKO_DATA, label, &object);
    if (code == RESULT_OK)
        code = token_note(t, t->functions->C_GetAttributeValue(t->session, object, &attribute, 1));
    return code == RESULT_OK && attribute.ulValueLen != length ? RESULT_INVALID : code;
}

result token_data_exact(token *t, const char *label, uint8_t *out, size_t length) {
    return TOKEN_AGAIN(t, data_exact(t, label, out, length));
}

static result modulus_of(token *t, const char *label, buffer *modulus) {
    TOKEN_STEP(false);
    CK_BYTE value[SIGNATURE_MAX];
    CK_ATTRIBUTE attribute = {CKA_MODULUS, value, sizeof value};
    CK_OBJECT_HANDLE object;
    result code = token_find(t, CKO_PUBLIC_KEY, label, &object);
    if (code == RESULT_OK)
        code = token_note(t, t->functions->C_GetAttributeValue(t->session, object, &attribute, 1));
    return code == RESULT_OK ? buffer_append(modulus, bytes_of(value, attribute.ulValueLen)) : code;
}

result token_modulus(token *t, const char *label, buffer *modulus) {
    return TOKEN_AGAIN(t, modulus_of(t, label, modulus));
}

/* For a key with CKA_ALWAYS_AUTHENTICATE, between C_SignInit and C_Sign. After a wrong PIN the operation stays active,
 * and the next C_SignInit would return CKR_OPERATION_ACTIVE. */
static result login_for_this_signature(token *t, bytes pin) {
    CK_UTF8CHAR *text = (CK_UTF8CHAR *)(uintptr_t)pin.data;
    result code = token_note(t, t->functions->C_Login(t->session, CKU_CONTEXT_SPECIFIC, text, pin.length));
    if (code != RESULT_OK && code != RESULT_REMOVED)
        token_renew_session(t);
    return code;
}

static result sign_once(token *t, CK_MECHANISM *mechanism, const char *key, bytes pin, bytes input, buffer *signature) {
    TOKEN_STEP(false);
    CK_OBJECT_HANDLE object;
    CK_BYTE output[SIGNATURE_MAX];
    CK_ULONG length = sizeof output;
    result code = token_find(t, CKO_PRIVATE_KEY, key, &object);
    if (code == RESULT_OK)
        code = token_note(t, t->functions->C_SignInit(t->session, mechanism, object));
    if (code == RESULT_OK && pin.length > 0)
        code = login_for_this_signature(t, pin);
    t->signatures_asked += code == RESULT_OK;
    if (code == RESULT_OK)
        code = token_note(
            t, t->functions->C_Sign(t->session, (CK_BYTE *)(uintptr_t)input.data, input.length, output, &length));
    return code == RESULT_OK ? buffer_append(signature, bytes_of(output, length)) : code;
}

static result sign(token *t, CK_MECHANISM *mechanism, const char *key, bytes pin, bytes input, buffer *signature) {
    return TOKEN_AGAIN(t, sign_once(t, mechanism, key, pin, input, signature));
}

result token_sign_with_pin(token *t, const char *key, bytes pin, bytes data, buffer *signature) {
    CK_MECHANISM mechanism = {CKM_SHA256_RSA_PKCS, NULL, 0};
    return sign(t, &mechanism, key, pin, data, signature);
}

result token_sign(token *t, const char *key, bytes data, buffer *signature) {
    return token_sign_with_pin(t, key, bytes_of(NULL, 0), data, signature);
}

uint32_t token_signatures_asked(const token *t) {
    return t->signatures_asked;
}

result token_sign_pss(token *t, const char *key, const uint8_t digest[32], buffer *signature) {
    CK_RSA_PKCS_PSS_PARAMS parameters = {CKM_SHA256, CKG_MGF1_SHA256, CRYPT_SHA256_LENGTH};
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_PSS, &parameters, sizeof parameters};
    return sign(t, &mechanism, key, bytes_of(NULL, 0), bytes_of(digest, CRYPT_SHA256_LENGTH), signature);
}

static result decrypt(token *t, const char *key, bytes encrypted, buffer *plain) {
    TOKEN_STEP(false);
    CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
    CK_OBJECT_HANDLE object;
    CK_BYTE output[SIGNATURE_MAX];
    CK_ULONG length = sizeof output;
    result code = token_find(t, CKO_PRIVATE_KEY, key, &object);
    if (code == RESULT_OK)
        code = token_note(t, t->functions->C_DecryptInit(t->session, &mechanism, object));
    if (code == RESULT_OK)
        code = token_note(t, t->functions->C_Decrypt(t->session, (CK_BYTE *)(uintptr_t)encrypted.data, encrypted.length,
                                                     output, &length));
    if (code == RESULT_OK)
        code = buffer_append(plain, bytes_of(output, length));
    secret_wipe(output, sizeof output);
    return code;
}

result token_decrypt(token *t, const char *key, bytes encrypted, buffer *plain) {
    return TOKEN_AGAIN(t, decrypt(t, key, encrypted, plain));
}
