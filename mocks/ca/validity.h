/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* From when to when a certificate is valid. JPKI certificates begin and end with days in Japan (UTC+9). */
#pragma once

#include "base/result.h"

#include <stdint.h>

typedef struct validity {
    int64_t from, to; /* seconds since 1970-01-01T00:00:00Z, both inside */
} validity;

/* From 00:00:00 today in Japan to 23:59:59 in Japan, the day before the same day years later. */
validity validity_years(int64_t now, int years);

/* To 23:59:59 in Japan on the fifth birthday after today: JPKI's rule. birth: YYYY-MM-DD. */
result validity_to_fifth_birthday(int64_t now, const char *birth, validity *out);

/* A person's age on that day in Japan; birth: YYYY-MM-DD, checked before. */
int validity_age(int64_t when, const char *birth);
