/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requests of many threads that are written together: what comes while the file is in use is one group, with one write to
 * the disk for all of them. None returns before its group is durable. */
#pragma once

#include "delivery/kept_request.h"

#include <pthread.h>

/* One that waits to be written; the thread's own. */
typedef struct keep_entrant {
    kept_request *request;
    result outcome;
    bool done;
    struct keep_entrant *next;
} keep_entrant;

typedef struct keep_queue {
    pthread_mutex_t guard;
    pthread_cond_t written;
    keep_entrant *first, **end;
    bool writing;          /* some thread does it for all */
    pthread_mutex_t *file; /* held while a group is written; borrowed */
} keep_queue;

/* Before the first use, and after the last one. */
void keep_queue_begin(keep_queue *queue, pthread_mutex_t *file);
void keep_queue_end(keep_queue *queue);

/* Writes the group: sets each outcome. The file is the caller's alone meanwhile. */
typedef void keep_queue_write(void *context, keep_entrant *const *all, size_t count);
/* Returns when the request's group is written: its outcome. Any waiting thread's write may be called, for all of them. A
 * group has at most KEPT_TOGETHER requests, and more than one only up to KEPT_BODY_MAX bytes. */
result keep_queue_add(keep_queue *queue, kept_request *request, keep_queue_write *write, void *context);
