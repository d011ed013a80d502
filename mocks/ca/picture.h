/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The pictures on a card's face: text as a 1-bit PNG, the holder's portrait as JPEG 2000. */
#pragma once

#include "base/buffer.h"

/* One line of UTF-8 text, black on white, in a font with the characters of JIS X 0213. height: of the line in pixels;
 * width: of the picture, or 0: as wide as the text. What does not fit is made narrower. */
result picture_of_text(const char *text, unsigned height, unsigned width, buffer *png);

/* A drawing, 8-bit grey, 192 x 240, the same for the same seed and different for others: not a portrait of a person. */
result picture_of_person(const char *seed, buffer *jpeg2000);
