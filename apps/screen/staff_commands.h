/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The commands that the staff's page may give, and their answers. The desk decides whether the person may give them. */
#pragma once

#include "base/buffer.h"

#define STAFF_BODY_MAX 4096

/* body: {"command": NAME, "arguments": [TEXT...], OPTION: VALUE...}, or, with a PIN, ["PIN", {...}]. Appends the desk's
 * report with the words for staff in it. RESULT_INVALID: no such command, or an option or argument that it does not
 * take. */
result staff_command(const char *desk, bytes body, buffer *out);
