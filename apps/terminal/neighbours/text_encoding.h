/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Texts for programs that expect another encoding than ours. */
#pragma once

#include "base/buffer.h"

/* UTF-8, behind a byte order mark where the format has one. Shift_JIS as Windows writes it (code page 932). */
typedef enum text_encoding { ENCODING_UTF8, ENCODING_SHIFT_JIS } text_encoding;

/* "utf-8" or "shift_jis", as configuration and documents name them. RESULT_INVALID: neither. */
result text_encoding_read(const char *name, text_encoding *out);

/* Appends our text (UTF-8) in that encoding. A character that it does not have becomes 〓 (U+3013), the usual
 * replacement in print. RESULT_INVALID: the text is no UTF-8. RESULT_UNSUPPORTED: this system cannot convert. */
result text_encode(text_encoding to, bytes text, buffer *out);

/* Appends such a text in UTF-8. RESULT_INVALID: it is no text in that encoding. */
result text_decode(text_encoding from, bytes text, buffer *out);
