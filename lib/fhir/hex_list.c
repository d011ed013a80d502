/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/hex_list.h"

#include "base/hex.h"

void hex_list_write(const uint8_t *items, size_t length, size_t count, char *text, size_t size) {
    char *at = text;
    *at = 0;
    if (HEX_LIST_SIZE(count, length) > size)
        return;
    for (size_t i = 0; i < count; i++, at += 2 * length) {
        if (i > 0)
            *at++ = ' ';
        hex_encode(bytes_of(items + i * length, length), at, 2 * length + 1);
    }
}

static int digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool take_item(const char *text, uint8_t *item, size_t length) {
    for (size_t i = 0; i < length; i++) {
        const int high = digit(text[2 * i]), low = high >= 0 ? digit(text[2 * i + 1]) : -1;
        if (low < 0)
            return false;
        item[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

result hex_list_read(const char *text, uint8_t *items, size_t length, size_t max, size_t *count) {
    *count = 0;
    for (;; text++) {
        if (*count == max || !take_item(text, items + *count * length, length))
            return RESULT_INVALID;
        (*count)++;
        text += 2 * length;
        if (*text == 0)
            return RESULT_OK;
        if (*text != ' ')
            return RESULT_INVALID;
    }
}
