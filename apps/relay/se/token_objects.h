/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The objects of the SE's token as terminals see them: read once from the SE, then answered from memory. The values of
 * two of them are made at each reading, for the terminal that asks (se/terminal_view.h). */
#pragma once

#include "base/buffer.h"
#include "p11/token.h"

#include <p11-kit/pkcs11.h>

#define OBJECT_TEXT_SIZE 40

/* Whose value is made at each reading. */
typedef enum object_live { OBJECT_STORED, OBJECT_SE_STATE, OBJECT_COUNTER } object_live;

typedef struct token_object {
    CK_OBJECT_CLASS class;
    char label[OBJECT_TEXT_SIZE];
    CK_BYTE id;
    buffer value;   /* of certificates and data */
    buffer modulus; /* of keys */
    object_live live;
    bool may_sign, may_decrypt; /* by a terminal */
} token_object;

#define TOKEN_OBJECTS_MAX 16

typedef struct token_objects {
    token_object list[TOKEN_OBJECTS_MAX];
    size_t count;
    uint8_t holder[16];      /* reference in the institution's card-verifiable certificate */
    uint8_t fingerprint[32]; /* SHA-256 of the institution's certificate */
} token_objects;

/* out is made afresh. RESULT_NOT_FOUND: the SE lacks one of them. */
result token_objects_read(token *se, token_objects *out);
void token_objects_wipe(token_objects *objects);

/* One attribute of an object, appended to out. RESULT_NOT_FOUND: the object does not have it. live: the value of an
 * object that is made at each reading. */
result token_object_attribute(const token_object *object, CK_ATTRIBUTE_TYPE type, bytes live, buffer *out);
