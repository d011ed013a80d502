/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files that decide about configuration and trust are refused by name when other users can change them
 * (base/file_guard.h). */
#pragma once

#include "core/report.h"

/* OUTCOME_USAGE, reason "file-open": what is wrong and what to run. A missing file is no failure here. */
outcome guarded_check(const char *path, report *r);
