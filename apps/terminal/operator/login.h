/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The commands `login` and `logout`. */
#pragma once

#include "core/terminal.h"

/* `login`: checks the operator card and its PIN and begins a session. */
outcome login_command(terminal *t);
/* Checks that there is an operator card that may log in, before its PIN is typed. */
outcome login_before_pin(terminal *t);
/* `logout`: ends the session. */
outcome logout_command(terminal *t);
