/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "iso7816/se_state.h"

#include <stddef.h>
#include <string.h>

#define LAYOUT 2

static const struct {
    size_t at, member;
} numbers[] = {{4, offsetof(se_state, sequence)},     {8, offsetof(se_state, foreign)},
               {12, offsetof(se_state, resets)},      {16, offsetof(se_state, signatures)},
               {20, offsetof(se_state, connection)},  {24, offsetof(se_state, pairing)},
               {28, offsetof(se_state, disturbances)}};
#define NUMBERS (sizeof numbers / sizeof *numbers)

void se_state_encode(const se_state *state, uint8_t out[SE_STATE_LENGTH]) {
    memset(out, 0, SE_STATE_LENGTH);
    out[0] = LAYOUT;
    out[1] = state->condition;
    out[2] = state->life_cycle;
    for (size_t i = 0; i < NUMBERS; i++) {
        const uint32_t value = *(const uint32_t *)(const void *)((const char *)state + numbers[i].member);
        for (size_t j = 0; j < sizeof value; j++)
            out[numbers[i].at + j] = (uint8_t)(value >> (24 - 8 * j));
    }
}

result se_state_decode(bytes record, se_state *out) {
    if (record.length != SE_STATE_LENGTH)
        return RESULT_INVALID;
    if (record.data[0] != LAYOUT)
        return RESULT_UNSUPPORTED;
    if (record.data[3] != 0)
        return RESULT_INVALID;
    *out = (se_state){.condition = record.data[1], .life_cycle = record.data[2]};
    for (size_t i = 0; i < NUMBERS; i++) {
        const uint8_t *at = record.data + numbers[i].at;
        *(uint32_t *)(void *)((char *)out + numbers[i].member) = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
                                                                 (uint32_t)at[2] << 8 | at[3];
    }
    return RESULT_OK;
}
