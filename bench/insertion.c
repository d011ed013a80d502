/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the insertion of a card to the moment a client's SCardGetStatusChange returns, and the same for its removal.
 * Both ends are in this program, so that one clock takes both times; pcscd and its handler are between them.
 *
 *   insertion cardlink|vpcd ADDRESS IMAGE READER COUNT
 *
 * Prints "insert MEDIAN P99 COUNT" and "remove ...", in microseconds. */
#include "card-end.h"
#include "samples.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <winscard.h>

#define PAUSE_MIN_US 20000    /* the client waits in pcscd by then */
#define PAUSE_RANGE_US 400000 /* whatever a poller's period, every phase of it is met */
#define TIMEOUT_MS 5000

static const card_end_kind *kind;
static SCARDCONTEXT context;
static SCARD_READERSTATE state;

typedef struct trigger {
    void (*act)(void);
    double begun;
} trigger;

static void *pull(void *argument) {
    trigger *t = argument;
    usleep(PAUSE_MIN_US + (useconds_t)(random() % PAUSE_RANGE_US));
    t->begun = samples_now_us();
    t->act();
    return NULL;
}

/* Returns when pcscd says so; keeps what is known for the next time. */
static bool wait_until(DWORD wanted) {
    do {
        state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
        if (SCardGetStatusChange(context, TIMEOUT_MS, &state, 1) != SCARD_S_SUCCESS)
            return false;
    } while ((state.dwEventState & wanted) == 0);
    return true;
}

static bool once(void (*act)(void), DWORD wanted, samples *times) {
    pthread_t thread;
    trigger t = {.act = act};
    if (pthread_create(&thread, NULL, pull, &t) != 0)
        return false;
    bool seen = wait_until(wanted);
    double ended = samples_now_us();
    pthread_join(thread, NULL);
    samples_add(times, ended - t.begun);
    return seen;
}

int main(int argc, char **argv) {
    samples insertions = {0}, removals = {0};
    kind = argc == 6 ? card_end_kind_of(argv[1]) : NULL;
    if (kind == NULL) {
        fputs("usage: insertion cardlink|vpcd ADDRESS IMAGE READER COUNT\n", stderr);
        return 2;
    }
    state.szReader = argv[4];
    srandom((unsigned)getpid());
    if (!kind->start(argv[2], card_end_open_echo(argv[3])) ||
        SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS ||
        !wait_until(SCARD_STATE_EMPTY)) {
        fprintf(stderr, "insertion: %s is not there, or not empty\n", argv[4]);
        return 1;
    }
    for (long left = strtol(argv[5], NULL, 10); left > 0; left--)
        if (!once(kind->insert, SCARD_STATE_PRESENT, &insertions) ||
            !once(kind->remove, SCARD_STATE_EMPTY, &removals)) {
            fputs("insertion: the change was never noticed\n", stderr);
            return 1;
        }
    samples_print(&insertions, "insert");
    samples_print(&removals, "remove");
    return 0;
}
