/* Calls that stock OpenSC would answer wrongly, or has answered wrongly. CKR_OK: let it. Inside the gate. */
#pragma once

#include "stock.h"

/* C_InitToken: a token with a user PIN is not begun again. Cards of people belong to their issuer, and of an SE only
 * the issuer ends the life; stock OpenSC would try to write its own file system over it. */
CK_RV judge_beginning(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID slot);

/* C_Login of a security officer: cards of people have none, their issuer unblocks them at the municipal office. Stock
 * OpenSC would believe any PIN and call the officer logged in. */
CK_RV judge_user(CK_FUNCTION_LIST_PTR functions, CK_SESSION_HANDLE session, CK_USER_TYPE user);

/* C_SeedRandom: nobody seeds these cards. Stock OpenSC has one code for that; PKCS #11 2.40 5.15 tells a token without
 * random numbers (cards of people: their challenge is no random number for everybody) from one that makes its own. */
CK_RV judge_seed(CK_FUNCTION_LIST_PTR functions, CK_SESSION_HANDLE session);

/* C_SignInit: the SE's salt is as long as the hash, and stock OpenSC drops the length that the caller asked for. What
 * cannot be done must not seem to be done. */
CK_RV judge_salt(const CK_MECHANISM *method);

/* The right value for a call's wrong one. CKR_GENERAL_ERROR: OpenSC 0.23's sc_update_binary and its PKCS #15
 * initialisation lose the reason of a failure; CKR_DEVICE_REMOVED when the token is gone by now. what: the name of the
 * call's first argument in calls.h, "session" or "slot"; of other calls nothing is known. CKR_FUNCTION_CANCELED: our
 * readers have no keypad to cancel at, but OpenSC no better code for the driver's word that another token of the card
 * is logged in to. */
CK_RV judge_failure(CK_FUNCTION_LIST_PTR functions, CK_RV rv, const char *what, CK_ULONG handle);

/* C_GetTokenInfo of the card data: no CKF_LOGIN_REQUIRED, which PKCS #11 2.40 5.5 has for tokens with cryptographic
 * functions that want a login. It has none, and ssh-add gives the PIN it was told to every token with this flag. That
 * would cost the card data's PIN a try and, as the card knows one application at a time, end the login before it. */
void judge_token(CK_TOKEN_INFO *token);
