/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Plausibility of the terminal's clock, as far as it can be checked without the network: it must not be earlier than
 * the last work of this terminal, or far ahead of it. Two administrators with their cards can confirm a refused clock
 * (`clock confirm`). Otherwise certificates would be checked at a false date, and an offline period could be extended
 * by turning the clock back. */
#pragma once

#include "core/report.h"

#include "delivery/store_access.h"

#define CLOCK_BACK_TOLERANCE_S 300     /* small corrections by NTP */
#define CLOCK_AHEAD_MAX_S (90 * 86400) /* longer than any closing time of a hospital */

/* Whether clock_check would accept the clock. */
bool clock_is_plausible(store_access *store);
/* Refuses with the reason clock-behind or clock-ahead. Needs the open store. */
outcome clock_check(store_access *store, report *r);
/* Remembers an accepted time, at most once a minute. */
void clock_note(store_access *store);
/* Sets the newest time seen. */
result clock_confirm_time(store_access *store, int64_t at);
