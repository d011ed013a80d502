/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "opensc/rights.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
EXPORT rights_entry uketsuke_end_rights;
EXPORT log_entry uketsuke_silence_log;

typedef struct watched {
    sc_card_t *card;
    rights_close *close;
    struct watched *next;
} watched;

static pthread_mutex_t list = PTHREAD_MUTEX_INITIALIZER;
static watched *first;
static pid_t process; /* that uses the cards; the child of a fork must not use them */

static void reset_after_fork(void) {
    list = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER; /* a thread of the parent may have held it */
}

__attribute__((constructor)) static void watch_forks(void) {
    pthread_atfork(NULL, NULL, reset_after_fork);
}

static bool is_in(const watched *w, const char *reader) {
    return strncmp(reader, w->card->reader->name, RIGHTS_READER_MAX) == 0;
}

static bool has_left(int code) {
    return code == SC_ERROR_CARD_REMOVED || code == SC_ERROR_CARD_NOT_PRESENT || code == SC_ERROR_READER_DETACHED;
}

static int close_all(const char *reader) {
    int outcome = 0;
    for (const watched *w = first; w != NULL; w = w->next) {
        int code = reader == NULL || is_in(w, reader) ? w->close(w->card) : SC_SUCCESS;
        if (code != SC_SUCCESS && outcome != RIGHTS_FAILED)
            outcome = has_left(code) ? RIGHTS_CARD_REMOVED : RIGHTS_FAILED;
    }
    return outcome;
}

int uketsuke_end_rights(const char *reader) {
    int code = 0;
    if (process != getpid())
        return code;
    pthread_mutex_lock(&list);
    code = close_all(reader);
    pthread_mutex_unlock(&list);
    return code;
}

bool rights_with_card(const char *reader, void (*visit)(sc_card_t *card, void *context), void *context) {
    pthread_mutex_lock(&list);
    const watched *w = process == getpid() ? first : NULL;
    while (w != NULL && !is_in(w, reader))
        w = w->next;
    if (w != NULL)
        visit(w->card, context);
    pthread_mutex_unlock(&list);
    return w != NULL;
}

static struct {
    struct sc_context *context; /* NULL: the log follows the configuration */
    int level;
} silenced;

static void silence(sc_card_t *card, void *unused) {
    (void)unused;
    silenced.context = card->ctx;
    silenced.level = card->ctx->debug;
    card->ctx->debug = 0;
}

/* The card may have been removed, its context still exists. */
int uketsuke_silence_log(const char *reader) {
    if (reader != NULL)
        return silenced.context == NULL && rights_with_card(reader, silence, NULL) ? 0 : -1;
    if (silenced.context != NULL)
        silenced.context->debug = silenced.level;
    silenced.context = NULL;
    return 0;
}

/* Exit handlers run while all libraries are still loaded. A thread that still runs may hold the list. */
static void close_at_exit(void) {
    if (process != getpid() || pthread_mutex_trylock(&list) != 0)
        return;
    close_all(NULL);
    pthread_mutex_unlock(&list);
}

/* Nodes from before a fork are the parent's cards, which the child does not free either. */
int rights_watch(sc_card_t *card, rights_close *close) {
    static bool registered;
    watched *w = malloc(sizeof *w);
    if (w == NULL)
        return SC_ERROR_OUT_OF_MEMORY;
    pthread_mutex_lock(&list);
    if (!registered)
        registered = atexit(close_at_exit) == 0;
    if (process != getpid())
        first = NULL;
    process = getpid();
    *w = (watched){card, close, first};
    first = w;
    pthread_mutex_unlock(&list);
    return SC_SUCCESS;
}

void rights_forget(const sc_card_t *card) {
    pthread_mutex_lock(&list);
    watched **at = &first;
    while (*at != NULL && (*at)->card != card)
        at = &(*at)->next;
    watched *gone = *at;
    if (gone != NULL)
        *at = gone->next;
    pthread_mutex_unlock(&list);
    free(gone);
}
