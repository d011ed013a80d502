/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* C_WaitForSlotEvent. OpenSC's own blocking wait reads readers that other threads change, misses a C_Finalize that
 * comes just before it, and still runs when C_Finalize frees everything. So the module waits at pcscd itself and asks
 * the stock module only for the event. */
#pragma once

#include "stock.h"

CK_RV wait_for_slot_event(CK_FUNCTION_LIST_PTR functions, CK_FLAGS flags, CK_SLOT_ID_PTR slot);

/* Ends all waits (CKR_CRYPTOKI_NOT_INITIALIZED) and returns when they have ended. Call with the call lock closed. */
void wait_end_all(void);
