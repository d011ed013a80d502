/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/terminal_view.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct view {
    struct view *next;
    char terminal[RELAY_WORD_SIZE];
    uint32_t signatures, counter;
    int64_t through; /* uses up to this number were counted when the view was made */
} view;

struct terminal_views {
    relay_store *store;
    pthread_mutex_t guard;
    view *first;
};

result terminal_views_new(relay_store *store, terminal_views **out) {
    terminal_views *views = *out = calloc(1, sizeof *views);
    if (views == NULL)
        return RESULT_NO_MEMORY;
    views->store = store;
    pthread_mutex_init(&views->guard, NULL);
    return RESULT_OK;
}

void terminal_views_free(terminal_views **views) {
    if (*views == NULL)
        return;
    while ((*views)->first != NULL) {
        view *one = (*views)->first;
        (*views)->first = one->next;
        free(one);
    }
    pthread_mutex_destroy(&(*views)->guard);
    free(*views);
    *views = NULL;
}

/* The guard is held. NULL: the store failed, or there is no memory. */
static view *take(terminal_views *views, const char *terminal) {
    int64_t count = 0;
    const int64_t through = relay_store_count_uses(views->store); /* before they are counted */
    for (view *one = views->first; one != NULL; one = one->next)
        if (strcmp(one->terminal, terminal) == 0)
            return one;
    view *made = calloc(1, sizeof *made);
    if (made == NULL || relay_store_count_signatures(views->store, terminal, through, &count) != RESULT_OK) {
        free(made);
        return NULL;
    }
    snprintf(made->terminal, sizeof made->terminal, "%s", terminal);
    made->signatures = (uint32_t)count;
    made->through = through;
    made->next = views->first;
    views->first = made;
    return made;
}

/* Another thread may have created the view after the use was written; then it has counted the use already. */
void terminal_views_note(terminal_views *views, const char *terminal, int64_t number, uint32_t counter) {
    pthread_mutex_lock(&views->guard);
    view *one = take(views, terminal);
    if (one != NULL && number > one->through)
        one->signatures++;
    if (one != NULL && counter != 0)
        one->counter = counter;
    pthread_mutex_unlock(&views->guard);
}

result terminal_views_signatures(terminal_views *views, const char *terminal, uint32_t *count) {
    pthread_mutex_lock(&views->guard);
    const view *one = take(views, terminal);
    *count = one != NULL ? one->signatures : 0;
    pthread_mutex_unlock(&views->guard);
    return one != NULL ? RESULT_OK : RESULT_IO;
}

result terminal_views_counter(terminal_views *views, const char *terminal, uint32_t *counter) {
    pthread_mutex_lock(&views->guard);
    const view *one = take(views, terminal);
    *counter = one != NULL ? one->counter : 0;
    pthread_mutex_unlock(&views->guard);
    return *counter != 0 ? RESULT_OK : RESULT_NOT_FOUND;
}
