/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A clock that only goes when the test says so, or when somebody sleeps. The program is linked with
 * -Wl,--wrap=clock_monotonic_ms -Wl,--wrap=usleep. */
#pragma once

#include <stdint.h>

extern int64_t now_ms; /* what clock_monotonic_ms tells; usleep adds to it and returns at once */
