/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requests that wait in a relay's store, as the relay itself takes them in, but without the network:
 * keep_fill FOLDER COUNT BYTES THREADS. Each is of one of eight terminals. Prints how many a second. */
#include "keep/keep_store.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS_MAX 64
#define BODY_MAX 65536

static keep_store *store;
static long count;
static size_t length;
static _Atomic long next, failed;

static void *fill(void *unused) {
    char *body = malloc(BODY_MAX);
    if (body == NULL)
        abort();
    memset(body, 'x', BODY_MAX);
    for (long n; (n = next++) < count;) {
        kept_request r = KEPT_REQUEST_INIT;
        char number[32];
        memcpy(body, number, (size_t)snprintf(number, sizeof number, "%020ld", n));
        snprintf(r.owner, sizeof r.owner, "T-%02ld", n % 8 + 1);
        buffer_append(&r.body, bytes_of(body, length));
        failed += keep_store_add(store, &r) != RESULT_OK;
        kept_request_wipe(&r);
    }
    free(body);
    return unused;
}

int main(int argc, char **argv) {
    pthread_t threads[THREADS_MAX];
    const size_t workers = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;
    if (workers < 1 || workers > THREADS_MAX)
        return 2;
    count = strtol(argv[2], NULL, 10);
    length = strtoul(argv[3], NULL, 10);
    const keep_store_options options = {.folder = argv[1], .requests_max = 2 * count + 100, .purge_s = 86400};
    if (length < 20 || length > BODY_MAX || keep_store_open(&options, &store) != RESULT_OK)
        return 1;
    const int64_t begin = clock_monotonic_ms();
    for (size_t i = 0; i < workers; i++)
        if (pthread_create(&threads[i], NULL, fill, NULL) != 0)
            return 1;
    for (size_t i = 0; i < workers; i++)
        pthread_join(threads[i], NULL);
    printf("%.1f\n", (double)count * 1000 / (double)(clock_monotonic_ms() - begin + 1));
    keep_store_close(&store);
    return failed ? 1 : 0;
}
