/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How long the platform's store takes to find a person by certificate.
 *
 *   person_lookup STORE ISSUER PEOPLE COUNT      prints {"median":µs,"p99":µs,"found":share}
 *
 * Serials are those of `uketsuke-pf generate`, chosen at random. */
#include "store/platform_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

int main(int argc, char **argv) {
    platform_store *store;
    static platform_person person;
    if (argc < 5 || platform_store_open(argv[1], &store) != RESULT_OK)
        return 2;
    unsigned people = (unsigned)strtoul(argv[3], NULL, 10);
    size_t count = strtoul(argv[4], NULL, 10), found = 0;
    double *times = calloc(count, sizeof *times);
    if (!times || people == 0 || count == 0)
        return 2;
    srandom(1);
    for (size_t i = 0; i < count; i++) {
        platform_certificate one;
        snprintf(one.issuer, sizeof one.issuer, "%s", argv[2]);
        snprintf(one.serial, sizeof one.serial, "%08X", 0x10000000U + 2 * ((unsigned)random() % people));
        double begin = now_us();
        found += platform_store_find_person(store, &one, &person) == RESULT_OK;
        times[i] = now_us() - begin;
    }
    qsort(times, count, sizeof *times, compare);
    printf("{\"median\":%.1f,\"p99\":%.1f,\"found\":%.3f}\n", times[count / 2], times[count * 99 / 100],
           (double)found / (double)count);
    free(times);
    platform_store_close(&store);
    return 0;
}
