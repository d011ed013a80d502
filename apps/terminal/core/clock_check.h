/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether the terminal's clock can be believed, as far as a machine without the network can know: it must not stand
 * before what this terminal has seen already, and a great leap ahead is not believed. What it refuses, two
 * administrators with their cards can confirm (`clock confirm`). Else certificates would be checked by a false date, and
 * an offline period could be stretched by turning the clock back. */
#pragma once

#include "core/report.h"

#include "delivery/store_access.h"

#define CLOCK_BACK_TOLERANCE_S 300     /* small corrections by NTP */
#define CLOCK_AHEAD_MAX_S (90 * 86400) /* longer than any closing time of a hospital */

/* Refuses with the reason clock-behind or clock-ahead. Needs the open store. */
outcome clock_check(store_access *store, report *r);
/* The clock was believed: remembers the time, at most once a minute. */
void clock_note(store_access *store);
/* From now on this is the newest time seen. */
result clock_believe(store_access *store, int64_t at);
