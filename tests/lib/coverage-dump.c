/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Part of every program and module of a build with --enable-coverage, and of no other (m4/uketsuke.m4). gcov writes
 * its numbers when a process returns or calls exit. This also writes them when it leaves by _exit (the linker turns that
 * call into __wrap__exit) or by a SIGTERM that nobody handles. A process that is killed by SIGKILL writes none.
 *
 * Each program and module has gcov's functions of its own, so each enters its own __gcov_dump in the program's list. */
#include <dlfcn.h>
#include <gcov.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#define PARTS_MAX 64

typedef struct part_list {
    pthread_mutex_t lock;
    void (*dump[PARTS_MAX])(void);
} part_list;

static part_list own = {.lock = PTHREAD_MUTEX_INITIALIZER};
static part_list *parts = &own;

part_list *coverage_parts(void);
void __wrap__exit(int status) __attribute__((noreturn));
void __real__exit(int status) __attribute__((noreturn));

/* Found by modules: the linker exports the program's. */
__attribute__((visibility("default"))) part_list *coverage_parts(void) {
    return &own;
}

static void change(void (*from)(void), void (*to)(void)) {
    pthread_mutex_lock(&parts->lock);
    size_t i = 0;
    while (i < PARTS_MAX && parts->dump[i] != from)
        i++;
    if (i < PARTS_MAX)
        parts->dump[i] = to;
    pthread_mutex_unlock(&parts->lock);
}

/* Without the lock: the thread that held it may not exist in this child, or be the one that got the signal. */
static void dump_all(void) {
    for (size_t i = 0; i < PARTS_MAX; i++)
        if (parts->dump[i])
            parts->dump[i]();
}

void __wrap__exit(int status) {
    dump_all();
    __real__exit(status);
}

/* gcov's writing is not safe in a handler of signals. When it does not come to an end, the alarm ends the process. */
static void terminated(int number) {
    alarm(5);
    dump_all();
    raise(number);
}

__attribute__((constructor)) static void enter(void) {
    part_list *(*programs)(void) = (part_list * (*)(void)) dlsym(RTLD_DEFAULT, "coverage_parts");
    parts = programs ? programs() : &own;
    change(NULL, __gcov_dump);
    struct sigaction now;
    if (programs && parts == &own && !sigaction(SIGTERM, NULL, &now) && now.sa_handler == SIG_DFL)
        sigaction(SIGTERM, &(struct sigaction){.sa_handler = terminated, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)},
                  NULL);
}

__attribute__((destructor)) static void leave(void) {
    change(__gcov_dump, NULL);
}
