/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/audit_due.h"

/* Earlier than the documented maximum: a command adds a few rows, and the desk checks only now and then. */
#define ROWS_BEFORE 10
#define SECONDS_BEFORE 60

bool audit_is_due(int64_t rows, int64_t age_s) {
    return rows > 0 &&
           (rows >= AUDIT_ROWS_MAX - ROWS_BEFORE || age_s >= AUDIT_SECONDS_MAX - SECONDS_BEFORE || age_s < 0);
}
