/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A clock and a chance of the simulator's own. This header comes before every other one (-include) where the services'
 * admission is compiled once more for the simulator: the very code, with another time. */
#pragma once

#define clock_wall_s nation_wall_s
#define clock_monotonic_ms nation_monotonic_ms
#define crypt_random nation_random
#define configuration_number nation_configuration_number
#define reply_outcome nation_reply_outcome

#include <stdint.h>

/* Moves both clocks: milliseconds since the simulated midnight. */
void nation_set_now(int64_t ms);
/* The same numbers for the same seed. */
void nation_seed(uint64_t seed);
uint64_t nation_chance(void);
/* Uniform from 0 up to and without limit. */
uint32_t nation_below(uint32_t limit);
/* How many calls an instance takes at once, and how many batches: what [admission] says in the next admission_open. */
void nation_set_room(int busy, int batches);
/* How long a slot is. */
void nation_set_slot(int seconds);
