/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which mechanisms there are: the rows of lib/opensc/mechanisms.h as PKCS #11 has them. Stock OpenSC adds whatever
 * OpenSSL hashes, shows operations that no key of the token can do, and finds out what a card cannot do when it is
 * asked for it. Here it is said by C_GetMechanismList and C_GetMechanismInfo, and everything else is refused when it
 * begins, without a command. Inside the gate; slot is the stock module's number. */
#pragma once

#include "stock.h"

/* C_GetMechanismList and C_GetMechanismInfo. */
CK_RV mechanism_list(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count);
CK_RV mechanism_info(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, CK_MECHANISM_TYPE type,
                     CK_MECHANISM_INFO_PTR info);

/* A call that begins this operation (CKF_SIGN and so on): CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID, or CKR_OK
 * when the stock module may look at the rest. Of the parameters of PSS all three are checked, because the stock module
 * drops the salt's length and finds another function for the mask out at the card; and it copies a parameter of any
 * length to where it verifies. */
CK_RV mechanism_begins(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, const CK_MECHANISM *method, CK_FLAGS operation);

/* C_GenerateKeyPair: CKR_MECHANISM_INVALID where no key is made, CKR_KEY_SIZE_RANGE and so on for what the SE does not
 * make. The stock module would take 1024 bits for no size, and keeps the card locked for ever after some refusals. */
CK_RV mechanism_makes(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, const CK_MECHANISM *method,
                      const CK_ATTRIBUTE *public_list, CK_ULONG public_count, const CK_ATTRIBUTE *private_list,
                      CK_ULONG private_count);
/* C_CreateObject of a private key: CKR_ATTRIBUTE_VALUE_INVALID for another type than RSA, CKR_KEY_SIZE_RANGE for
 * another size. */
CK_RV mechanism_takes(const CK_ATTRIBUTE *list, CK_ULONG count);
