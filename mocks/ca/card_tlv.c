/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "card_tlv.h"

#include "iso7816/tlv.h"

#define ONE_BYTE_MAX 0x7F
#define ONE_BYTE_OF_DER 0x81

result card_tlv_append_header(buffer *out, uint32_t tag, size_t value_length) {
    size_t start = out->length;
    result r = tlv_append_header(out, tag, value_length);
    bool der = value_length > ONE_BYTE_MAX && value_length <= 0xFF;
    if (r != RESULT_OK || !der)
        return r;
    buffer_truncate(out, out->length - 2); /* 81 xx */
    buffer_append_u8(out, ONE_BYTE_OF_DER + 1);
    r = buffer_append_u16(out, (uint16_t)value_length);
    if (r != RESULT_OK)
        buffer_truncate(out, start);
    return r;
}

result card_tlv_append(buffer *out, uint32_t tag, bytes value) {
    size_t start = out->length;
    result r = card_tlv_append_header(out, tag, value.length);
    if (r == RESULT_OK)
        r = buffer_append(out, value);
    if (r != RESULT_OK)
        buffer_truncate(out, start);
    return r;
}
