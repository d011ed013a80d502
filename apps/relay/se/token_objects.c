/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/token_objects.h"

#include "crypt/certificate.h"
#include "iso7816/cvc.h"
#include "iso7816/se_state.h"

#include <stdio.h>
#include <string.h>

#define VALUE_MAX 65536
#define MODULUS_MAX 512
#define CHAIN_LABEL "institution CVC chain"
#define COUNTER_LABEL "signature counter"
#define INSTITUTION_LABEL_OF_KEY "institution"

/* The keys of the token (docs/interfaces/secure-element.md), and what a terminal may do with them. tls-client is the
 * relay's own. */
static const struct {
    const char *label;
    bool certificate, may_sign, may_decrypt;
} keys[] = {
    {INSTITUTION_LABEL_OF_KEY, true, true, false},
    {"tls-client", true, false, false},
    {"store-wrapping", false, false, true},
};

static const struct {
    const char *label;
    object_live live;
} data[] = {{CHAIN_LABEL, OBJECT_STORED}, {SE_STATE_LABEL, OBJECT_SE_STATE}, {COUNTER_LABEL, OBJECT_COUNTER}};

static token_object *add(token_objects *all, CK_OBJECT_CLASS class, const char *label) {
    token_object *one = &all->list[all->count++];
    *one = (token_object){.class = class, .value = BUFFER_INIT(VALUE_MAX), .modulus = BUFFER_INIT(MODULUS_MAX)};
    snprintf(one->label, sizeof one->label, "%s", label);
    return one;
}

/* Private and public key, and the certificate where the token has one. */
static result read_key(token *se, size_t index, token_objects *all) {
    token_object *private = add(all, CKO_PRIVATE_KEY, keys[index].label);
    token_object *public = add(all, CKO_PUBLIC_KEY, keys[index].label);
    private->id = public->id = (CK_BYTE)(index + 1);
    private->may_sign = keys[index].may_sign;
    private->may_decrypt = keys[index].may_decrypt;
    result code = token_modulus(se, keys[index].label, &public->modulus);
    if (code == RESULT_OK)
        code = buffer_append(&private->modulus, buffer_bytes(&public->modulus));
    if (code != RESULT_OK || !keys[index].certificate)
        return code;
    token_object *shown = add(all, CKO_CERTIFICATE, keys[index].label);
    shown->id = private->id;
    return token_certificate(se, keys[index].label, &shown->value);
}

static result read_data(token *se, size_t index, token_objects *all) {
    token_object *one = add(all, CKO_DATA, data[index].label);
    one->live = data[index].live;
    return one->live == OBJECT_STORED ? token_data(se, data[index].label, &one->value) : RESULT_OK;
}

static const token_object *find(const token_objects *all, CK_OBJECT_CLASS class, const char *label) {
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].class == class && strcmp(all->list[i].label, label) == 0)
            return &all->list[i];
    return NULL;
}

static result read_identity(token_objects *all) {
    bytes rest = buffer_bytes(&find(all, CKO_DATA, CHAIN_LABEL)->value), raw;
    certificate *institution = NULL;
    cvc one;
    result code = RESULT_OK;
    while (code == RESULT_OK && (code = cvc_chain_next(&rest, &one, &raw)) == RESULT_OK)
        memcpy(all->holder, one.holder_reference, sizeof all->holder);
    if (code == RESULT_NOT_FOUND)
        code = certificate_new(buffer_bytes(&find(all, CKO_CERTIFICATE, INSTITUTION_LABEL_OF_KEY)->value),
                               &institution);
    if (code == RESULT_OK)
        memcpy(all->fingerprint, certificate_fingerprint(institution), sizeof all->fingerprint);
    certificate_free(&institution);
    return code;
}

result token_objects_read(token *se, token_objects *out) {
    result code = RESULT_OK;
    *out = (token_objects){0};
    for (size_t i = 0; code == RESULT_OK && i < sizeof keys / sizeof *keys; i++) {
        code = read_key(se, i, out);
    }
    for (size_t i = 0; code == RESULT_OK && i < sizeof data / sizeof *data; i++)
        code = read_data(se, i, out);
    return code == RESULT_OK ? read_identity(out) : code;
}

void token_objects_wipe(token_objects *objects) {
    for (size_t i = 0; i < objects->count; i++) {
        buffer_wipe(&objects->list[i].value);
        buffer_wipe(&objects->list[i].modulus);
    }
    objects->count = 0;
}

/* --- attributes --------------------------------------------------------------------------------------------------- */

#define CERTIFICATES 1
#define PUBLIC_KEYS 2
#define PRIVATE_KEYS 4
#define DATA 8
#define KEYS (PUBLIC_KEYS | PRIVATE_KEYS)
#define ALL (CERTIFICATES | KEYS | DATA)

static unsigned kind_of(const token_object *object) {
    switch (object->class) {
    case CKO_CERTIFICATE: return CERTIFICATES;
    case CKO_PUBLIC_KEY: return PUBLIC_KEYS;
    case CKO_PRIVATE_KEY: return PRIVATE_KEYS;
    default: return DATA;
    }
}

static result put_bool(buffer *out, bool value) {
    const CK_BBOOL raw = value ? CK_TRUE : CK_FALSE;
    return buffer_append(out, bytes_of(&raw, sizeof raw));
}

static result put_ulong(buffer *out, CK_ULONG value) {
    return buffer_append(out, bytes_of(&value, sizeof value));
}

static result put_yes(const token_object *object, buffer *out) {
    (void)object;
    return put_bool(out, true);
}

static result put_no(const token_object *object, buffer *out) {
    (void)object;
    return put_bool(out, false);
}

static result put_class(const token_object *object, buffer *out) {
    return put_ulong(out, object->class);
}

static result put_label(const token_object *object, buffer *out) {
    return buffer_append(out, bytes_of(object->label, strlen(object->label)));
}

static result put_id(const token_object *object, buffer *out) {
    return buffer_append(out, bytes_of(&object->id, sizeof object->id));
}

static result put_value(const token_object *object, buffer *out) {
    return buffer_append(out, buffer_bytes(&object->value));
}

static result put_certificate_type(const token_object *object, buffer *out) {
    (void)object;
    return put_ulong(out, CKC_X_509);
}

static result put_key_type(const token_object *object, buffer *out) {
    (void)object;
    return put_ulong(out, CKK_RSA);
}

static result put_modulus(const token_object *object, buffer *out) {
    return buffer_append(out, buffer_bytes(&object->modulus));
}

static result put_modulus_bits(const token_object *object, buffer *out) {
    return put_ulong(out, 8 * object->modulus.length);
}

static result put_exponent(const token_object *object, buffer *out) {
    static const uint8_t exponent[] = {0x01, 0x00, 0x01};
    (void)object;
    return buffer_append(out, BYTES(exponent));
}

static result put_may_sign(const token_object *object, buffer *out) {
    return put_bool(out, object->may_sign);
}

static result put_may_decrypt(const token_object *object, buffer *out) {
    return put_bool(out, object->may_decrypt);
}

static const struct {
    CK_ATTRIBUTE_TYPE type;
    unsigned kinds;
    result (*put)(const token_object *object, buffer *out);
} attributes[] = {
    {CKA_CLASS, ALL, put_class},
    {CKA_TOKEN, ALL, put_yes},
    {CKA_PRIVATE, CERTIFICATES | PUBLIC_KEYS | DATA, put_no},
    {CKA_PRIVATE, PRIVATE_KEYS, put_yes},
    {CKA_MODIFIABLE, ALL, put_no},
    {CKA_LABEL, ALL, put_label},
    {CKA_ID, CERTIFICATES | KEYS, put_id},
    {CKA_VALUE, CERTIFICATES | DATA, put_value},
    {CKA_CERTIFICATE_TYPE, CERTIFICATES, put_certificate_type},
    {CKA_KEY_TYPE, KEYS, put_key_type},
    {CKA_MODULUS, KEYS, put_modulus},
    {CKA_MODULUS_BITS, PUBLIC_KEYS, put_modulus_bits},
    {CKA_PUBLIC_EXPONENT, KEYS, put_exponent},
    {CKA_SIGN, PRIVATE_KEYS, put_may_sign},
    {CKA_DECRYPT, PRIVATE_KEYS, put_may_decrypt},
    {CKA_VERIFY, PUBLIC_KEYS, put_yes},
    {CKA_ENCRYPT, PUBLIC_KEYS, put_yes},
    {CKA_SENSITIVE, PRIVATE_KEYS, put_yes},
    {CKA_ALWAYS_SENSITIVE, PRIVATE_KEYS, put_yes},
    {CKA_EXTRACTABLE, PRIVATE_KEYS, put_no},
    {CKA_NEVER_EXTRACTABLE, PRIVATE_KEYS, put_yes},
    {CKA_ALWAYS_AUTHENTICATE, PRIVATE_KEYS, put_no},
    {CKA_SIGN_RECOVER, PRIVATE_KEYS, put_no},
    {CKA_UNWRAP, PRIVATE_KEYS, put_no},
    {CKA_WRAP, PUBLIC_KEYS, put_no},
    {CKA_LOCAL, KEYS, put_no},
    {CKA_DERIVE, KEYS, put_no},
};

result token_object_attribute(const token_object *object, CK_ATTRIBUTE_TYPE type, bytes live, buffer *out) {
    const unsigned kind = kind_of(object);
    if (type == CKA_VALUE && object->live != OBJECT_STORED)
        return buffer_append(out, live);
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        if (attributes[i].type == type && (attributes[i].kinds & kind) != 0)
            return attributes[i].put(object, out);
    return RESULT_NOT_FOUND;
}
