/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The platform's signed time confirms a clock that would be refused: no administrators are needed while the platform
 * answers. */
#pragma once

#include "core/terminal.h"

/* Compares the clock with the platform's signed time, which it fetches when the last one is too old; a clock that
 * agrees is confirmed. Otherwise nothing changes. Reports nothing to the user. Needs the open store. context: a
 * terminal. */
void clock_by_platform(void *context);
