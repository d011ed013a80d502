/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cardlink/frame.h"

#include <string.h>

static const char hello_magic[4] = {'U', 'K', 'C', 'L'};
#define HELLO_LENGTH 6

/* One row per type: bounds of its payload, and whether it belongs to a card session. */
static const struct frame_rule {
    cardlink_type type;
    bool of_a_card;
    uint32_t min, max;
} rules[] = {
    {CARDLINK_HELLO, false, HELLO_LENGTH, HELLO_LENGTH},
    {CARDLINK_CARD_IN, true, 2, CARDLINK_ATR_MAX}, /* TS and T0 at least */
    {CARDLINK_CARD_OUT, true, 0, 0},
    {CARDLINK_POWER_UP, true, 0, 0},
    {CARDLINK_POWER_DOWN, true, 0, 0},
    {CARDLINK_RESET, true, 0, 0},
    {CARDLINK_TRANSMIT, true, 1, CARDLINK_COMMAND_MAX},
    {CARDLINK_POWER_UP_DONE, true, 0, CARDLINK_ATR_MAX},
    {CARDLINK_POWER_DOWN_DONE, true, 0, 0},
    {CARDLINK_RESET_DONE, true, 0, CARDLINK_ATR_MAX},
    {CARDLINK_RESPONSE, true, 0, CARDLINK_RESPONSE_MAX},
};

static result check(uint32_t type, uint32_t generation, size_t length) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct frame_rule *rule = &rules[i];
        if (rule->type != type)
            continue;
        bool good = length >= rule->min && length <= rule->max && rule->of_a_card == (generation != 0);
        return good ? RESULT_OK : RESULT_INVALID;
    }
    return RESULT_INVALID;
}

result cardlink_frame_build(const cardlink_frame *frame, buffer *out) {
    result code = check(frame->type, frame->generation, frame->payload.length);
    if (code != RESULT_OK)
        return code;
    size_t before = out->length;
    buffer_append_u32(out, (uint32_t)frame->payload.length);
    buffer_append_u32(out, (uint32_t)frame->type << 24);
    buffer_append_u32(out, frame->generation);
    code = buffer_append(out, frame->payload);
    if (out->failed != RESULT_OK)
        buffer_truncate(out, before);
    return out->failed != RESULT_OK ? out->failed : code;
}

static uint32_t read_u32(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

result cardlink_frame_parse(bytes raw, cardlink_frame *out, size_t *used) {
    if (raw.length < CARDLINK_HEADER_LENGTH)
        return RESULT_TRUNCATED;
    uint32_t length = read_u32(raw.data), type = read_u32(raw.data + 4), generation = read_u32(raw.data + 8);
    if ((type & 0x00FFFFFF) != 0)
        return RESULT_INVALID;
    result code = check(type >> 24, generation, length);
    if (code != RESULT_OK)
        return code;
    if (raw.length - CARDLINK_HEADER_LENGTH < length)
        return RESULT_TRUNCATED;
    *out = (cardlink_frame){(cardlink_type)(type >> 24), generation, bytes_slice(raw, CARDLINK_HEADER_LENGTH, length)};
    *used = CARDLINK_HEADER_LENGTH + (size_t)length;
    return RESULT_OK;
}

result cardlink_hello_build(uint16_t version, buffer *out) {
    uint8_t payload[HELLO_LENGTH];
    memcpy(payload, hello_magic, sizeof hello_magic);
    payload[4] = (uint8_t)(version >> 8);
    payload[5] = (uint8_t)version;
    return cardlink_frame_build(&(cardlink_frame){CARDLINK_HELLO, 0, BYTES(payload)}, out);
}

result cardlink_hello_check(const cardlink_frame *frame, uint16_t *version) {
    if (frame->type != CARDLINK_HELLO || memcmp(frame->payload.data, hello_magic, sizeof hello_magic) != 0)
        return RESULT_INVALID;
    *version = (uint16_t)(frame->payload.data[4] << 8 | frame->payload.data[5]);
    return *version == CARDLINK_VERSION ? RESULT_OK : RESULT_UNSUPPORTED;
}
