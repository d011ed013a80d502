/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The module's own table of sessions, logins and cards, so that PKCS #11's rules hold with every OpenSC: every call
 * first checks its card, and a removed card ends its sessions and its login (PKCS #11 2.40, 5.6). Call with the call
 * lock held. */
#pragma once

#include "sessions.h"

/* At C_Initialize, with the arguments that the stock module was started with, and at C_Finalize: rights end while the
 * stock module still knows the cards. */
void account_begin(CK_FUNCTION_LIST_PTR functions, const CK_C_INITIALIZE_ARGS *arguments);
void account_end(void);

/* A call is about this slot or session. The number becomes the stock module's. CKR_SLOT_ID_INVALID,
 * CKR_TOKEN_NOT_PRESENT; CKR_SESSION_HANDLE_INVALID, CKR_DEVICE_REMOVED: its card was removed since the last call. */
CK_RV account_enter_slot(CK_SLOT_ID *id, struct slot **found);
CK_RV account_enter_session(CK_SESSION_HANDLE *handle, struct session **found);
/* The call has ended with rv. Returns the right value when the stock module does not know the cause of a failure.
 * handle: as the program gave it. */
CK_RV account_leave_slot(CK_SLOT_ID id, CK_RV rv);
CK_RV account_leave_session(CK_SESSION_HANDLE handle, CK_RV rv);

/* Before a call in which the stock module polls all cards: closes the sessions of removed cards. CKR_DEVICE_REMOVED:
 * there is no pcscd. */
CK_RV account_note_cards(void);

/* Before a call that may open a right at a card. */
void account_before_right(void);
/* The session's token is logged out: in the account, in the stock module, and at the card. */
CK_RV account_log_out(struct slot *s);
/* The card is held, and all its tokens are logged out: an institution authentication was begun and not continued. */
bool account_holds_in_vain(const struct slot *s);
/* The card has ended the login by itself. */
void account_login_lost(struct slot *s);
/* Opens stock sessions again that the stock module has closed by itself. */
void account_open_again(struct slot *s);
