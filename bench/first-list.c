/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How long a program waits for its tokens: C_Initialize, C_GetSlotList with tokens, C_GetTokenInfo of each. Each time
 * in a process of its own, because a module starts only once in one.
 *
 *   first-list MODULE COUNT     prints "list MEDIAN P99 COUNT" in microseconds and "tokens NUMBER" */
#include "samples.h"
#include "tests/pkcs11/p11.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOTS_MAX 128

typedef struct outcome {
    double took_us;
    CK_ULONG tokens;
} outcome;

static outcome list_tokens(const char *module) {
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG count = SLOTS_MAX;
    CK_TOKEN_INFO info;
    outcome o = {0};
    CK_FUNCTION_LIST_PTR m = p11_load(module); /* the dynamic linker's time is in nobody's figure */
    double begun = samples_now_us();
    if (m->C_Initialize(NULL) != CKR_OK || m->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK)
        exit(1);
    for (CK_ULONG i = 0; i < count; i++)
        if (m->C_GetTokenInfo(slots[i], &info) == CKR_OK)
            o.tokens++;
    o.took_us = samples_now_us() - begun;
    m->C_Finalize(NULL);
    return o;
}

static bool list_in_a_process(const char *module, outcome *o) {
    int ends[2], status;
    if (pipe(ends) != 0)
        return false;
    pid_t child = fork();
    if (child == 0) {
        *o = list_tokens(module);
        _exit(write(ends[1], o, sizeof *o) == (ssize_t)sizeof *o ? 0 : 1);
    }
    close(ends[1]);
    bool got = child > 0 && read(ends[0], o, sizeof *o) == (ssize_t)sizeof *o;
    close(ends[0]);
    return child > 0 && waitpid(child, &status, 0) == child && got;
}

int main(int argc, char **argv) {
    samples times = {0};
    outcome o = {0};
    if (argc != 3) {
        fputs("usage: first-list MODULE COUNT\n", stderr);
        return 2;
    }
    for (long left = strtol(argv[2], NULL, 10); left > 0; left--) {
        if (!list_in_a_process(argv[1], &o)) {
            fprintf(stderr, "first-list: %s lists no tokens\n", argv[1]);
            return 1;
        }
        samples_add(&times, o.took_us);
    }
    samples_print(&times, "list");
    printf("tokens %lu\n", o.tokens);
    return 0;
}
