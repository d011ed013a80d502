/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `unlock`: the same SE is back, and a person types its activation PIN. */
#pragma once

#include "core/terminal.h"

/* `unlock`. Fails when the SE is not this terminal's, when it refuses the PIN, or when it tells of trouble. */
outcome unlock_command(terminal *t);
