/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "stepped-clock.h"

#include <unistd.h>

int64_t now_ms;

int64_t __wrap_clock_monotonic_ms(void);
int __wrap_usleep(useconds_t microseconds);

int64_t __wrap_clock_monotonic_ms(void) {
    return now_ms;
}

int __wrap_usleep(useconds_t microseconds) {
    now_ms += microseconds / 1000;
    return 0;
}
