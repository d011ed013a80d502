/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Group commit: the rows that threads bring while the store is in use are written as one group, in one transaction with
 * one write to the disk. Each call returns when its own group is durable. */
#pragma once

#include "base/result.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define GROUP_COMMIT_MAX 32 /* in a group */

/* One that waits to be written; the thread's own. */
typedef struct group_entrant {
    void *row;
    size_t length;
    result outcome;
    bool done;
    struct group_entrant *next;
} group_entrant;

typedef struct group_commit {
    pthread_mutex_t guard;
    pthread_cond_t written;
    group_entrant *first, **end;
    bool writing;           /* a thread is writing for all */
    size_t length_max;      /* of a group of more than one */
    pthread_mutex_t *store; /* held while a group is written; borrowed */
} group_commit;

/* Before the first use, and after the last one. */
void group_commit_begin(group_commit *group, pthread_mutex_t *store, size_t length_max);
void group_commit_end(group_commit *group);

/* Writes the rows of a group: sets each outcome. The store's lock is held. */
typedef void group_write(void *context, group_entrant *const *all, size_t count);
/* Returns when the row's group is written: its outcome. Any waiting thread's write may be called, for all of them. */
result group_commit_add(group_commit *group, void *row, size_t length, group_write *write, void *context);
