/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One command of the desk, done for a page. */
#pragma once

#include "base/buffer.h"

#include <jansson.h>

/* Sends the request (lib/desk/desk_wire.h; taken over) with a PIN of this type ('P', 'S'; 0: none) and waits for the
 * answer. Returns what the desk reports, with "exit" in it, or {"ok": false, "reason"} with a word of lib/states when
 * there is none. NULL: out of memory. */
json_t *desk_call(const char *desk, json_t *request, char pin_type, bytes pin);
