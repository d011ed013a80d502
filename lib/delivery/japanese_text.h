/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Japanese text as people type it, made comparable: the same name in full or half width, hiragana or katakana, with or
 * without a space between family and given name, is the same text. */
#pragma once

#include "base/result.h"

#include <stddef.h>

/* A name: Unicode NFKC, hiragana as katakana, small kana as large ones (registers write ｷﾖｳｺ for キョウコ), capitals, no
 * spaces and no middle dots. out: UTF-8. RESULT_INVALID: no UTF-8, or nothing is left; RESULT_TOO_LONG: beyond size. */
result japanese_fold_name(const char *text, char *out, size_t size);

/* A number or code: Unicode NFKC, capitals. Only A-Z, 0-9 and hyphens may be left. RESULT_INVALID: something else is, or
 * nothing; RESULT_TOO_LONG: beyond size. */
result japanese_fold_code(const char *text, char *out, size_t size);

/* Unicode NFKC and no blanks at either end: what people write, in one width. RESULT_INVALID: no UTF-8, a control
 * character, or nothing is left; RESULT_TOO_LONG: beyond size. */
result japanese_fold_text(const char *text, char *out, size_t size);

/* The bytes of the first so many characters of UTF-8; all of them when there are fewer. */
size_t japanese_prefix(const char *text, size_t characters);
/* How many characters it has. */
size_t japanese_length(const char *text);
