/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Calls that stock OpenSC would answer wrongly, or has answered wrongly. CKR_OK: let it. Inside the gate. */
#pragma once

#include "stock.h"

/* C_InitToken: a token with a user PIN is not begun again. Cards of people belong to their issuer, and of an SE only
 * the issuer ends the life; stock OpenSC would try to write its own file system over it. The label (32 bytes, padded
 * with blanks) must be whole: CKR_ARGUMENTS_BAD for one that was cut inside a UTF-8 character. */
CK_RV check_beginning(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, const CK_UTF8CHAR label[32]);

/* C_Login of a security officer at the slot: cards of people have none, their issuer unblocks them at the municipal
 * office. Stock OpenSC would believe any value and call the officer logged in. */
CK_RV validate_officer(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot);

/* C_SeedRandom: nobody seeds these cards. Stock OpenSC has one code for that; PKCS #11 2.40 5.15 tells a token without
 * random numbers (cards of people: their challenge is no random number for everybody) from one that makes its own. */
CK_RV check_seed(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot);

/* C_SetPIN of a user at the slot: an old PIN of a length that no PIN has is wrong. The stock module has one code for
 * both lengths. */
CK_RV check_old_pin(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot, CK_ULONG length);

/* CKR_FUNCTION_CANCELED is not for here: our readers have no keypad to cancel at, but OpenSC no better code for the
 * driver's word that another token of the card is logged in to (CKR_USER_ANOTHER_ALREADY_LOGGED_IN). */

/* C_GetTokenInfo of the card data: no CKF_LOGIN_REQUIRED, which PKCS #11 2.40 5.5 has for tokens with cryptographic
 * functions that want a login. It has none, and ssh-add gives the PIN it was told to every token with this flag. That
 * would cost the card data's PIN a try and, as the card knows one application at a time, end the login before it.
 * Of an SE: the lengths of its PIN. Not from the driver: OpenSC measures the PUK of C_InitPIN by the PIN's lengths. */
void check_token(CK_TOKEN_INFO *token);
