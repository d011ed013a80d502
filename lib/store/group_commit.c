/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "store/group_commit.h"

void group_commit_begin(group_commit *group, pthread_mutex_t *store, size_t length_max) {
    *group = (group_commit){.store = store, .length_max = length_max};
    group->end = &group->first;
    pthread_mutex_init(&group->guard, NULL);
    pthread_cond_init(&group->written, NULL);
}

void group_commit_end(group_commit *group) {
    pthread_cond_destroy(&group->written);
    pthread_mutex_destroy(&group->guard);
}

static void enter(group_commit *group, group_entrant *mine) {
    *group->end = mine;
    group->end = &mine->next;
}

/* The guard is held. Those who came first. */
static size_t take_group(group_commit *group, group_entrant *taken[GROUP_COMMIT_MAX]) {
    size_t count = 0, length = 0;
    while (group->first != NULL && count < GROUP_COMMIT_MAX) {
        length += group->first->length;
        if (count > 0 && length > group->length_max)
            break;
        taken[count++] = group->first;
        group->first = group->first->next;
    }
    if (group->first == NULL)
        group->end = &group->first;
    return count;
}

/* Called with the guard held; releases it while waiting for the store and writing. Rows that come until the store is
 * free belong to the group. */
static void write_group(group_commit *group, group_write *write, void *context) {
    group_entrant *taken[GROUP_COMMIT_MAX];
    group->writing = true;
    pthread_mutex_unlock(&group->guard);
    pthread_mutex_lock(group->store);
    pthread_mutex_lock(&group->guard);
    const size_t count = take_group(group, taken);
    pthread_mutex_unlock(&group->guard);
    write(context, taken, count);
    pthread_mutex_unlock(group->store);
    pthread_mutex_lock(&group->guard);
    for (size_t i = 0; i < count; i++)
        taken[i]->done = true;
    group->writing = false;
    pthread_cond_broadcast(&group->written);
}

result group_commit_add(group_commit *group, void *row, size_t length, group_write *write, void *context) {
    group_entrant mine = {.row = row, .length = length, .outcome = RESULT_INTERNAL};
    pthread_mutex_lock(&group->guard);
    enter(group, &mine);
    while (!mine.done) {
        if (group->writing)
            pthread_cond_wait(&group->written, &group->guard);
        else
            write_group(group, write, context);
    }
    pthread_mutex_unlock(&group->guard);
    return mine.outcome;
}
