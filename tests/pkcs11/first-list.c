/* How long a program waits for its first list of tokens: loads the module, C_Initialize, C_GetSlotList of present tokens,
 * C_GetTokenInfo of each. Every round in a process of its own. Several modules take turns, so that all meet the same machine.
 *
 *   first-list ROUNDS MODULE...
 *
 * One line for each module, as JSON: medians in milliseconds, from the start of the round to the end of each step. */
#include "p11.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MOST 1000
#define MODULES_MOST 4
#define SLOTS_MOST 256

typedef enum step { LOADED, INITIALISED, LISTED, FINALISED, STEPS } step;

typedef struct round {
    double at[STEPS]; /* ms from the start */
    unsigned long tokens;
    CK_RV rv;
} round_of_one;

static round_of_one rounds[MODULES_MOST][ROUNDS_MOST];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1000000;
}

static CK_RV list(CK_FUNCTION_LIST_PTR m, unsigned long *tokens) {
    CK_SLOT_ID slots[SLOTS_MOST];
    CK_ULONG count = SLOTS_MOST;
    CK_RV rv = m->C_GetSlotList(CK_TRUE, slots, &count);
    for (CK_ULONG i = 0; rv == CKR_OK && i < count; i++) {
        CK_TOKEN_INFO info;
        if (m->C_GetTokenInfo(slots[i], &info) == CKR_OK)
            (*tokens)++;
    }
    return rv;
}

static round_of_one run(const char *module) {
    round_of_one r = {.tokens = 0};
    double start = now();
    CK_FUNCTION_LIST_PTR m = p11_load(module);
    r.at[LOADED] = now() - start;
    r.rv = m->C_Initialize(NULL);
    r.at[INITIALISED] = now() - start;
    if (r.rv == CKR_OK)
        r.rv = list(m, &r.tokens);
    r.at[LISTED] = now() - start;
    if (r.rv == CKR_OK)
        r.rv = m->C_Finalize(NULL);
    r.at[FINALISED] = now() - start;
    return r;
}

static bool run_apart(const char *module, round_of_one *result) {
    int ends[2], status = -1;
    if (pipe(ends) != 0)
        return false;
    pid_t child = fork();
    if (child == 0) {
        round_of_one r = run(module);
        _exit(write(ends[1], &r, sizeof r) == sizeof r ? 0 : 1);
    }
    close(ends[1]);
    bool whole = read(ends[0], result, sizeof *result) == sizeof *result;
    close(ends[0]);
    waitpid(child, &status, 0);
    return whole && WIFEXITED(status) && WEXITSTATUS(status) == 0 && result->rv == CKR_OK;
}

static int smaller_first(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(size_t module, int count, step which) {
    static double values[ROUNDS_MOST];
    for (int i = 0; i < count; i++)
        values[i] = rounds[module][i].at[which];
    qsort(values, (size_t)count, sizeof *values, smaller_first);
    return values[count / 2];
}

int main(int count, char **arguments) {
    int number = count > 2 ? atoi(arguments[1]) : 0;
    size_t modules = count > 2 ? (size_t)count - 2 : 0;
    if (number < 1 || number > ROUNDS_MOST || modules > MODULES_MOST) {
        fputs("usage: first-list ROUNDS MODULE...\n", stderr);
        return 2;
    }
    for (int i = 0; i < number; i++)
        for (size_t m = 0; m < modules; m++)
            if (!run_apart(arguments[2 + m], &rounds[m][i])) {
                fprintf(stderr, "first-list: %s: %s\n", arguments[2 + m], p11_name(rounds[m][i].rv));
                return 1;
            }
    for (size_t m = 0; m < modules; m++)
        printf("{\"module\": \"%s\", \"rounds\": %d, \"tokens\": %lu, \"load_ms\": %.3f, \"initialize_ms\": %.3f, "
               "\"list_ms\": %.3f, \"finalize_ms\": %.3f}\n",
               arguments[2 + m], number, rounds[m][0].tokens, median(m, number, LOADED), median(m, number, INITIALISED),
               median(m, number, LISTED), median(m, number, FINALISED));
    return 0;
}
