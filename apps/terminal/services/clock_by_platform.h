/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The platform's signed time confirms a clock that would be refused: no administrators are needed while the platform
 * answers. */
#pragma once

#include "core/terminal.h"

/* Asks the platform, when what it said last is too old, and compares: a clock that agrees with its time counts from now
 * on. Nothing changes when it does not, or nobody answers. Says nothing to the user. Needs the open store. context: a
 * terminal. */
void clock_by_platform(void *context);
