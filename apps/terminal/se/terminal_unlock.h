/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `unlock`: for the same SE, whose activation PIN a person types. */
#pragma once

#include "core/terminal.h"

/* Opens the SE with this PIN and unlocks the terminal. typed: by a person; else it is that of the PIN file. */
outcome terminal_unlock_with(terminal *t, bytes pin, bool typed);
/* `unlock`. Fails when the SE is not this terminal's, when it refuses the PIN, or when it reports a problem. */
outcome unlock_command(terminal *t);
