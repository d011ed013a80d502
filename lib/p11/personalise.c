/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "p11/personalise.h"

#include "p11/token_internal.h"

#include <stdlib.h>
#include <string.h>

#define KEY_BITS 2048
#define MODULUS_MAX (KEY_BITS / 8)
#define LABEL_LENGTH 32
#define APPLICATION "Uketsuke"

#define ATTRIBUTE(type, value) {type, &(value), sizeof(value)}
#define TEXT(type, text) {type, (void *)(uintptr_t)(text), strlen(text)}
#define COUNT(template) (sizeof(template) / sizeof *(template))

static CK_UTF8CHAR *text_of(bytes b) {
    return (CK_UTF8CHAR *)(uintptr_t)b.data;
}

result token_initialise(token_module *module, const char *reader, const char *label, bytes officer_pin) {
    CK_UTF8CHAR padded[LABEL_LENGTH];
    CK_SLOT_ID slot;
    result code = token_first_slot(module, reader, &slot);
    if (code != RESULT_OK)
        return code;
    memset(padded, ' ', sizeof padded);
    memcpy(padded, label, strnlen(label, sizeof padded));
    return return_value_result(module->functions->C_InitToken(slot, text_of(officer_pin), officer_pin.length, padded));
}

result token_set_user_pin(token *t, bytes officer_pin, bytes pin) {
    result code = token_note(t, t->functions->C_Login(t->session, CKU_SO, text_of(officer_pin), officer_pin.length));
    if (code != RESULT_OK)
        return code;
    code = token_note(t, t->functions->C_InitPIN(t->session, text_of(pin), pin.length));
    t->functions->C_Logout(t->session);
    return code;
}

static result read_modulus(token *t, CK_OBJECT_HANDLE object, buffer *modulus) {
    CK_BYTE value[MODULUS_MAX];
    CK_ATTRIBUTE attribute = {CKA_MODULUS, value, sizeof value};
    result code = token_note(t, t->functions->C_GetAttributeValue(t->session, object, &attribute, 1));
    return code == RESULT_OK ? buffer_append(modulus, bytes_of(value, attribute.ulValueLen)) : code;
}

result token_destroy_half_key(token *t, const char *label) {
    CK_OBJECT_HANDLE other, private_key;
    result code = token_find(t, CKO_PUBLIC_KEY, label, &other);
    if (code == RESULT_NOT_FOUND)
        code = token_find(t, CKO_CERTIFICATE, label, &other);
    if (code != RESULT_NOT_FOUND)
        return code;
    code = token_find(t, CKO_PRIVATE_KEY, label, &private_key);
    if (code == RESULT_OK)
        code = token_note(t, t->functions->C_DestroyObject(t->session, private_key));
    return code == RESULT_NOT_FOUND ? RESULT_OK : code;
}

result token_generate_key(token *t, const token_key_order *order, buffer *modulus) {
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0};
    CK_ULONG bits = KEY_BITS;
    CK_BYTE exponent[] = {0x01, 0x00, 0x01}, id = order->id;
    CK_BBOOL yes = CK_TRUE;
    CK_OBJECT_HANDLE public_key, private_key;
    CK_ATTRIBUTE public_template[] = {
        ATTRIBUTE(CKA_TOKEN, yes),
        ATTRIBUTE(CKA_MODULUS_BITS, bits),
        {CKA_PUBLIC_EXPONENT, exponent, sizeof exponent},
        TEXT(CKA_LABEL, order->label),
        ATTRIBUTE(CKA_ID, id),
        {order->decrypts ? CKA_ENCRYPT : CKA_VERIFY, &yes, sizeof yes},
    };
    CK_ATTRIBUTE private_template[] = {
        ATTRIBUTE(CKA_TOKEN, yes),     ATTRIBUTE(CKA_PRIVATE, yes),
        ATTRIBUTE(CKA_SENSITIVE, yes), TEXT(CKA_LABEL, order->label),
        ATTRIBUTE(CKA_ID, id),         {order->decrypts ? CKA_DECRYPT : CKA_SIGN, &yes, sizeof yes},
    };
    result code = token_note(t, t->functions->C_GenerateKeyPair(t->session, &mechanism, public_template,
                                                                COUNT(public_template), private_template,
                                                                COUNT(private_template), &public_key, &private_key));
    return code == RESULT_OK ? read_modulus(t, public_key, modulus) : code;
}

result token_put_certificate(token *t, const char *label, uint8_t id, bytes der) {
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_CERTIFICATE_TYPE type = CKC_X_509;
    CK_BBOOL yes = CK_TRUE;
    CK_OBJECT_HANDLE object;
    CK_ATTRIBUTE template[] = {
        ATTRIBUTE(CKA_CLASS, class), ATTRIBUTE(CKA_CERTIFICATE_TYPE, type),
        ATTRIBUTE(CKA_TOKEN, yes),   TEXT(CKA_LABEL, label),
        ATTRIBUTE(CKA_ID, id),       {CKA_VALUE, text_of(der), der.length},
    };
    return token_note(t, t->functions->C_CreateObject(t->session, template, COUNT(template), &object));
}

result token_put_data(token *t, const char *label, bytes value) {
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_OBJECT_HANDLE object;
    CK_ATTRIBUTE template[] = {
        ATTRIBUTE(CKA_CLASS, class), ATTRIBUTE(CKA_TOKEN, yes),          ATTRIBUTE(CKA_PRIVATE, no),
        TEXT(CKA_LABEL, label),      TEXT(CKA_APPLICATION, APPLICATION), {CKA_VALUE, text_of(value), value.length},
    };
    return token_note(t, t->functions->C_CreateObject(t->session, template, COUNT(template), &object));
}
