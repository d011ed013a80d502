/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Time. Deadlines use the monotonic clock, records the wall clock. Text is RFC 3339 in UTC ("2026-11-24T00:02:11Z").
 * Service dates are calendar days in Japan (UTC+9, no summer time). */
#pragma once

#include "base/result.h"

#include <stdint.h>

#define CLOCK_TEXT_SIZE 21 /* RFC 3339 in seconds, with Z and NUL */
#define CLOCK_DATE_SIZE 11 /* YYYY-MM-DD and NUL */

/* Milliseconds since some moment, never set, not counted while the machine sleeps (CLOCK_MONOTONIC). */
int64_t clock_monotonic_ms(void);
/* Seconds, and milliseconds, since 1970-01-01T00:00:00Z by the wall clock, which can be set. */
int64_t clock_wall_s(void);
int64_t clock_wall_ms(void);
/* Milliseconds since the machine was started, including suspend; cannot be set (CLOCK_BOOTTIME). */
int64_t clock_boot_ms(void);

/* wall_s: seconds since 1970. Empty for a year beyond 9999. */
void clock_text(int64_t wall_s, char text[CLOCK_TEXT_SIZE]);
/* The form clock_text writes; RESULT_INVALID for anything else. */
result clock_parse(const char *text, int64_t *wall_s);

#define CLOCK_PEOPLE_SIZE 24 /* YYYY-MM-DD hh:mm:ss JST and NUL */

/* For people: Japan time. Empty for a year beyond 9999. */
void clock_text_in_japan(int64_t wall_s, char text[CLOCK_PEOPLE_SIZE]);
/* The calendar day in Japan at that time. */
void clock_date_in_japan(int64_t wall_s, char text[CLOCK_DATE_SIZE]);
/* When a day begins in Japan. RESULT_INVALID unless the text is a day that exists, as YYYY-MM-DD. */
result clock_begin_in_japan(const char *text, int64_t *wall_s);
/* RESULT_INVALID unless the text is a day that exists, as YYYY-MM-DD. */
result clock_check_date(const char *text);
