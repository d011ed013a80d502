/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A text of the table with its places filled in. */
#pragma once

#include "base/buffer.h"

/* The value of this name in words, or NULL when there is none. It need not live longer than the next call. */
typedef const char *(*state_value)(void *context, const char *name);

/* Appends text to out. {name} is replaced by its value ("?" without one), and what stands between [ and ] is left out
 * when a value in it is missing. RESULT_INVALID: brackets that do not match; nothing was appended. Otherwise as
 * buffer_append. */
result state_text_append(const char *text, state_value value, void *context, buffer *out);
