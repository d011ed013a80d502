/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Token buckets, one per key, in a table of constant size: a client exceeding its rate beyond its burst is told how
 * long to wait. A new key replaces the one unused for longest, so memory is bounded. */
#pragma once

#include "base/result.h"

#include <stdint.h>

typedef struct http_rate http_rate;

/* per_second tokens come back, up to burst. Thread-safe. */
result http_rate_new(unsigned per_second, unsigned burst, http_rate **out);
void http_rate_free(http_rate **rate);

/* Takes one token of key. 0: taken; else the milliseconds until there will be one. now_ms: clock_monotonic_ms. */
int64_t http_rate_take(http_rate *rate, const char *key, int64_t now_ms);
