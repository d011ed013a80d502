/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `watch`: shows the desk's events as they happen; lines of JSON with --json. It reconnects after a restart of the
 * daemon, and ends when its output is closed. */
#pragma once

#include "core/terminal.h"

/* The command. */
outcome watch_command(terminal *t);
