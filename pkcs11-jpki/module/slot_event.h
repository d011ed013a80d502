/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* C_WaitForSlotEvent. OpenSC's own blocking wait looks at readers that other threads change meanwhile, loses a
 * C_Finalize that comes a moment too early, and is still inside when C_Finalize frees everything. So we wait at pcscd
 * ourselves, and ask the stock module only what has happened. */
#pragma once

#include "stock.h"

CK_RV wait_for_slot_event(CK_FUNCTION_LIST_PTR functions, CK_FLAGS flags, CK_SLOT_ID_PTR slot);

/* Ends all waits (CKR_CRYPTOKI_NOT_INITIALIZED) and returns when they have ended. With the gate closed. */
void wait_end_all(void);
