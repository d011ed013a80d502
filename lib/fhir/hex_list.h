/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Several byte strings of one length as text: "HEX HEX HEX", capital hexadecimal, one space between. One text for one
 * list. */
#pragma once

#include "base/buffer.h"

/* Room for the text, with its NUL. */
#define HEX_LIST_SIZE(count, length) ((count) * (2 * (length) + 1) + 1)

/* items: count times length bytes. text receives it; size is its capacity, an empty text if that is too small. */
void hex_list_write(const uint8_t *items, size_t length, size_t count, char *text, size_t size);
/* 1 to max items. RESULT_INVALID for anything that hex_list_write does not write. */
result hex_list_read(const char *text, uint8_t *items, size_t length, size_t max, size_t *count);
