/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/hex.h"

#include <stdbool.h>
#include <string.h>

static const char digits[] = "0123456789ABCDEF";

void hex_encode(bytes data, char *text, size_t size) {
    if (size == 0)
        return;
    text[0] = 0;
    if (data.length > (size - 1) / 2)
        return;
    for (size_t i = 0; i < data.length; i++) {
        text[2 * i] = digits[data.data[i] >> 4];
        text[2 * i + 1] = digits[data.data[i] & 15];
    }
    text[2 * data.length] = 0;
}

result hex_append(buffer *text, bytes data) {
    for (size_t i = 0; i < data.length; i++) {
        char pair[] = {digits[data.data[i] >> 4], digits[data.data[i] & 15]};
        result code = buffer_append(text, BYTES(pair));
        if (code != RESULT_OK)
            return code;
    }
    return RESULT_OK;
}

static int digit_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

result hex_decode(const char *text, buffer *out) {
    size_t before = out->length;
    for (const char *p = text; *p != 0;) {
        if (*p == ' ' || *p == ':' || *p == '\n') {
            p++;
            continue;
        }
        int high = digit_value(p[0]);
        int low = high < 0 ? -1 : digit_value(p[1]);
        if (low < 0) {
            buffer_truncate(out, before);
            return RESULT_INVALID;
        }
        result code = buffer_append_u8(out, (uint8_t)(high << 4 | low));
        if (code != RESULT_OK) {
            buffer_truncate(out, before);
            return code;
        }
        p += 2;
    }
    return RESULT_OK;
}

result hex_decode_exactly(const char *text, uint8_t *out, size_t length) {
    buffer raw = BUFFER_INIT(length);
    const bool whole = hex_decode(text, &raw) == RESULT_OK && raw.length == length;
    if (whole)
        memcpy(out, raw.data, length);
    buffer_wipe(&raw);
    return whole ? RESULT_OK : RESULT_INVALID;
}
