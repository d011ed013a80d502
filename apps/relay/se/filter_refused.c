/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/filter_refused.h"

/* Nothing is done with what a caller gives. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

CK_RV filter_refused_get_function_list(CK_FUNCTION_LIST **list) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_init_token(CK_SLOT_ID slot, CK_UTF8CHAR *pin, CK_ULONG length, CK_UTF8CHAR *label) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_init_pin(CK_SESSION_HANDLE session, CK_UTF8CHAR *pin, CK_ULONG length) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_set_pin(CK_SESSION_HANDLE session, CK_UTF8CHAR *old, CK_ULONG old_length, CK_UTF8CHAR *fresh,
                             CK_ULONG fresh_length) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_get_operation_state(CK_SESSION_HANDLE session, CK_BYTE *state, CK_ULONG *length) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_set_operation_state(CK_SESSION_HANDLE session, CK_BYTE *state, CK_ULONG length,
                                         CK_OBJECT_HANDLE encryption, CK_OBJECT_HANDLE authentication) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_create_object(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count,
                                   CK_OBJECT_HANDLE *object) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_copy_object(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE from, CK_ATTRIBUTE *template,
                                 CK_ULONG count, CK_OBJECT_HANDLE *object) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_destroy_object(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_get_object_size(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ULONG *size) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_set_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template,
                                         CK_ULONG count) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_digest_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_digest_key(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_verify(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length, CK_BYTE *signature,
                            CK_ULONG size) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_generate_key(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *template,
                                  CK_ULONG count, CK_OBJECT_HANDLE *key) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_generate_key_pair(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *public,
                                       CK_ULONG public_count, CK_ATTRIBUTE *private, CK_ULONG private_count,
                                       CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_wrap_key(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping,
                              CK_OBJECT_HANDLE key, CK_BYTE *wrapped, CK_ULONG *length) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_unwrap_key(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE unwrapping,
                                CK_BYTE *wrapped, CK_ULONG length, CK_ATTRIBUTE *template, CK_ULONG count,
                                CK_OBJECT_HANDLE *key) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_derive_key(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base,
                                CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *key) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_status(CK_SESSION_HANDLE session) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_crypt_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_crypt(CK_SESSION_HANDLE session, CK_BYTE *in, CK_ULONG length, CK_BYTE *out, CK_ULONG *size) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_crypt_final(CK_SESSION_HANDLE session, CK_BYTE *out, CK_ULONG *size) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV filter_refused_update(CK_SESSION_HANDLE session, CK_BYTE *part, CK_ULONG length) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}
