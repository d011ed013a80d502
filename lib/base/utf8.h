/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* UTF-8 (RFC 3629, 4). */
#pragma once

#include "base/bytes.h"

/* Characters in their shortest form, none cut, no surrogates, nothing past 10FFFF. True of an empty text. */
bool utf8_is_whole(bytes text);

/* Whole, and what it shows is what it holds: no control characters (C0, C1, DEL), none that hide, join or turn round
 * what stands beside them (soft hyphen, zero width, direction, byte order mark, interlinear marks, line separators).
 * True of an empty text. */
bool utf8_is_showable(bytes text);
/* The same for a text that ends with a NUL. */
bool utf8_text_is_showable(const char *text);
/* Makes the text showable: each byte of a character that may not stand there becomes '?'. The ASCII characters in kept
 * ("" for none) stay. */
void utf8_make_showable(char *text, const char *kept);
