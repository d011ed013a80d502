/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/canonical.h"

#include "base/utf8.h"

#include <string.h>

/* --- writing ---------------------------------------------------------------------------------------------------- */

static bool needs_escape(uint8_t c) {
    return c < 0x20 || c == '"' || c == '\\';
}

static void append_escaped(buffer *json, uint8_t c) {
    static const char with_letter[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = strchr(with_letter, c);
    if (found == NULL) {
        buffer_append_format(json, "\\u%04X", c);
        return;
    }
    buffer_append_u8(json, '\\');
    buffer_append_u8(json, (uint8_t)letters[found - with_letter]);
}

result canonical_append_text(buffer *json, const char *text) {
    bytes rest = bytes_of(text, strlen(text));
    if (!utf8_is_whole(rest)) {
        json->failed = json->failed == RESULT_OK ? RESULT_INVALID : json->failed;
        return RESULT_INVALID;
    }
    buffer_append_u8(json, '"');
    while (rest.length > 0) {
        size_t plain = 0;
        while (plain < rest.length && !needs_escape(rest.data[plain]))
            plain++;
        buffer_append(json, bytes_slice(rest, 0, plain));
        if (plain < rest.length)
            append_escaped(json, rest.data[plain++]);
        rest = bytes_slice(rest, plain, rest.length);
    }
    return buffer_append_u8(json, '"');
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

static void skip(canonical_reader *r, size_t length) {
    r->rest = bytes_slice(r->rest, length, r->rest.length);
}

bool canonical_take(canonical_reader *r, const char *literal) {
    size_t length = strlen(literal);
    if (length > r->rest.length || memcmp(r->rest.data, literal, length) != 0)
        return false;
    skip(r, length);
    return true;
}

bool canonical_take_text(canonical_reader *r, char *text, size_t size) {
    const bytes in = r->rest;
    size_t length = 0, i = 1;
    if (in.length == 0 || in.data[0] != '"')
        return false;
    for (; i < in.length && in.data[i] != '"'; i++) {
        if (in.data[i] == '\\' && (++i == in.length || (in.data[i] != '"' && in.data[i] != '\\')))
            return false;
        if (in.data[i] < 0x20 || in.data[i] == 0x7F || length + 1 >= size)
            return false;
        text[length++] = (char)in.data[i];
    }
    if (i == in.length || length == 0 || !utf8_is_whole(bytes_of(text, length)))
        return false;
    text[length] = 0;
    skip(r, i + 1);
    return true;
}

bool canonical_take_plain(canonical_reader *r, bytes *text) {
    const bytes in = r->rest;
    if (in.length < 2 || in.data[0] != '"')
        return false;
    const uint8_t *end = memchr(in.data + 1, '"', in.length - 1);
    if (end == NULL)
        return false;
    *text = bytes_slice(in, 1, (size_t)(end - in.data) - 1);
    skip(r, text->length + 2);
    return true;
}

bool canonical_take_integer(canonical_reader *r, int64_t *number) {
    const bytes in = r->rest;
    size_t i = in.length > 0 && in.data[0] == '-', start = i;
    int64_t value = 0;
    while (i < in.length && i - start < 18 && in.data[i] >= '0' && in.data[i] <= '9')
        value = 10 * value + in.data[i++] - '0';
    bool more = i < in.length && in.data[i] >= '0' && in.data[i] <= '9';
    bool shortest = i - start == 1 || (i > start && in.data[start] != '0');
    if (more || !shortest || (start == 1 && value == 0))
        return false;
    *number = start == 1 ? -value : value;
    skip(r, i);
    return true;
}
