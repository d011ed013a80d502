/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Clears a person's data from the screen after a while: a counter is a public place. */
#pragma once

#include <stdbool.h>

#define PRIVATE_SCREEN_SECONDS 30

/* Switches a terminal to its alternate screen. For a pipe or a file it does nothing. */
bool private_screen_begin(bool wanted);
/* Waits until Enter or for PRIVATE_SCREEN_SECONDS, then goes back to the screen before; open: what private_screen_begin returned. */
void private_screen_end(bool open);
