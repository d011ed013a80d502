/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Time and waiting under fuzz: nothing ever sleeps. A program that waits for its peer lets the target speak for the
 * peer instead; when that has nothing more to say, the time is over at once. Link with the
 * options $(fuzz_waiting_ldflags). */
#pragma once

#include <stdbool.h>

/* Called whenever the program would wait. True: something was sent, look again. */
extern bool (*waiting_speak)(void);
