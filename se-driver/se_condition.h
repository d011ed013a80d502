/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The conditions of an SE, and the data object that reports them (docs/interfaces/secure-element.md, "Supervision"). */
#pragma once

#define SE_STATE_LABEL "SE state"
#define SE_OUT_OF_SERVICE_LABEL "SE out of service"
#define SE_STATE_LENGTH 32

typedef enum se_condition {
    SE_USABLE = 0,
    SE_KEY_DOES_NOT_FIT = 1, /* another SE, or one that was paired again */
    SE_BOUND_TO_NOBODY = 2,
    SE_LOCKED = 3,
    SE_TERMINATED = 4,
    SE_UNRESPONSIVE = 5,
} se_condition;
