/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A text of the table with its places filled in by the members of a JSON object, as reports and events have them. */
#pragma once

#include "base/buffer.h"

#include <jansson.h>

/* As state_text_append; a member's value is its text or its whole number, any other value counts as missing. values: NULL
 * when there are none. */
result state_text_append_json(const char *text, const json_t *values, buffer *out);
