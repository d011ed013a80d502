/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The mechanisms of lib/opensc/mechanisms.h in PKCS #11. Stock OpenSC adds every hash of OpenSSL, lists operations that
 * no key of the token supports, and refuses others only at the card. Here C_GetMechanismList and C_GetMechanismInfo
 * list what works, and everything else is refused at its C_...Init, without a command. Call with the call lock held;
 * slot is the stock module's number. */
#pragma once

#include "stock.h"

/* C_GetMechanismList and C_GetMechanismInfo. */
CK_RV mechanism_list(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count);
CK_RV mechanism_info(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, CK_MECHANISM_TYPE type,
                     CK_MECHANISM_INFO_PTR info);

/* A call that begins this operation (CKF_SIGN and so on): CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID, or CKR_OK
 * when the stock module may check the rest. All three PSS parameters are checked, because the stock module ignores the
 * salt's length, detects another mask function only at the card, and copies a parameter of any length when it
 * verifies. */
CK_RV mechanism_begins(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, const CK_MECHANISM *method, CK_FLAGS operation);

/* C_GenerateKeyPair: CKR_MECHANISM_INVALID on a token that makes no keys; CKR_KEY_SIZE_RANGE and others for keys that
 * the SE does not make. The stock module would make a 1024-bit key when no size is given, and never unlocks the card
 * after some refusals. */
CK_RV mechanism_makes(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, const CK_MECHANISM *method,
                      const CK_ATTRIBUTE *public_list, CK_ULONG public_count, const CK_ATTRIBUTE *private_list,
                      CK_ULONG private_count);
/* C_CreateObject of a private key: CKR_ATTRIBUTE_VALUE_INVALID for another type than RSA, CKR_KEY_SIZE_RANGE for
 * another size. */
CK_RV mechanism_takes(const CK_ATTRIBUTE *list, CK_ULONG count);
