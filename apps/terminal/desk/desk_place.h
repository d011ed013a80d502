/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where the desk's socket is, by the configuration. What goes over it: lib/desk/desk_wire.h. */
#pragma once

#include "core/terminal_configuration.h"

#define DESK_SOCKET_NAME "uketsuke.sock"
#define DESK_STUCK_NAME "se-stuck" /* file that a daemon leaves when it ended because the SE did not answer */

/* Where the socket is; the caller frees. NULL: out of memory. */
char *desk_socket_path(const configuration *c);
