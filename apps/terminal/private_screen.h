/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is shown about a person disappears from the screen after a while: a counter is a public place. */
#pragma once

#include <stdbool.h>

#define CURTAIN_SECONDS 30

/* On a terminal: from here on to another screen. Elsewhere (a pipe, a file): nothing. */
bool private_screen_begin(bool wanted);
/* Waits until Enter or for CURTAIN_SECONDS, then goes back to the screen before; open: what private_screen_begin returned. */
void private_screen_end(bool open);
