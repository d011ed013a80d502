/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "call_lock.h"

#include <pthread.h>
#include <stdatomic.h>

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER; /* C_Initialize and C_Finalize */
static pthread_mutex_t calls = PTHREAD_MUTEX_INITIALIZER;         /* all other calls */
static _Atomic bool open_to_all;

/* Only the forking thread exists in the child; a lock of another thread would never be released. */
static void reset_after_fork(void) {
    one_at_a_time = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    calls = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    atomic_store(&open_to_all, false);
}

__attribute__((constructor)) static void watch_forks(void) {
    pthread_atfork(NULL, NULL, reset_after_fork);
}

bool call_lock_is_open(void) {
    return atomic_load(&open_to_all);
}

bool call_lock_enter(void) {
    if (!call_lock_is_open())
        return false;
    pthread_mutex_lock(&calls);
    if (call_lock_is_open())
        return true;
    pthread_mutex_unlock(&calls);
    return false;
}

void call_lock_leave(void) {
    pthread_mutex_unlock(&calls);
}

bool call_lock_close(void) {
    pthread_mutex_lock(&one_at_a_time);
    return atomic_exchange(&open_to_all, false);
}

void call_lock_empty(void) {
    pthread_mutex_lock(&calls);
}

void call_lock_reopen(bool open) {
    atomic_store(&open_to_all, open);
    pthread_mutex_unlock(&calls);
    pthread_mutex_unlock(&one_at_a_time);
}
