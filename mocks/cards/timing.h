/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Response times of a card. There are no published measurements of My Number cards: these are estimates, so that
 * programs can be tested with time-outs, progress displays and early removal. */
#pragma once

#include "base/buffer.h"

typedef struct card_timing {
    const char *name;
    unsigned command_us;     /* for every command */
    unsigned byte_ns;        /* for every byte of command and answer */
    unsigned private_key_us; /* for a use of a private key */
} card_timing;

/* "contact", "contactless", "none" (all zero). NULL for any other name. */
const card_timing *card_timing_find(const char *name);

/* Of one command and its answer, in microseconds. */
uint64_t card_timing_of(const card_timing *timing, bytes command, bytes response);
