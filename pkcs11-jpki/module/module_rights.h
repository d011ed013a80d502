/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Ends access rights at a card through our drivers directly, because OpenSC does not always call them
 * (opensc/rights_entry.h). Call with the call lock held. */
#pragma once

#include "readers.h"

#include "opensc/rights_entry.h"

#include <stdbool.h>

/* After the stock module's C_Initialize, which has loaded the drivers; and after its C_Finalize. */
void rights_begin(void);
void rights_end(void);

/* Properties of this process, the sum of HOST_ values: before each call that may open a right. */
void rights_host(unsigned about);

/* Of all tokens of the card in that reader; NULL: in any reader. CKR_DEVICE_REMOVED when the card was removed,
 * CKR_DEVICE_ERROR when the command failed. */
CK_RV rights_revoke(const CK_UTF8CHAR *reader);

/* Whether the card in that reader is kept for this process; rights_revoke ends HOLD_HELD and HOLD_OVER. */
hold_state rights_hold(const CK_UTF8CHAR *reader);

/* Turns OpenSC's log off while a secret that OpenSC would log goes to the card in that reader, and on again. False: no
 * driver of ours has a card there; the log is unchanged. */
bool rights_silence_log(const CK_UTF8CHAR *reader);
void rights_restore_log(void);

/* Verifies the security officer's PIN at the card in that reader. CKR_OK, CKR_PIN_INCORRECT, CKR_PIN_LOCKED;
 * CKR_USER_TYPE_INVALID: the card has no security officer. */
CK_RV rights_verify_officer(const CK_UTF8CHAR *reader, CK_UTF8CHAR_PTR pin, CK_ULONG length);
