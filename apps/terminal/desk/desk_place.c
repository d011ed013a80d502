/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "desk/desk_place.h"

#include "base/file.h"

#include <string.h>

char *desk_socket_path(const configuration *c) {
    return *c->desk_socket != 0 ? strdup(c->desk_socket) : file_join(c->state, DESK_SOCKET_NAME);
}
