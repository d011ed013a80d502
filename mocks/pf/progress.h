/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Occasional progress messages of long work. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PROGRESS_EVERY_MS 5000

typedef struct progress {
    int64_t told_ms; /* monotonic; 0: not begun */
} progress;

/* Whether to say it now; work that is done within PROGRESS_EVERY_MS says nothing. */
bool progress_is_due(progress *p, int64_t now_ms);
