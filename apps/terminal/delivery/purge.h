/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `purge`: removes persons whose retention is over; the daemon does it by itself. */
#pragma once

#include "core/terminal.h"

/* The command. */
outcome purge_command(terminal *t);
/* The same by itself, without a report: needs the open store. Notes in the audit log how many. */
result purge_old_persons(terminal *t, long long *purged);
