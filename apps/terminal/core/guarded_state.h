/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files that decide what the terminal does and whom it believes are refused by name when others can change them
 * (base/file_guard.h). */
#pragma once

#include "core/report.h"

/* OUTCOME_USAGE, reason "file-open": what is wrong and what to run. A file that is not there is no failure here. */
outcome guarded_check(const char *path, report *r);
