#include "base/canonical.h"

#include <string.h>

/* --- UTF-8 (RFC 3629 4) ----------------------------------------------------------------------------------------- */

/* How the first byte decides about the second one; the others are 80 to BF. */
static const struct {
    uint8_t first, last, length, second_from, second_to;
} sequences[] = {
    {0x00, 0x7F, 1, 0x00, 0x00}, {0xC2, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF}, {0xE1, 0xEC, 3, 0x80, 0xBF},
    {0xED, 0xED, 3, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x80, 0xBF}, {0xF0, 0xF0, 4, 0x90, 0xBF}, {0xF1, 0xF3, 4, 0x80, 0xBF},
    {0xF4, 0xF4, 4, 0x80, 0x8F},
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

static bool is_utf8(bytes text) {
    while (text.length > 0) {
        size_t length = text.data[0] < 0x80 ? 1 : measure(text);
        if (length == 0)
            return false;
        text = bytes_of(text.data + length, text.length - length);
    }
    return true;
}

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
    if (!is_utf8(rest)) {
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
    if (i == in.length || length == 0 || !is_utf8(bytes_of(text, length)))
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
