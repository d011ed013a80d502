/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The calls that are served, by file. */
#pragma once

#include <p11-kit/pkcs11.h>

/* filter_slots.c */
CK_RV filter_initialize(void *arguments);
CK_RV filter_finalize(void *reserved);
CK_RV filter_get_info(CK_INFO *info);
CK_RV filter_get_slot_list(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count);
CK_RV filter_get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO *info);
CK_RV filter_get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info);
CK_RV filter_get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count);
CK_RV filter_get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info);
CK_RV filter_wait_for_slot_event(CK_FLAGS flags, CK_SLOT_ID *slot, void *reserved);

/* filter_sessions.c */
CK_RV filter_open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE *session);
CK_RV filter_close_session(CK_SESSION_HANDLE session);
CK_RV filter_close_all_sessions(CK_SLOT_ID slot);
CK_RV filter_get_session_info(CK_SESSION_HANDLE session, CK_SESSION_INFO *info);
CK_RV filter_login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG length);
CK_RV filter_logout(CK_SESSION_HANDLE session);

/* filter_objects.c */
CK_RV filter_find_objects_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count);
CK_RV filter_find_objects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG max, CK_ULONG *count);
CK_RV filter_find_objects_final(CK_SESSION_HANDLE session);
CK_RV filter_get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template,
                                 CK_ULONG count);

/* filter_keys.c */
CK_RV filter_sign_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key);
CK_RV filter_sign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length, CK_BYTE *signature, CK_ULONG *size);
CK_RV filter_sign_update(CK_SESSION_HANDLE session, CK_BYTE *part, CK_ULONG length);
CK_RV filter_sign_final(CK_SESSION_HANDLE session, CK_BYTE *signature, CK_ULONG *size);
CK_RV filter_decrypt_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key);
CK_RV filter_decrypt(CK_SESSION_HANDLE session, CK_BYTE *encrypted, CK_ULONG length, CK_BYTE *plain, CK_ULONG *size);
