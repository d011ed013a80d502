/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Hexadecimal text, upper case without separators when written; either case, with spaces or colons between bytes, when
 * read. */
#pragma once

#include "base/buffer.h"

/* text receives 2 * data.length + 1 characters; size is its capacity; an empty text if that is too small. */
void hex_encode(bytes data, char *text, size_t size);
result hex_append(buffer *text, bytes data);

/* RESULT_INVALID for anything that is not pairs of digits; out is unchanged then. */
result hex_decode(const char *text, buffer *out);
/* Exactly that many bytes. out is unchanged after RESULT_INVALID. */
result hex_decode_exactly(const char *text, uint8_t *out, size_t length);
