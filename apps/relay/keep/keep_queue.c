/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "keep/keep_queue.h"

void keep_queue_begin(keep_queue *queue, pthread_mutex_t *file) {
    *queue = (keep_queue){.file = file};
    queue->end = &queue->first;
    pthread_mutex_init(&queue->guard, NULL);
    pthread_cond_init(&queue->written, NULL);
}

void keep_queue_end(keep_queue *queue) {
    pthread_cond_destroy(&queue->written);
    pthread_mutex_destroy(&queue->guard);
}

static void enter(keep_queue *queue, keep_entrant *mine) {
    *queue->end = mine;
    queue->end = &mine->next;
}

/* The guard is held. Those who came first. */
static size_t take_group(keep_queue *queue, keep_entrant *group[KEPT_TOGETHER]) {
    size_t count = 0, length = 0;
    while (queue->first != NULL && count < KEPT_TOGETHER) {
        length += queue->first->request->body.length;
        if (count > 0 && length > KEPT_BODY_MAX)
            break;
        group[count++] = queue->first;
        queue->first = queue->first->next;
    }
    if (queue->first == NULL)
        queue->end = &queue->first;
    return count;
}

/* The guard is held, and given away while the file is waited for and written. What comes until the file is free belongs
 * to the group. */
static void write_group(keep_queue *queue, keep_queue_write *write, void *context) {
    keep_entrant *group[KEPT_TOGETHER];
    queue->writing = true;
    pthread_mutex_unlock(&queue->guard);
    pthread_mutex_lock(queue->file);
    pthread_mutex_lock(&queue->guard);
    const size_t count = take_group(queue, group);
    pthread_mutex_unlock(&queue->guard);
    write(context, group, count);
    pthread_mutex_unlock(queue->file);
    pthread_mutex_lock(&queue->guard);
    for (size_t i = 0; i < count; i++)
        group[i]->done = true;
    queue->writing = false;
    pthread_cond_broadcast(&queue->written);
}

result keep_queue_add(keep_queue *queue, kept_request *request, keep_queue_write *write, void *context) {
    keep_entrant mine = {.request = request, .outcome = RESULT_INTERNAL};
    pthread_mutex_lock(&queue->guard);
    enter(queue, &mine);
    while (!mine.done) {
        if (queue->writing)
            pthread_cond_wait(&queue->written, &queue->guard);
        else
            write_group(queue, write, context);
    }
    pthread_mutex_unlock(&queue->guard);
    return mine.outcome;
}
