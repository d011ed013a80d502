/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* When a session is over. Pure functions: the time is an argument. */
#pragma once

#include "core/offline_limits.h"

#include <stdint.h>

/* Times of a session, in milliseconds of one clock that cannot be set. */
typedef struct session_times {
    int64_t began_ms, used_ms;
} session_times;

/* Why it must end now: a reason word; NULL: it need not. card_gone: its card was removed. */
const char *session_rule_over(const session_times *times, bool card_gone, const limits *l, int64_t now_ms);
