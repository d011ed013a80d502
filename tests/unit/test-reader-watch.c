/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The thread that watches a reader, with a pcscd whose every answer is written here. */
#include "pcsc/pcsc_reader.h"
#include "pcsc/reader_watch.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define READER "Reader"
#define EVENTS_SHIFT 16

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static pthread_cond_t moved = PTHREAD_COND_INITIALIZER;
static struct {
    bool service, reader, present, cancelled;
    unsigned events, readers;
    int waiting, contexts, rests, came, left;
} now;

/* --- pcscd ---------------------------------------------------------------------------------------------------------- */

LONG SCardEstablishContext(DWORD scope, LPCVOID one, LPCVOID two, LPSCARDCONTEXT context) {
    (void)scope, (void)one, (void)two;
    pthread_mutex_lock(&guard);
    const bool there = now.service;
    now.contexts += there;
    *context = 1;
    pthread_mutex_unlock(&guard);
    return there ? SCARD_S_SUCCESS : SCARD_E_NO_SERVICE;
}

LONG SCardReleaseContext(SCARDCONTEXT context) {
    assert_int_equal(context, 1);
    pthread_mutex_lock(&guard);
    now.contexts--;
    pthread_mutex_unlock(&guard);
    return SCARD_S_SUCCESS;
}

/* One that comes before the wait is lost. */
LONG SCardCancel(SCARDCONTEXT context) {
    assert_int_equal(context, 1);
    pthread_mutex_lock(&guard);
    now.cancelled = now.waiting > 0;
    pthread_cond_broadcast(&moved);
    pthread_mutex_unlock(&guard);
    return SCARD_S_SUCCESS;
}

static bool look_at(SCARD_READERSTATE *state) {
    const bool others = strcmp(state->szReader, READER " 00 00") != 0;
    const DWORD seen = others ? now.readers << EVENTS_SHIFT
                              : (now.present ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY) | now.events << EVENTS_SHIFT;
    const bool changed = others ? state->dwCurrentState != 0 && state->dwCurrentState != seen
                                : state->dwCurrentState != seen;
    state->dwEventState = seen | (changed ? SCARD_STATE_CHANGED : 0);
    return changed;
}

static LONG look(DWORD timeout, SCARD_READERSTATE *states, DWORD count) {
    bool changed = false;
    if (!now.service)
        return SCARD_E_NO_SERVICE;
    for (DWORD i = 0; i < count; i++)
        changed |= look_at(&states[i]);
    return changed ? SCARD_S_SUCCESS : now.cancelled ? SCARD_E_CANCELLED : timeout == 0 ? SCARD_E_TIMEOUT : -1;
}

LONG SCardGetStatusChange(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATE *states, DWORD count) {
    LONG code;
    assert_int_equal(context, 1);
    pthread_mutex_lock(&guard);
    now.waiting++;
    now.cancelled = false;
    pthread_cond_broadcast(&moved);
    while ((code = look(timeout, states, count)) == -1)
        pthread_cond_wait(&moved, &guard);
    now.waiting--;
    pthread_mutex_unlock(&guard);
    return code;
}

void pcsc_find_reader(SCARDCONTEXT context, const char *reader, char found[MAX_READERNAME]) {
    (void)context;
    assert_string_equal(reader, READER);
    pthread_mutex_lock(&guard);
    strcpy(found, now.reader ? READER " 00 00" : "");
    pthread_mutex_unlock(&guard);
}

/* Only the pause while pcscd is away. */
int poll(struct pollfd *of, nfds_t count, int timeout_ms) {
    (void)of;
    assert_int_equal(count, 0);
    assert_int_equal(timeout_ms, 100);
    pthread_mutex_lock(&guard);
    now.rests++;
    pthread_cond_broadcast(&moved);
    while (!now.service && now.rests > 1) /* once is enough to see it */
        pthread_cond_wait(&moved, &guard);
    pthread_mutex_unlock(&guard);
    return 0;
}

/* --- what happens --------------------------------------------------------------------------------------------------- */

static void told(void *context, bool present) {
    assert_ptr_equal(context, &now);
    pthread_mutex_lock(&guard);
    now.came += present;
    now.left += !present;
    pthread_cond_broadcast(&moved);
    pthread_mutex_unlock(&guard);
}

static void card(bool present, unsigned events) {
    pthread_mutex_lock(&guard);
    now.present = present;
    now.events += events;
    pthread_cond_broadcast(&moved);
    pthread_mutex_unlock(&guard);
}

static void set(bool *what, bool value) {
    pthread_mutex_lock(&guard);
    *what = value;
    now.readers++;
    pthread_cond_broadcast(&moved);
    pthread_mutex_unlock(&guard);
}

/* Waits for it; a thread that never tells it hangs the test. */
static void expect_told(int came, int left) {
    pthread_mutex_lock(&guard);
    while (now.came < came || now.left < left)
        pthread_cond_wait(&moved, &guard);
    assert_int_equal(now.came, came);
    assert_int_equal(now.left, left);
    pthread_mutex_unlock(&guard);
}

static int begin(void **state) {
    static reader_watch *watch;
    memset(&now, 0, sizeof now);
    now.service = now.reader = true;
    now.readers = 3;
    *state = &watch;
    return 0;
}

static int end(void **state) {
    reader_watch_end(*state);
    reader_watch_end(*state); /* nothing */
    return now.contexts;
}

static void start(void **state) {
    assert_int_equal(reader_watch_start(READER, told, &now, *state), RESULT_OK);
}

/* --- tests ------------------------------------------------------------------------------------------------------------ */

static void a_card_that_lies_there_is_told_first(void **state) {
    card(true, 1);
    start(state);
    expect_told(1, 0);
}

static void coming_and_leaving_are_told_once(void **state) {
    start(state);
    card(true, 1);
    expect_told(1, 0);
    set(&now.reader, true); /* another reader has come */
    card(false, 1);
    expect_told(1, 1);
    card(true, 1);
    expect_told(2, 1);
}

/* pcscd has counted both, and the wait was not fast enough to see the reader empty. */
static void a_card_in_the_place_of_another_is_told(void **state) {
    start(state);
    card(true, 1);
    expect_told(1, 0);
    card(true, 2);
    expect_told(2, 1);
}

static void a_reader_that_is_unplugged_has_no_card(void **state) {
    start(state);
    card(true, 1);
    expect_told(1, 0);
    set(&now.reader, false);
    expect_told(1, 1);
    set(&now.reader, true);
    expect_told(2, 1);
}

static void pcscd_may_go_and_come(void **state) {
    start(state);
    card(true, 1);
    expect_told(1, 0);
    set(&now.service, false);
    expect_told(1, 1);
    pthread_mutex_lock(&guard);
    while (now.rests == 0)
        pthread_cond_wait(&moved, &guard);
    pthread_mutex_unlock(&guard);
    set(&now.service, true);
    expect_told(2, 1);
}

static void the_end_does_not_wait_for_a_card(void **state) {
    start(state);
    reader_watch_end(*state);
    expect_told(0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_card_that_lies_there_is_told_first, begin, end),
        cmocka_unit_test_setup_teardown(coming_and_leaving_are_told_once, begin, end),
        cmocka_unit_test_setup_teardown(a_card_in_the_place_of_another_is_told, begin, end),
        cmocka_unit_test_setup_teardown(a_reader_that_is_unplugged_has_no_card, begin, end),
        cmocka_unit_test_setup_teardown(pcscd_may_go_and_come, begin, end),
        cmocka_unit_test_setup_teardown(the_end_does_not_wait_for_a_card, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
