#include "crypt/base64.h"

#include <gnutls/gnutls.h>

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

/* RFC 4648 4, table 1, from 20 on; -1: not of the alphabet. */
static const int8_t values[] = {
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 62, -1, -1, -1, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, -1, -1, -1, -1, -1, -1,
    -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, -1, -1, -1, -1, -1,
    -1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, -1, -1, -1, -1, -1,
};

static int value_of(uint8_t c) {
    return c >= 0x20 && c < 0x20 + sizeof values ? values[c - 0x20] : -1;
}

/* Four characters of which the last padding ones are "="; the bits that fall away are zero (3.5). */
static bool decode_group(const uint8_t *in, size_t padding, uint8_t *out) {
    uint32_t bits = 0;
    for (size_t i = 0; i < 4; i++) {
        int value = i < 4 - padding ? value_of(in[i]) : in[i] == '=' ? 0 : -1;
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
    }
    for (size_t i = 0; i < 3 - padding; i++)
        out[i] = (uint8_t)(bits >> (16 - 8 * i));
    return (bits & ((1U << 8 * padding) - 1)) == 0;
}

/* GnuTLS's own skips what it does not know, and took as long as half a signature for one evidence. */
result crypt_base64_decode(bytes text, buffer *data) {
    if (text.length == 0)
        return RESULT_OK;
    if (text.length % 4 != 0)
        return RESULT_INVALID;
    size_t before = data->length, groups = text.length / 4;
    size_t padding = text.data[text.length - 1] != '=' ? 0 : text.data[text.length - 2] != '=' ? 1 : 2;
    uint8_t *out = buffer_extend(data, 3 * groups - padding);
    if (out == NULL)
        return data->failed;
    for (size_t i = 0; i < groups; i++)
        if (!decode_group(text.data + 4 * i, i + 1 == groups ? padding : 0, out + 3 * i)) {
            buffer_truncate(data, before);
            return RESULT_INVALID;
        }
    return RESULT_OK;
}
