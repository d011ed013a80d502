/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* When the audit log must be signed without an event that is signed at once: bounds the number and age of rows that no
 * checkpoint covers. A pure function: no store, no clock. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define AUDIT_ROWS_MAX 100
#define AUDIT_SECONDS_MAX 3600

/* rows: not covered yet; age_s: of the oldest of them. A clock that was set back makes it time, too. */
bool audit_is_due(int64_t rows, int64_t age_s);
