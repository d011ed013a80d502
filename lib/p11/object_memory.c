/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is remembered of a token's objects while a session lasts (token_remember_objects). */
#include "p11/token_internal.h"

#include <stdio.h>
#include <string.h>

void token_remember_objects(token *t) {
    t->remembers = true;
}

remembered_object *token_recall(token *t, CK_OBJECT_CLASS class, const char *label) {
    for (size_t i = 0; i < t->object_count; i++)
        if (t->objects[i].class == class && strcmp(t->objects[i].label, label) == 0)
            return &t->objects[i];
    return NULL;
}

/* When there is no place left it is asked for again each time. */
void token_memorise(token *t, CK_OBJECT_CLASS class, const char *label, CK_OBJECT_HANDLE handle) {
    if (!t->remembers || t->object_count == TOKEN_MEMORY || strlen(label) >= TOKEN_OBJECT_LABEL_SIZE)
        return;
    remembered_object *one = &t->objects[t->object_count++];
    *one = (remembered_object){.class = class, .handle = handle, .value = BUFFER_INIT(TOKEN_VALUE_MAX)};
    snprintf(one->label, sizeof one->label, "%s", label);
}

void token_memorise_value(token *t, CK_OBJECT_CLASS class, const char *label, bytes value) {
    remembered_object *one = token_recall(t, class, label);
    if (one != NULL && one->value.length == 0 && buffer_append(&one->value, value) != RESULT_OK)
        buffer_wipe(&one->value);
}

void token_forget_objects(token *t) {
    for (size_t i = 0; i < t->object_count; i++)
        buffer_wipe(&t->objects[i].value);
    t->object_count = 0;
}

/* PKCS #11 2.40 5.1.6: an operation of which the object's number is invalid has not begun. */
bool token_misremembered(const token *t, result code) {
    return t->relied && code != RESULT_OK &&
           (t->problem == CKR_OBJECT_HANDLE_INVALID || t->problem == CKR_KEY_HANDLE_INVALID);
}
