/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `unlock`: the same SE is back, and a person types its activation PIN. */
#pragma once

#include "core/terminal.h"

/* Takes the SE with this PIN and takes the lock off. typed: by a person; else it is that of the PIN file. */
outcome terminal_unlock_with(terminal *t, bytes pin, bool typed);
/* `unlock`. Fails when the SE is not this terminal's, when it refuses the PIN, or when it tells of trouble. */
outcome unlock_command(terminal *t);
