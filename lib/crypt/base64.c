/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/base64.h"

#include <gnutls/gnutls.h>
#include <string.h>

result crypt_base64_append(buffer *text, bytes data) {
    gnutls_datum_t in = {(unsigned char *)(uintptr_t)data.data, (unsigned)data.length}, out = {NULL, 0};
    if (data.length == 0)
        return RESULT_OK;
    if (gnutls_base64_encode2(&in, &out) != 0)
        return RESULT_NO_MEMORY;
    result code = buffer_append(text, bytes_of(out.data, out.size));
    gnutls_free(out.data);
    return code;
}

/* RFC 4648 4, table 1; characters outside the alphabet have a bit above the six. */
#define NOT 0x80
#define NOT_8 NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT
#define NOT_32 NOT_8, NOT_8, NOT_8, NOT_8
static const uint8_t values[256] = {
    NOT_32, NOT_8, NOT, NOT, NOT, 62,  NOT, NOT, NOT, 63,  52,  53,  54,  55,  56,     57,     58,     59,     60,
    61,     NOT,   NOT, NOT, NOT, NOT, NOT, NOT, 0,   1,   2,   3,   4,   5,   6,      7,      8,      9,      10,
    11,     12,    13,  14,  15,  16,  17,  18,  19,  20,  21,  22,  23,  24,  25,     NOT,    NOT,    NOT,    NOT,
    NOT,    NOT,   26,  27,  28,  29,  30,  31,  32,  33,  34,  35,  36,  37,  38,     39,     40,     41,     42,
    43,     44,    45,  46,  47,  48,  49,  50,  51,  NOT, NOT, NOT, NOT, NOT, NOT_32, NOT_32, NOT_32, NOT_32,
};

/* Whole groups, without padding. Checks the result once for all of them, without a branch for each character. */
static bool decode_groups(const uint8_t *in, size_t groups, uint8_t *out) {
    uint8_t all = 0;
    for (; groups > 0; groups--, in += 4, out += 3) {
        uint8_t a = values[in[0]], b = values[in[1]], c = values[in[2]], d = values[in[3]];
        all |= a | b | c | d;
        out[0] = (uint8_t)(a << 2 | b >> 4);
        out[1] = (uint8_t)(b << 4 | c >> 2);
        out[2] = (uint8_t)(c << 6 | d);
    }
    return (all & NOT) == 0;
}

/* The last group: the bits that fall away are zero (3.5), so that there is one encoding only. */
static bool decode_last(const uint8_t *in, size_t padding, uint8_t *out) {
    uint8_t group[4], whole[3];
    for (size_t i = 0; i < 4; i++)
        group[i] = i < 4 - padding ? in[i] : 'A';
    bool good = decode_groups(group, 1, whole);
    memcpy(out, whole, 3 - padding);
    return good && (padding == 0 || whole[3 - padding] == 0);
}

/* GnuTLS's decoder skips unknown characters, and took half as long as a signature for one piece of evidence. */
result crypt_base64_decode(bytes text, buffer *data) {
    if (text.length == 0)
        return RESULT_OK;
    if (text.length % 4 != 0)
        return RESULT_INVALID;
    size_t before = data->length, last = text.length / 4 - 1;
    size_t padding = text.data[text.length - 1] != '=' ? 0 : text.data[text.length - 2] != '=' ? 1 : 2;
    uint8_t *out = buffer_extend(data, 3 * last + 3 - padding);
    if (out == NULL)
        return data->failed;
    if (decode_groups(text.data, last, out) && decode_last(text.data + 4 * last, padding, out + 3 * last))
        return RESULT_OK;
    buffer_truncate(data, before);
    return RESULT_INVALID;
}
