/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Days in the Japanese calendar (和暦), as cards and documents of insurers show them. */
#pragma once

#include "base/clock.h"

#include <stdbool.h>

#define JAPANESE_ERA_SIZE 40 /* bytes with NUL: 昭和60年4月12日 */

/* day: YYYY-MM-DD. False, and an empty text: no day, or before Meiji 6 (1873), the calendar's first year. */
bool japanese_era_text(const char *day, char text[JAPANESE_ERA_SIZE]);
