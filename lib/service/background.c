/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/background.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#define NICE 10 /* about a tenth of the weight of calls at the counter */

typedef struct task {
    void (*work)(void *context);
    void *context;
} task;

/* On Linux the priority is the thread's, against POSIX: setpriority(2). */
static void *run(void *context) {
    const task *mine = context;
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
    mine->work(mine->context);
    return NULL;
}

void background_run(void (*work)(void *context), void *context) {
    task mine = {work, context};
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, &mine) == 0)
        pthread_join(thread, NULL);
    else
        work(context);
}
