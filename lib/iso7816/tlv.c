/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "iso7816/tlv.h"

#define TAG_MAX 3
#define LENGTH_MAX 65535

/* ISO/IEC 8825-1 8.1.2: low five bits all set mean that tag bytes follow, the last of them without bit 8. */
static result take_tag(bytes data, size_t *at, uint32_t *tag) {
    if (data.length == 0)
        return RESULT_TRUNCATED;
    *tag = data.data[0];
    *at = 1;
    if ((data.data[0] & 0x1F) != 0x1F)
        return RESULT_OK;
    while (*at < TAG_MAX) {
        if (*at >= data.length)
            return RESULT_TRUNCATED;
        uint8_t next = data.data[(*at)++];
        if (*at == 2 && next == 0x80)
            return RESULT_INVALID; /* 8.1.2.4.2: the number has no leading zeros */
        *tag = *tag << 8 | next;
        if (!(next & 0x80))
            return RESULT_OK;
    }
    return RESULT_INVALID;
}

/* 8.1.3: the short form, or 81 and 82. 80 (indefinite) and 83 upwards are refused; forms longer than needed are
 * accepted, as BER allows them. */
static result take_length(bytes data, size_t *at, size_t *length) {
    if (*at >= data.length)
        return RESULT_TRUNCATED;
    uint8_t first = data.data[(*at)++];
    if (first < 0x80) {
        *length = first;
        return RESULT_OK;
    }
    size_t count = first & 0x7F;
    if (count == 0 || count > 2)
        return RESULT_INVALID;
    if (data.length - *at < count)
        return RESULT_TRUNCATED;
    *length = 0;
    while (count--)
        *length = *length << 8 | data.data[(*at)++];
    return RESULT_OK;
}

static result take_header(bytes data, uint32_t *tag, size_t *header, size_t *length) {
    result r = take_tag(data, header, tag);
    return r == RESULT_OK ? take_length(data, header, length) : r;
}

result tlv_next(bytes *rest, tlv *out) {
    if (rest->length == 0)
        return RESULT_NOT_FOUND;
    uint32_t tag;
    size_t header, length;
    result r = take_header(*rest, &tag, &header, &length);
    if (r != RESULT_OK)
        return r;
    if (rest->length - header < length)
        return RESULT_TRUNCATED;
    out->tag = tag;
    out->value = bytes_slice(*rest, header, length);
    *rest = bytes_slice(*rest, header + length, rest->length - header - length);
    return RESULT_OK;
}

result tlv_find(bytes level, uint32_t tag, bytes *value) {
    tlv object;
    result r;
    while ((r = tlv_next(&level, &object)) == RESULT_OK)
        if (object.tag == tag) {
            *value = object.value;
            return RESULT_OK;
        }
    return r;
}

/* RESULT_INVALID unless the number's bytes are a tag that take_tag would read back. */
static result append_tag(buffer *out, uint32_t tag) {
    uint8_t coded[4] = {(uint8_t)(tag >> 24), (uint8_t)(tag >> 16), (uint8_t)(tag >> 8), (uint8_t)tag};
    size_t skip = 0, at;
    uint32_t again;
    while (skip < 3 && coded[skip] == 0)
        skip++;
    bytes whole = bytes_of(coded + skip, sizeof coded - skip);
    if (take_tag(whole, &at, &again) != RESULT_OK || at != whole.length)
        return RESULT_INVALID;
    return buffer_append(out, whole);
}

static result append_length(buffer *out, size_t length) {
    if (length < 0x80)
        return buffer_append_u8(out, (uint8_t)length);
    if (length <= 0xFF)
        return buffer_append_u16(out, (uint16_t)(0x8100 | length));
    buffer_append_u8(out, 0x82);
    return buffer_append_u16(out, (uint16_t)length);
}

result tlv_append_header(buffer *out, uint32_t tag, size_t value_length) {
    if (value_length > LENGTH_MAX)
        return RESULT_TOO_LONG;
    size_t start = out->length;
    result r = append_tag(out, tag);
    if (r == RESULT_OK)
        r = append_length(out, value_length);
    if (r != RESULT_OK)
        buffer_truncate(out, start);
    return r;
}

result tlv_append(buffer *out, uint32_t tag, bytes value) {
    size_t start = out->length;
    result r = tlv_append_header(out, tag, value.length);
    if (r == RESULT_OK)
        r = buffer_append(out, value);
    if (r != RESULT_OK)
        buffer_truncate(out, start);
    return r;
}

result tlv_whole_length(bytes data, size_t *length) {
    uint32_t tag;
    size_t header, value;
    result r = take_header(data, &tag, &header, &value);
    if (r == RESULT_OK)
        *length = header + value;
    return r;
}
