/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/utf8.h"

/* How the first byte decides about the second one; the others are 80 to BF. */
static const struct {
    uint8_t first, last, length, second_from, second_to;
} sequences[] = {
    {0x00, 0x7F, 1, 0x00, 0x00}, {0xC2, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF},
    {0xE1, 0xEC, 3, 0x80, 0xBF}, {0xED, 0xED, 3, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x80, 0xBF},
    {0xF0, 0xF0, 4, 0x90, 0xBF}, {0xF1, 0xF3, 4, 0x80, 0xBF}, {0xF4, 0xF4, 4, 0x80, 0x8F},
};

/* The length of the character at the start of text, or 0. */
static size_t measure(bytes text) {
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
        if (text.data[0] < sequences[i].first || text.data[0] > sequences[i].last)
            continue;
        size_t length = sequences[i].length;
        if (length > text.length)
            return 0;
        if (length > 1 && (text.data[1] < sequences[i].second_from || text.data[1] > sequences[i].second_to))
            return 0;
        for (size_t k = 2; k < length; k++)
            if ((text.data[k] & 0xC0) != 0x80)
                return 0;
        return length;
    }
    return 0;
}

bool utf8_is_whole(bytes text) {
    while (text.length > 0) {
        size_t length = text.data[0] < 0x80 ? 1 : measure(text);
        if (length == 0)
            return false;
        text = bytes_of(text.data + length, text.length - length);
    }
    return true;
}
