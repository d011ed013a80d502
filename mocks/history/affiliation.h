/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which institutions' doctors may write visits of other institutions: decided by the service's administrator, in the
 * configuration ([history] affiliated). */
#pragma once

#include <stdbool.h>

/* Words VISITS:DOCTORS, separated by blanks: visits of the first institution, doctors of the second, 10 digits each. */
bool affiliation_is_list(const char *list);
/* list: one of that form. */
bool affiliation_accepts(const char *list, const char *visits, const char *doctors);
