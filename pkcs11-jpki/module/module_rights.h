/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rights at a card, taken away by our drivers themselves: OpenSC does not always ask them (opensc/rights_entry.h).
 * Inside the gate, nobody else in the stock module. */
#pragma once

#include "readers.h"

#include "opensc/rights_entry.h"

#include <stdbool.h>

/* After the stock module's C_Initialize, which has loaded the drivers; and after its C_Finalize. */
void rights_begin(void);
void rights_end(void);

/* What this process is like, the sum of HOST_ values: before each call that may open a right. */
void rights_host(unsigned about);

/* Of a card in that reader, of whatever token; NULL: in any reader. CKR_DEVICE_REMOVED when the card
 * has left, CKR_DEVICE_ERROR when it could not be told. */
CK_RV rights_take_away(const CK_UTF8CHAR *reader);

/* Whether the card in that reader is kept for this process; rights_take_away ends HOLD_HELD and HOLD_OVER. */
hold_state rights_hold(const CK_UTF8CHAR *reader);

/* OpenSC's log is off while a card of ours in that reader is given a secret that OpenSC would write into it, and on
 * again. False: no driver of ours has a card there, and the log is as it was. */
bool rights_silence_log(const CK_UTF8CHAR *reader);
void rights_restore_log(void);

/* Whether the card in that reader takes this as its security officer's PIN. CKR_OK, CKR_PIN_INCORRECT, CKR_PIN_LOCKED;
 * CKR_USER_TYPE_INVALID: no driver of ours knows of an officer there. */
CK_RV rights_verify_officer(const CK_UTF8CHAR *reader, CK_UTF8CHAR_PTR pin, CK_ULONG length);
