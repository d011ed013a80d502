/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "progress.h"

bool progress_is_due(progress *p, int64_t now_ms) {
    const bool begun = p->told_ms != 0, due = begun && now_ms - p->told_ms >= PROGRESS_EVERY_MS;
    if (!begun || due)
        p->told_ms = now_ms;
    return due;
}
