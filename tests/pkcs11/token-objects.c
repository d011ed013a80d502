/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The walker token-steps: data objects and certificates that are written, read back and taken away. */
#include "token-steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_SIZE 32

static void make_label(char label[LABEL_SIZE], const char *length) {
    snprintf(label, LABEL_SIZE, "of %.20s bytes", length);
}

/* Not twice the same byte in the same place of two parts. */
static unsigned char *make_value(CK_ULONG length) {
    unsigned char *value = malloc(length + 1);
    for (CK_ULONG i = 0; i < length; i++)
        value[i] = (unsigned char)(i * 7 + i / 256);
    return value;
}

CK_RV step_data(const char *length) {
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_BBOOL yes = CK_TRUE;
    CK_OBJECT_HANDLE object;
    char label[LABEL_SIZE];
    CK_ULONG count = strtoul(length, NULL, 10);
    unsigned char *value = make_value(count);
    make_label(label, length);
    CK_ATTRIBUTE list[] = {{CKA_CLASS, &class, sizeof class},
                           {CKA_TOKEN, &yes, sizeof yes},
                           {CKA_LABEL, label, strlen(label)},
                           {CKA_VALUE, value, count}};
    CK_RV rv = w.m->C_CreateObject(w.session, list, sizeof list / sizeof *list, &object);
    free(value);
    return rv;
}

CK_RV step_certificate(const char *file) {
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_CERTIFICATE_TYPE type = CKC_X_509;
    CK_BBOOL yes = CK_TRUE;
    CK_BYTE id = 0x77;
    CK_OBJECT_HANDLE object;
    size_t count;
    unsigned char *value = p11_file(file, &count);
    CK_ATTRIBUTE list[] = {{CKA_CLASS, &class, sizeof class}, {CKA_CERTIFICATE_TYPE, &type, sizeof type},
                           {CKA_TOKEN, &yes, sizeof yes},     {CKA_ID, &id, sizeof id},
                           {CKA_LABEL, (void *)"large", 5},   {CKA_VALUE, value, count}};
    CK_RV rv = w.m->C_CreateObject(w.session, list, sizeof list / sizeof *list, &object);
    free(value);
    return rv;
}

static CK_RV find_labelled(const char *label, CK_OBJECT_HANDLE *object) {
    CK_ATTRIBUTE wanted = {CKA_LABEL, (void *)label, strlen(label)};
    CK_ULONG count = 0;
    CK_RV rv = w.m->C_FindObjectsInit(w.session, &wanted, 1);
    if (rv == CKR_OK)
        rv = w.m->C_FindObjects(w.session, object, 1, &count);
    w.m->C_FindObjectsFinal(w.session);
    return rv == CKR_OK && count == 0 ? CKR_OBJECT_HANDLE_INVALID : rv;
}

CK_RV step_data_back(const char *length) {
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    char label[LABEL_SIZE];
    CK_ULONG count = strtoul(length, NULL, 10);
    unsigned char *wanted = make_value(count), *read = calloc(1, count + 1);
    CK_ATTRIBUTE value = {CKA_VALUE, read, count + 1};
    make_label(label, length);
    CK_RV rv = find_labelled(label, &object);
    if (rv == CKR_OK)
        rv = w.m->C_GetAttributeValue(w.session, object, &value, 1);
    w.note = rv == CKR_OK && value.ulValueLen == count && memcmp(read, wanted, count) == 0 ? " the same" : "";
    free(wanted);
    free(read);
    return rv;
}

CK_RV step_remove(const char *label) {
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    CK_RV rv = find_labelled(label, &object);
    return rv == CKR_OK ? w.m->C_DestroyObject(w.session, object) : rv;
}
