/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `watch`: what happens at the desk, as it happens; lines of JSON with --json. It goes on over a restart of the daemon,
 * and ends when nobody reads what it prints. */
#pragma once

#include "core/terminal.h"

/* The command. */
outcome watch_command(terminal *t);
