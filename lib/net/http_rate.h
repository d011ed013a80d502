/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Token buckets, one per key, in a table of constant size: who asks more often than his rate for longer than his burst
 * is told how long to wait. A new key takes the place of the one that has waited longest, so nobody can fill
 * the memory. */
#pragma once

#include "base/result.h"

#include <stdint.h>

typedef struct http_rate http_rate;

/* per_second tokens come back, up to burst. Thread-safe. */
result http_rate_new(unsigned per_second, unsigned burst, http_rate **out);
void http_rate_free(http_rate **rate);

/* Takes one token of key. 0: taken; else the milliseconds until there will be one. now_ms: clock_monotonic_ms. */
int64_t http_rate_take(http_rate *rate, const char *key, int64_t now_ms);
