/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

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

/* Unicode 15, general categories Cc, Cf, Zl and Zp as far as a text for people could hide something with them. */
static const struct {
    uint32_t first, last;
} hidden[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F}, {0x00AD, 0x00AD},   {0x0600, 0x0605},   {0x061C, 0x061C},   {0x06DD, 0x06DD},
    {0x070F, 0x070F}, {0x180E, 0x180E}, {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},   {0xFEFF, 0xFEFF},
    {0xFFF9, 0xFFFB}, {0xFFFE, 0xFFFF}, {0x110BD, 0x110BD}, {0x1D173, 0x1D17A}, {0xE0000, 0xE007F},
};

static bool is_hidden(uint32_t character) {
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (character >= hidden[i].first && character <= hidden[i].last)
            return true;
    return false;
}

/* Of a character of that length, measured before. */
static uint32_t character_of(bytes text, size_t length) {
    static const uint8_t masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t character = text.data[0] & masks[length];
    for (size_t i = 1; i < length; i++)
        character = (character << 6) | (text.data[i] & 0x3FU);
    return character;
}

bool utf8_is_showable(bytes text) {
    while (text.length > 0) {
        const size_t length = measure(text);
        if (length == 0 || is_hidden(character_of(text, length)))
            return false;
        text = bytes_of(text.data + length, text.length - length);
    }
    return true;
}

bool utf8_text_is_showable(const char *text) {
    return utf8_is_showable(bytes_of(text, strlen(text)));
}

void utf8_make_showable(char *text, const char *kept) {
    const char *end = text + strlen(text);
    for (char *at = text; at < end;) {
        const bytes rest = bytes_of(at, (size_t)(end - at));
        const size_t length = measure(rest);
        if (length == 0 || (is_hidden(character_of(rest, length)) && strchr(kept, *at) == NULL))
            memset(at, '?', length > 0 ? length : 1);
        at += length > 0 ? length : 1;
    }
}
