/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "neighbours/text_encoding.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#define SHIFT_JIS "CP932"
#define GETA "\x81\xAC" /* 〓 in code page 932 */
#define PIECE 1024

static const struct {
    const char *name;
    text_encoding encoding;
} names[] = {{"utf-8", ENCODING_UTF8}, {"shift_jis", ENCODING_SHIFT_JIS}};

result text_encoding_read(const char *name, text_encoding *out) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, name) == 0) {
            *out = names[i].encoding;
            return RESULT_OK;
        }
    return RESULT_INVALID;
}

/* Bytes of the UTF-8 character that begins here; 0: none does (RFC 3629, 4). */
static size_t character_length(const char *at, size_t left) {
    const uint8_t lead = (uint8_t)*at;
    const size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
    if (length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if (((uint8_t)at[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

/* Replaces one character that the other encoding does not have; only when encoding. */
static result replace(char **at, size_t *left, bool lossy, buffer *out) {
    const size_t length = lossy ? character_length(*at, *left) : 0;
    if (length == 0)
        return RESULT_INVALID;
    *at += length;
    *left -= length;
    return buffer_append_text(out, GETA);
}

static result convert(iconv_t way, bytes text, bool lossy, buffer *out) {
    char piece[PIECE], *at = (char *)(uintptr_t)text.data; /* iconv does not write there */
    size_t left = text.length;
    while (left > 0) {
        char *to = piece;
        size_t room = sizeof piece;
        const size_t done = iconv(way, &at, &left, &to, &room);
        const int why = errno;
        result code = buffer_append(out, bytes_of((const uint8_t *)piece, sizeof piece - room));
        if (code == RESULT_OK && done == (size_t)-1 && why != E2BIG)
            code = why == EILSEQ ? replace(&at, &left, lossy, out) : RESULT_INVALID;
        if (code != RESULT_OK)
            return code;
    }
    return RESULT_OK;
}

static result through(const char *to, const char *from, bytes text, bool lossy, buffer *out) {
    const iconv_t way = iconv_open(to, from);
    if (way == (iconv_t)-1)
        return errno == ENOMEM ? RESULT_NO_MEMORY : RESULT_UNSUPPORTED;
    const result code = convert(way, text, lossy, out);
    iconv_close(way);
    return code;
}

result text_encode(text_encoding to, bytes text, buffer *out) {
    return to == ENCODING_UTF8 ? through("UTF-8", "UTF-8", text, false, out)
                               : through(SHIFT_JIS, "UTF-8", text, true, out);
}

result text_decode(text_encoding from, bytes text, buffer *out) {
    return through("UTF-8", from == ENCODING_UTF8 ? "UTF-8" : SHIFT_JIS, text, false, out);
}
