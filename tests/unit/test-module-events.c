/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* C_WaitForSlotEvent with pcscd and the stock module as the test says: what is an event, what ends a wait, and who is
 * in the list of those who wait while C_Finalize ends them. */
#include "pkcs11-jpki/module/account.h"
#include "pkcs11-jpki/module/call_lock.h"
#include "pkcs11-jpki/module/slot_event.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <winscard.h>

#include <cmocka.h>

#define CONTEXTS 2
#define STOCK_ID 7
#define NUMBER 3
#define WAIT_MS 10000 /* at most, for what must happen */
#define LONG_MS 300   /* for what must not happen: long enough for who does not wait */
#define NEW_READERS "\\\\?PnP?\\Notification"

static struct slot one_slot;
static CK_RV noting;
static bool moved;

CK_RV account_note_cards(void) {
    return noting;
}

struct slot *slots_of_stock(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID id) {
    (void)functions;
    return id == STOCK_ID ? &one_slot : NULL;
}

CK_SLOT_ID slots_number(const struct slot *s) {
    assert_ptr_equal(s, &one_slot);
    return NUMBER;
}

bool readers_moved(const CK_UTF8CHAR *reader) {
    (void)reader;
    return moved;
}

/* --- the stock module: what it reports, once each ----------------------------------------------------------------- */

static CK_SLOT_ID reported[4];
static atomic_size_t reports;

static CK_RV stock_event(CK_FLAGS flags, CK_SLOT_ID_PTR slot, CK_VOID_PTR reserved) {
    (void)reserved;
    assert_true(flags & CKF_DONT_BLOCK); /* its own wait is never used */
    if (reports == 0)
        return CKR_NO_EVENT;
    *slot = reported[--reports];
    return CKR_OK;
}

static CK_FUNCTION_LIST functions = {.C_WaitForSlotEvent = stock_event};

/* --- pcscd -------------------------------------------------------------------------------------------------------- */

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool cancelled[CONTEXTS + 1];
static unsigned established, released, listed, waiting, freed;
static LONG establishing, waited; /* what the calls return */
static void (*during_cancel)(void);

/* Until *what is as wanted, at most that long. */
static bool wait_for(const unsigned *what, unsigned wanted, int64_t milliseconds) {
    struct timespec until;
    bool in_time = true;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += milliseconds % 1000 * 1000000;
    until.tv_sec += milliseconds / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&guard);
    while (*what < wanted && in_time)
        in_time = pthread_cond_timedwait(&changed, &guard, &until) == 0;
    in_time = *what >= wanted;
    pthread_mutex_unlock(&guard);
    return in_time;
}

static void count(unsigned *what) {
    pthread_mutex_lock(&guard);
    ++*what;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&guard);
}

LONG SCardEstablishContext(DWORD scope, LPCVOID a, LPCVOID b, LPSCARDCONTEXT out) {
    (void)scope, (void)a, (void)b;
    if (establishing != SCARD_S_SUCCESS)
        return establishing;
    count(&established);
    *out = (SCARDCONTEXT)established;
    return SCARD_S_SUCCESS;
}

LONG SCardReleaseContext(SCARDCONTEXT context) {
    (void)context;
    count(&released);
    return SCARD_S_SUCCESS;
}

LONG SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR out, LPDWORD length) {
    static char names[] = "Reader 1\0Reader 2\0";
    (void)context, (void)groups, (void)length;
    *(LPSTR *)out = names;
    count(&listed);
    return SCARD_S_SUCCESS;
}

LONG SCardFreeMemory(SCARDCONTEXT context, LPCVOID names) {
    (void)context, (void)names;
    count(&freed);
    return SCARD_S_SUCCESS;
}

/* A poll returns at once; a wait when it is cancelled, or when waited says how it ends. */
LONG SCardGetStatusChange(SCARDCONTEXT context, DWORD milliseconds, SCARD_READERSTATE *states, DWORD count_of) {
    assert_int_equal(count_of, 3);
    assert_string_equal(states[2].szReader, NEW_READERS);
    if (milliseconds == 0)
        return SCARD_E_TIMEOUT;
    count(&waiting);
    pthread_mutex_lock(&guard);
    while (!cancelled[context] && waited == SCARD_E_CANCELLED)
        pthread_cond_wait(&changed, &guard);
    const LONG code = cancelled[context] ? SCARD_E_CANCELLED : waited;
    waited = SCARD_E_CANCELLED;
    pthread_mutex_unlock(&guard);
    if (code == SCARD_S_SUCCESS)
        reported[reports++] = STOCK_ID;
    return code;
}

LONG SCardCancel(SCARDCONTEXT context) {
    if (during_cancel != NULL)
        during_cancel();
    during_cancel = NULL;
    pthread_mutex_lock(&guard);
    cancelled[context] = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&guard);
    return SCARD_S_SUCCESS;
}

/* --- the test ----------------------------------------------------------------------------------------------------- */

static int begin(void **state) {
    (void)state;
    noting = CKR_OK;
    moved = true;
    reports = 0;
    memset(cancelled, 0, sizeof cancelled);
    established = released = listed = waiting = freed = 0;
    establishing = SCARD_S_SUCCESS;
    waited = SCARD_E_CANCELLED;
    during_cancel = NULL;
    call_lock_reopen(true);
    return 0;
}

static CK_RV poll(CK_SLOT_ID *slot) {
    return wait_for_slot_event(&functions, CKF_DONT_BLOCK, slot);
}

static void a_poll_reports_what_moved(void **state) {
    CK_SLOT_ID slot = 0;
    (void)state;
    assert_int_equal(poll(&slot), CKR_NO_EVENT);
    reported[reports++] = STOCK_ID;
    reported[reports++] = 99; /* of no slot */
    assert_int_equal(poll(&slot), CKR_OK);
    assert_int_equal(slot, NUMBER);
    moved = false; /* it was there at C_Initialize */
    reported[reports++] = STOCK_ID;
    assert_int_equal(poll(&slot), CKR_NO_EVENT);
    moved = true;
    reported[reports++] = STOCK_ID;
    noting = CKR_DEVICE_REMOVED; /* no pcscd */
    assert_int_equal(poll(&slot), CKR_NO_EVENT);
    assert_int_equal(established, 0);
    call_lock_reopen(false);
    assert_int_equal(poll(&slot), CKR_CRYPTOKI_NOT_INITIALIZED);
}

static void a_wait_ends_with_an_event(void **state) {
    static const struct {
        LONG waited;
        CK_RV due;
    } rows[] = {{SCARD_S_SUCCESS, CKR_OK},
                {SCARD_E_NO_SERVICE, CKR_FUNCTION_FAILED},
                {SCARD_E_INVALID_HANDLE, CKR_FUNCTION_FAILED}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CK_SLOT_ID slot = 0;
        begin(state);
        waited = rows[i].waited;
        assert_int_equal(wait_for_slot_event(&functions, 0, &slot), rows[i].due);
        assert_int_equal(slot, rows[i].due == CKR_OK ? NUMBER : 0);
        assert_int_equal(released, 1);
        assert_int_equal(freed, listed);
    }
    establishing = SCARD_E_NO_SERVICE;
    CK_SLOT_ID slot;
    assert_int_equal(wait_for_slot_event(&functions, 0, &slot), CKR_FUNCTION_FAILED);
}

static void *wait_in_thread(void *unused) {
    CK_SLOT_ID slot;
    (void)unused;
    return (void *)wait_for_slot_event(&functions, 0, &slot); /* a CK_RV */
}

static void end_all_waits(void) {
    call_lock_close();
    wait_end_all();
    call_lock_reopen(false);
}

static void the_end_ends_all_waits(void **state) {
    pthread_t threads[CONTEXTS];
    (void)state;
    for (unsigned i = 0; i < CONTEXTS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, wait_in_thread, NULL), 0);
    assert_true(wait_for(&waiting, CONTEXTS, WAIT_MS));
    end_all_waits();
    for (unsigned i = 0; i < CONTEXTS; i++) {
        void *rv;
        assert_int_equal(pthread_join(threads[i], &rv), 0);
        assert_int_equal((CK_RV)rv, CKR_CRYPTOKI_NOT_INITIALIZED);
    }
}

static pthread_t late;
static bool came_in;

/* The list is being walked: another thread comes to wait. It may begin only afterwards. */
static void come_late(void) {
    const unsigned before = listed;
    assert_int_equal(pthread_create(&late, NULL, wait_in_thread, NULL), 0);
    assert_true(wait_for(&established, 2, WAIT_MS));
    came_in = wait_for(&listed, before + 1, LONG_MS);
}

static void who_comes_to_wait_waits_for_the_list(void **state) {
    pthread_t first;
    void *rv;
    (void)state;
    assert_int_equal(pthread_create(&first, NULL, wait_in_thread, NULL), 0);
    assert_true(wait_for(&waiting, 1, WAIT_MS));
    during_cancel = come_late;
    wait_end_all(); /* also who came late: it is in the list before the list is left */
    assert_int_equal(pthread_join(first, &rv), 0);
    pthread_mutex_lock(&guard);
    cancelled[2] = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&guard);
    assert_int_equal(pthread_join(late, &rv), 0);
    assert_false(came_in);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup(test, begin)
        TEST(a_poll_reports_what_moved),
        TEST(a_wait_ends_with_an_event),
        TEST(the_end_ends_all_waits),
        TEST(who_comes_to_wait_waits_for_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
