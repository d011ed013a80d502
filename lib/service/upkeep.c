/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/upkeep.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define EVERY 30 /* looks */
#define LOOK_S 1
#define NICE 10

struct upkeep {
    void (*work)(void *context), (*look)(void *context);
    void *context;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool ending;
};

result upkeep_read(const configuration *c, upkeep_rules *out) {
    bool complete = true;
    out->kept = configuration_number(c, "refused", "kept", 1000, 1, 1000000, &complete);
    out->days = configuration_number(c, "refused", "days", 90, 1, 36500, &complete);
    return complete ? RESULT_OK : RESULT_INVALID;
}

/* Whether it is time again; false at the end. The lock is held. */
static bool wait_for_next(upkeep *u) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += LOOK_S;
    while (!u->ending)
        if (pthread_cond_timedwait(&u->changed, &u->lock, &until) != 0)
            break;
    return !u->ending;
}

static void *run(void *context) {
    upkeep *u = context;
    unsigned looks = 0;
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICE); /* the thread's: setpriority(2) */
    pthread_mutex_lock(&u->lock);
    while (wait_for_next(u)) {
        pthread_mutex_unlock(&u->lock);
        u->look(u->context);
        if (++looks % EVERY == 0)
            u->work(u->context);
        pthread_mutex_lock(&u->lock);
    }
    pthread_mutex_unlock(&u->lock);
    return NULL;
}

result upkeep_start(void (*work)(void *context), void (*look)(void *context), void *context, upkeep **out) {
    pthread_condattr_t attributes;
    *out = calloc(1, sizeof **out);
    if (!*out)
        return RESULT_NO_MEMORY;
    **out = (upkeep){.work = work, .look = look, .context = context};
    pthread_mutex_init(&(*out)->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&(*out)->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&(*out)->thread, NULL, run, *out) == 0)
        return RESULT_OK;
    free(*out);
    *out = NULL;
    return RESULT_NO_MEMORY;
}

void upkeep_stop(upkeep **u) {
    if (!*u)
        return;
    pthread_mutex_lock(&(*u)->lock);
    (*u)->ending = true;
    pthread_cond_broadcast(&(*u)->changed);
    pthread_mutex_unlock(&(*u)->lock);
    pthread_join((*u)->thread, NULL);
    pthread_cond_destroy(&(*u)->changed);
    pthread_mutex_destroy(&(*u)->lock);
    free(*u);
    *u = NULL;
}
