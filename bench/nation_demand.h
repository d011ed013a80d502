/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The nation in the simulator: its institutions, how many terminals each has, and who has a patient when. */
#pragma once

#include <stdint.h>

typedef enum nation_kind {
    NATION_LARGE, /* a hospital with several terminals */
    NATION_HOSPITAL,
    NATION_CLINIC,
    NATION_DENTIST,
    NATION_PHARMACY,
    NATION_KINDS,
} nation_kind;

#define NATION_TERMINALS 230000

/* Where a terminal stands. institution: those of a large hospital have the same. */
typedef struct nation_place {
    nation_kind kind;
    uint32_t institution;
} nation_place;
/* terminal: 0 to NATION_TERMINALS - 1. */
nation_place nation_demand_place(uint32_t terminal);

/* How many receptions begin in milliseconds from now on, at random around a Monday's mean. */
uint32_t nation_demand_draw(int64_t now_ms, int64_t milliseconds);
/* The terminal of one of them. */
uint32_t nation_demand_any(void);
