/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* While a right is open at a card, only this process may use the card, because the card cannot tell processes apart. So
 * the driver adds one lock to OpenSC's count (sc_lock) before the command that may open a right, and removes it after
 * the one that has ended it; in between the pcscd transaction does not end.
 *
 * An unused right ends after a time limit without a call from the program: by a thread that exists only while a card is
 * held. It does not use OpenSC's locks, which admit every thread of the process. It acts only while no other thread
 * uses the card, under the mutex that protects the count of sc_lock and sc_unlock. */
#include "myna.h"

#include "base/clock.h"
#include "opensc/rights.h"
#include "opensc/rights_entry.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#define MILLISECOND_NS 1000000
#define SECOND_MS 1000
#define LOOK_AGAIN_MS 100 /* retry interval when the card is in use at the time limit */

#define EXPORT __attribute__((visibility("default")))
EXPORT hold_entry uketsuke_hold;
EXPORT host_entry uketsuke_host;

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER; /* of everything below, and of each card's hold */
static pthread_cond_t news, ended;
static sc_card_t *first; /* of the cards that are held */
static pthread_t thread;
static bool running, to_be_joined;
static unsigned host;

/* Only the thread that forked lives on, and the cards are the parent's. */
static void reset_after_fork(void) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    guard = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_init(&news, &monotonic);
    pthread_cond_init(&ended, NULL);
    pthread_condattr_destroy(&monotonic);
    first = NULL;
    running = to_be_joined = false;
}

/* The forking thread takes the guard, so that the limit's thread is not at a card and leaves no lock of its own or of
 * OpenSC's taken in the child. */
static void take_guard(void) {
    pthread_mutex_lock(&guard);
}

static void give_guard(void) {
    pthread_mutex_unlock(&guard);
}

__attribute__((constructor)) static void begin(void) {
    reset_after_fork();
    pthread_atfork(take_guard, give_guard, reset_after_fork);
}

void uketsuke_host(unsigned about) {
    pthread_mutex_lock(&guard);
    host = about;
    pthread_mutex_unlock(&guard);
}

/* By the clock that includes suspend, so that a night is not a short pause. */
static int64_t time_left(const myna_hold *h) {
    int64_t left = h->used + (int64_t)h->seconds * SECOND_MS - clock_boot_ms();
    return left > 0 ? left : 0;
}

static void take_out(sc_card_t *card) {
    sc_card_t **at = &first;
    while (*at != NULL && *at != card)
        at = &myna_of(*at)->hold.next;
    if (*at != NULL)
        *at = myna_of(card)->hold.next;
    myna_of(card)->hold.held = false;
}

/* A SELECT ends every right; a card that does not take it is reset. A removed card has none, and OpenSC must detect the
 * removal itself: a reset would hide it. */
static void end_rights(sc_card_t *card) {
    myna *m = myna_of(card);
    int code = myna_select_outside(card);
    m->application = code == SC_SUCCESS ? APPLICATION_JPKI : APPLICATION_NONE;
    if (code != SC_SUCCESS && code != SC_ERROR_CARD_REMOVED)
        card->reader->ops->reset(card->reader, 0);
    m->unclean = false;
    m->hold.over = true;
}

/* False: another thread uses the card, and perhaps the right. */
static bool take_back(sc_card_t *card) {
    const sc_thread_context_t *threads = card->ctx->thread_ctx;
    if (threads->lock_mutex(card->mutex) != SC_SUCCESS)
        return false;
    bool alone = card->lock_count == 1;
    if (alone) {
        end_rights(card);
        take_out(card);
        card->lock_count = 0;
        card->reader->ops->unlock(card->reader);
    }
    threads->unlock_mutex(card->mutex);
    return alone;
}

/* Time until the next limit. */
static int64_t take_back_all(void) {
    int64_t next = INT64_MAX;
    for (sc_card_t *card = first, *following; card != NULL; card = following) {
        int64_t left = time_left(&myna_of(card)->hold);
        following = myna_of(card)->hold.next;
        if (left == 0 && !take_back(card))
            left = LOOK_AGAIN_MS;
        if (left > 0 && left < next)
            next = left;
    }
    return next;
}

static void *watch(void *unused) {
    (void)unused;
    pthread_mutex_lock(&guard);
    for (int64_t left; (left = take_back_all()), first != NULL;) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        int64_t ns = until.tv_nsec + left % SECOND_MS * MILLISECOND_NS;
        until.tv_sec += left / SECOND_MS + ns / (SECOND_MS * MILLISECOND_NS);
        until.tv_nsec = ns % (SECOND_MS * MILLISECOND_NS);
        pthread_cond_timedwait(&news, &guard, &until);
    }
    running = false;
    pthread_cond_broadcast(&ended);
    pthread_mutex_unlock(&guard);
    return NULL;
}

static void join(void) {
    if (to_be_joined)
        pthread_join(thread, NULL); /* it has released the guard and returns */
    to_be_joined = false;
}

/* When no thread can be created, and in programs without locks (OpenSC's own tools), the time limit acts at the next
 * use of the card. The thread blocks all signals. */
static void start(const sc_card_t *card) {
    sigset_t all, before;
    const sc_thread_context_t *threads = card->ctx->thread_ctx;
    if (running || host & HOST_WITHOUT_THREADS || threads == NULL || threads->lock_mutex == NULL)
        return;
    join();
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    running = to_be_joined = pthread_create(&thread, NULL, watch, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void myna_use(sc_card_t *card) {
    pthread_mutex_lock(&guard);
    myna_of(card)->hold.used = clock_boot_ms();
    pthread_mutex_unlock(&guard);
}

/* With the stock module in the same process only if configured: the stock module has its own connection to the card,
 * and a thread that calls both would wait for itself. */
static bool is_wanted(const myna_hold *h) {
    return h->seconds > 0 && (h->always || !(host & HOST_WITH_STOCK));
}

static void put_in(sc_card_t *card) {
    myna_hold *h = &myna_of(card)->hold;
    h->held = true;
    h->over = false; /* the former right was cleared when this lock began */
    h->next = first;
    first = card;
    start(card);
}

int myna_keep(sc_card_t *card) {
    myna *m = myna_of(card);
    bool begins = !m->hold.held && is_wanted(&m->hold);
    int code = begins ? sc_lock(card) : SC_SUCCESS;
    if (code != SC_SUCCESS)
        return code;
    m->unclean = true;
    myna_use(card);
    if (!begins)
        return SC_SUCCESS;
    pthread_mutex_lock(&guard);
    put_in(card);
    pthread_mutex_unlock(&guard);
    return SC_SUCCESS;
}

void myna_let_go(sc_card_t *card) {
    if (!myna_of(card)->hold.held)
        return;
    pthread_mutex_lock(&guard);
    take_out(card);
    pthread_mutex_unlock(&guard);
    sc_unlock(card);
}

void myna_let_go_of_nothing(sc_card_t *card) {
    const myna *m = myna_of(card);
    bool anything = m->challenge || m->certificates;
    for (int right = 0; right < RIGHT_END; right++)
        anything |= m->open[right];
    if (!anything)
        myna_let_go(card);
}

void myna_end_old_right(sc_card_t *card) {
    const myna *m = myna_of(card);
    if (m->hold.held && time_left(&m->hold) == 0)
        myna_close_rights(card);
}

/* Ends the thread before its code is unloaded. */
void myna_hold_end(sc_card_t *card) {
    myna_let_go(card);
    pthread_mutex_lock(&guard);
    pthread_cond_signal(&news);
    while (running && first == NULL)
        pthread_cond_wait(&ended, &guard);
    if (!running)
        join();
    pthread_mutex_unlock(&guard);
}

static void ask(sc_card_t *card, void *context) {
    const myna_hold *h = &myna_of(card)->hold;
    *(hold_state *)context = h->over ? HOLD_OVER : h->held ? HOLD_HELD : HOLD_NOTHING;
}

hold_state uketsuke_hold(const char *reader) {
    hold_state state = HOLD_NOTHING;
    rights_with_card(reader, ask, &state);
    return state;
}
