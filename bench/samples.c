/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double samples_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

void samples_add(samples *s, double value) {
    if (s->count == s->room) {
        s->room = s->room == 0 ? 1024 : 2 * s->room;
        s->values = realloc(s->values, s->room * sizeof *s->values);
        if (s->values == NULL)
            abort();
    }
    s->values[s->count++] = value;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double samples_share(samples *s, double share) {
    if (s->count == 0)
        return 0;
    qsort(s->values, s->count, sizeof *s->values, by_value);
    size_t place = (size_t)(share * (double)s->count);
    return s->values[place < s->count ? place : s->count - 1];
}

void samples_print(samples *s, const char *name) {
    printf("%s %.1f %.1f %zu\n", name, samples_share(s, 0.5), samples_share(s, 0.99), s->count);
    free(s->values);
    *s = (samples){0};
}
