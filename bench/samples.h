/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Times taken one by one, and what they say together. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct samples {
    double *values;
    size_t count, room;
} samples;

/* Microseconds of the monotonic clock. */
double samples_now_us(void);

/* Ends the program when out of memory: a measurement cannot continue. */
void samples_add(samples *s, double value);

/* The value below which that share (0 to 1) of the samples lies; sorts them. 0 when there are none. */
double samples_share(samples *s, double share);

/* One line, "NAME MEDIAN P99 COUNT", for scripts; then empties them. */
void samples_print(samples *s, const char *name);
