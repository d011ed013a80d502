/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Checks of calls that stock OpenSC answers wrongly. Return CKR_OK to let the call proceed. Call with the call lock
 * held. */
#pragma once

#include "stock.h"

/* C_InitToken: a token that has a user PIN must not be re-initialised: patients' and operators' cards belong to their
 * issuer, and only the issuer may terminate an SE. Stock OpenSC would try to overwrite it with its own file system.
 * CKR_ARGUMENTS_BAD for a label (32 bytes, padded with blanks) that was truncated inside a UTF-8 character. */
CK_RV check_beginning(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, const CK_UTF8CHAR label[32]);

/* C_Login of a security officer: patients' and operators' cards have none; the municipality unblocks them. Stock OpenSC
 * would accept any value. */
CK_RV validate_officer(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot);

/* C_SeedRandom: these cards cannot be seeded. Stock OpenSC has one code for that; PKCS #11 2.40 5.15 distinguishes a
 * token without random numbers (patients' and operators' cards, whose challenge must not be used as one) from one that
 * makes its own. */
CK_RV check_seed(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot);

/* C_SetPIN of a user: an old PIN of impossible length is wrong. The stock module has one code for both lengths. */
CK_RV check_old_pin(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, CK_ULONG length);

/* Our readers have no keypad, so CKR_FUNCTION_CANCELED only occurs as OpenSC's mapping of the driver's error that
 * another token of the card is logged in (CKR_USER_ANOTHER_ALREADY_LOGGED_IN). */

/* C_GetTokenInfo of the card data: no CKF_LOGIN_REQUIRED, which PKCS #11 2.40 5.5 defines for cryptographic functions
 * that need a login. The token has none, and ssh-add gives its PIN to every token with this flag: that would cost a try
 * of the card data's PIN and end the login to the other application. Of an SE: the lengths of its PIN. They cannot come
 * from the driver, because OpenSC checks the PUK of C_InitPIN against the PIN's lengths. */
void check_token(CK_TOKEN_INFO *token);
