/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "operator/session_rule.h"

#define MINUTE_MS INT64_C(60000)

const char *session_rule_over(const session_times *times, bool card_gone, const limits *l, int64_t now_ms) {
    if (card_gone)
        return "operator-card-removed";
    if (now_ms - times->used_ms >= l->value[LIMIT_IDLE_MINUTES] * MINUTE_MS)
        return "idle";
    return now_ms - times->began_ms >= l->value[LIMIT_SESSION_MINUTES] * MINUTE_MS ? "session-expired" : NULL;
}
