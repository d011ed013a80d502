/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pcsc/reader_watch.h"
#include "pcsc/pcsc_lite.h"
#include "pcsc/pcsc_reader.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TRY_AGAIN_MS 100   /* while pcscd is away */
#define LOOK_AGAIN_MS 1000 /* while the reader is away */
#define WATCHED 2          /* the reader, and readers that come or go */

struct reader_watch {
    const char *reader;
    void (*told)(void *context, bool present);
    void *context;
    pthread_t thread;
    bool present; /* of the thread alone, as events */
    unsigned long events;
    pthread_mutex_t guard; /* of what follows */
    pthread_cond_t changed;
    SCARDCONTEXT pcsc;
    bool waits, ending, ended;
};

static void note(reader_watch *w, bool present, unsigned long events) {
    const bool exchanged = present && w->present && events != w->events;
    if (w->present && (!present || exchanged))
        w->told(w->context, false);
    if (present && (!w->present || exchanged))
        w->told(w->context, true);
    w->present = present;
    w->events = events;
}

static bool is_ending(reader_watch *w) {
    pthread_mutex_lock(&w->guard);
    const bool ending = w->ending;
    pthread_mutex_unlock(&w->guard);
    return ending;
}

/* What was seen is what the next change is to differ from. */
static void keep(SCARD_READERSTATE *state) {
    state->dwCurrentState = state->dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
}

/* Which readers there are now is no change. */
static SCARD_READERSTATE readers_now(const reader_watch *w) {
    SCARD_READERSTATE state = {.szReader = PCSC_NEW_READERS};
    SCardGetStatusChange(w->pcsc, 0, &state, 1);
    keep(&state);
    return state;
}

/* Until readers have come or gone (true), or pcscd has. The first call tells at once what is there. */
static bool wait_at(reader_watch *w, const char *name) {
    SCARD_READERSTATE states[WATCHED] = {{.szReader = name}, readers_now(w)};
    bool others = false;
    while (!others && !is_ending(w)) {
        if (SCardGetStatusChange(w->pcsc, INFINITE, states, WATCHED) != SCARD_S_SUCCESS)
            return false;
        const DWORD seen = states[0].dwEventState;
        note(w, (seen & SCARD_STATE_PRESENT) != 0, PCSC_EVENTS(seen));
        others = (seen & SCARD_STATE_UNKNOWN) != 0 || (states[1].dwEventState & SCARD_STATE_CHANGED) != 0;
        for (size_t i = 0; i < WATCHED; i++)
            keep(&states[i]);
    }
    return others;
}

/* The same where the reader is not there. It may have come just before the wait, so that is not for ever. */
static bool wait_for_readers(reader_watch *w) {
    SCARD_READERSTATE state = readers_now(w);
    note(w, false, 0);
    const LONG code = SCardGetStatusChange(w->pcsc, LOOK_AGAIN_MS, &state, 1);
    return code == SCARD_S_SUCCESS || code == SCARD_E_TIMEOUT;
}

static void wait_while_it_answers(reader_watch *w) {
    char name[MAX_READERNAME];
    bool again = true;
    while (again && !is_ending(w)) {
        pcsc_find_reader(w->pcsc, w->reader, name);
        again = name[0] != 0 ? wait_at(w, name) : wait_for_readers(w);
    }
}

static void set_waits(reader_watch *w, bool waits) {
    pthread_mutex_lock(&w->guard);
    w->waits = waits;
    pthread_mutex_unlock(&w->guard);
}

static void *run(void *argument) {
    reader_watch *w = argument;
    while (!is_ending(w)) {
        if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &w->pcsc) == SCARD_S_SUCCESS) {
            set_waits(w, true);
            wait_while_it_answers(w);
            set_waits(w, false);
            SCardReleaseContext(w->pcsc);
        }
        if (is_ending(w))
            break;
        note(w, false, 0);
        poll(NULL, 0, TRY_AGAIN_MS);
    }
    pthread_mutex_lock(&w->guard);
    w->ended = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->guard);
    return NULL;
}

static void discard(reader_watch *w) {
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->guard);
    free(w);
}

result reader_watch_start(const char *reader, void (*told)(void *context, bool present), void *context,
                          reader_watch **out) {
    reader_watch *w = *out = calloc(1, sizeof *w);
    if (w == NULL)
        return RESULT_NO_MEMORY;
    *w = (reader_watch){.reader = reader, .told = told, .context = context};
    pthread_mutex_init(&w->guard, NULL);
    pthread_cond_init(&w->changed, NULL);
    if (pthread_create(&w->thread, NULL, run, w) == 0)
        return RESULT_OK;
    discard(w);
    *out = NULL;
    return RESULT_INTERNAL;
}

void reader_watch_end(reader_watch **watch) {
    reader_watch *w = *watch;
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->guard);
    w->ending = true;
    while (!w->ended) {
        struct timespec until;
        if (w->waits)
            SCardCancel(w->pcsc);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += PCSC_CANCEL_AGAIN_NS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&w->changed, &w->guard, &until);
    }
    pthread_mutex_unlock(&w->guard);
    pthread_join(w->thread, NULL);
    discard(w);
    *watch = NULL;
}
