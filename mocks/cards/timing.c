/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "timing.h"

#include <string.h>

#define INS_COMPUTE_SIGNATURE 0x2A /* in the proprietary class; in the other one it verifies */
#define INS_INTERNAL_AUTHENTICATE 0x88
#define INS_SESSION_KEY 0xAE
#define CLA_PROPRIETARY 0x80

/* A byte: 11 bits of time at 115,200 bit/s over contacts (T=1), 8 at 424 kbit/s in the air (ISO/IEC 14443). */
static const card_timing timings[] = {
    {"none", 0, 0, 0},
    {"contact", 4000, 95000, 500000},
    {"contactless", 6000, 19000, 550000},
};

const card_timing *card_timing_find(const char *name) {
    for (size_t i = 0; i < sizeof timings / sizeof *timings; i++)
        if (strcmp(timings[i].name, name) == 0)
            return &timings[i];
    return NULL;
}

/* Only a command that is carried out takes the key's time: 9000, or 61xx where the answer waits. */
static bool uses_private_key(bytes command, bytes response) {
    if (command.length < 2 || response.length < 2)
        return false;
    uint8_t ins = command.data[1], sw1 = response.data[response.length - 2];
    bool signs = (ins == INS_COMPUTE_SIGNATURE && (command.data[0] & CLA_PROPRIETARY)) ||
                 ins == INS_INTERNAL_AUTHENTICATE || ins == INS_SESSION_KEY;
    return signs && (sw1 == 0x90 || sw1 == 0x61);
}

uint64_t card_timing_of(const card_timing *timing, bytes command, bytes response) {
    uint64_t bytes_ns = (uint64_t)timing->byte_ns * (command.length + response.length);
    return timing->command_us + bytes_ns / 1000 + (uses_private_key(command, response) ? timing->private_key_us : 0);
}
