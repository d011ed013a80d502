/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "iso7816/atr.h"

#define PROTOCOL_T15 15 /* not a transmission protocol: qualifies global interface bytes (8.2.3) */

static uint8_t exclusive_or(bytes data) {
    uint8_t sum = 0;
    for (size_t i = 0; i < data.length; i++)
        sum ^= data.data[i];
    return sum;
}

static size_t count_bits(uint8_t nibble) {
    return (size_t)__builtin_popcount(nibble & 0x0F);
}

/* Interface bytes from TA1 on. *at: where they start, then where the historical bytes start. */
static result take_interface_bytes(bytes raw, size_t *at, atr *out, bool *tck_due) {
    uint8_t present = raw.data[1] >> 4;
    bool any_protocol = false;
    while (present) {
        size_t count = count_bits(present);
        if (raw.length - *at < count)
            return RESULT_TRUNCATED;
        *at += count;
        if (!(present & 0x08))
            break; /* no TDi: the chain of interface bytes ends */
        uint8_t td = raw.data[*at - 1];
        uint8_t protocol = td & 0x0F;
        out->offers_t0 |= protocol == 0;
        out->offers_t1 |= protocol == 1;
        any_protocol |= protocol != PROTOCOL_T15;
        *tck_due |= protocol != 0; /* 8.2.5: absent only when T=0 alone is indicated */
        present = td >> 4;
    }
    if (!any_protocol)
        out->offers_t0 = true; /* 8.2.3: without TD1 the card offers T=0 */
    return RESULT_OK;
}

result atr_parse(bytes raw, atr *out) {
    if (raw.length < 2)
        return RESULT_TRUNCATED;
    if (raw.length > ATR_MAX || (raw.data[0] != 0x3B && raw.data[0] != 0x3F))
        return RESULT_INVALID;
    atr read = {0};
    bool tck_due = false;
    size_t at = 2, historical = raw.data[1] & 0x0F;
    result r = take_interface_bytes(raw, &at, &read, &tck_due);
    if (r != RESULT_OK)
        return r;
    size_t due = at + historical + (tck_due ? 1 : 0);
    if (raw.length != due)
        return raw.length < due ? RESULT_TRUNCATED : RESULT_INVALID;
    if (tck_due && exclusive_or(bytes_slice(raw, 1, raw.length - 1)) != 0)
        return RESULT_INVALID;
    read.historical = bytes_slice(raw, at, historical);
    read.contactless = raw.data[0] == 0x3B && (raw.data[1] & 0xF0) == 0x80 && /* then TD1 and TD2 are there: */
                       raw.data[2] == 0x80 && raw.data[3] == 0x01;
    *out = read;
    return RESULT_OK;
}

/* PC/SC part 3, 3.1.3.2.3.1, type B: 3B 88 80 01, application data, protocol info, MBLI in a high nibble, TCK. */
result atr_of_type_b(const uint8_t application_data[4], const uint8_t protocol_info[3], uint8_t mbli, buffer *out) {
    uint8_t text[13] = {0x3B, 0x88, 0x80, 0x01};
    for (size_t i = 0; i < 4; i++)
        text[4 + i] = application_data[i];
    for (size_t i = 0; i < 3; i++)
        text[8 + i] = protocol_info[i];
    text[11] = mbli & 0xF0;
    text[12] = exclusive_or(bytes_of(text + 1, 11));
    return buffer_append(out, BYTES(text));
}
