/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "slot_event.h"

#include "account.h"
#include "call_lock.h"

#include "pcsc/pcsc_lite.h"

#include <pthread.h>
#include <reader.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <winscard.h>

#define WATCHED_MAX PCSCLITE_MAX_READERS_CONTEXTS /* SCardGetStatusChange takes no more */

/* The events that one thread waits for: those of all readers, and new readers. */
typedef struct watch {
    struct watch *next;
    SCARDCONTEXT context;
    char *names;
    SCARD_READERSTATE states[WATCHED_MAX];
    DWORD count;
} watch;

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER; /* of the list */
static pthread_cond_t gone = PTHREAD_COND_INITIALIZER;
static watch *watches;

static void reset_after_fork(void) {
    guard = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    gone = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    watches = NULL;
}

__attribute__((constructor)) static void watch_forks(void) {
    pthread_atfork(NULL, NULL, reset_after_fork);
}

static void list_readers(watch *w) {
    DWORD length = SCARD_AUTOALLOCATE;
    if (w->names != NULL)
        SCardFreeMemory(w->context, w->names);
    w->names = NULL;
    memset(w->states, 0, sizeof w->states); /* SCARD_STATE_UNAWARE */
    w->count = 0;
    if (SCardListReaders(w->context, NULL, (LPSTR)&w->names, &length) == SCARD_S_SUCCESS)
        for (char *name = w->names; *name != 0 && w->count < WATCHED_MAX; name += strlen(name) + 1)
            w->states[w->count++].szReader = name;
    if (w->count < WATCHED_MAX) /* else no further reader fits, here or in pcscd */
        w->states[w->count++].szReader = PCSC_NEW_READERS;
}

/* Waits at most that long (0: polls); stores the seen state. */
static LONG look(watch *w, DWORD milliseconds) {
    LONG code = SCardGetStatusChange(w->context, milliseconds, w->states, w->count);
    bool readers_changed = false;
    for (DWORD i = 0; i < w->count; i++) {
        DWORD now = w->states[i].dwEventState;
        bool about_readers = strcmp(w->states[i].szReader, PCSC_NEW_READERS) == 0 ||
                             now & (SCARD_STATE_UNKNOWN | SCARD_STATE_IGNORE);
        readers_changed |= about_readers && now & SCARD_STATE_CHANGED;
        w->states[i].dwCurrentState = now & ~(DWORD)SCARD_STATE_CHANGED;
    }
    if (readers_changed)
        list_readers(w);
    return code;
}

static void join(watch *w) {
    pthread_mutex_lock(&guard);
    w->next = watches;
    watches = w;
    pthread_mutex_unlock(&guard);
}

static void leave(watch *w) {
    pthread_mutex_lock(&guard);
    for (watch **at = &watches; *at != NULL; at = &(*at)->next) {
        if (*at != w)
            continue;
        *at = w->next;
        break;
    }
    pthread_cond_broadcast(&gone);
    pthread_mutex_unlock(&guard);
}

void wait_end_all(void) {
    pthread_mutex_lock(&guard);
    while (watches != NULL) {
        struct timespec until;
        for (watch *w = watches; w != NULL; w = w->next)
            SCardCancel(w->context);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += PCSC_CANCEL_AGAIN_NS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&gone, &guard, &until);
    }
    pthread_mutex_unlock(&guard);
}

/* The stock module reports an event for every token that it sees for the first time. A card that was present at
 * C_Initialize is no event (PKCS #11 2.40, 5.5). */
static CK_RV poll_inside(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID_PTR number) {
    CK_SLOT_ID id;
    CK_RV rv = account_note_cards();
    if (rv != CKR_OK)
        return CKR_NO_EVENT;
    while ((rv = functions->C_WaitForSlotEvent(CKF_DONT_BLOCK, &id, NULL)) == CKR_OK) {
        const struct slot *s = slots_of_stock(functions, id);
        if (s == NULL || !readers_moved(s->info.slotDescription))
            continue;
        *number = slots_number(s);
        break;
    }
    return rv;
}

static CK_RV poll_once(CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID_PTR number) {
    if (!call_lock_enter())
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    CK_RV rv = poll_inside(functions, number);
    call_lock_leave();
    return rv;
}

/* The stock module is asked after each poll, so no later event is missed. */
static CK_RV wait_with(watch *w, CK_FUNCTION_LIST_PTR functions, CK_SLOT_ID_PTR slot) {
    LONG code;
    list_readers(w);
    look(w, 0);
    do {
        CK_RV rv = poll_once(functions, slot);
        if (rv != CKR_NO_EVENT)
            return rv;
        code = look(w, INFINITE);
    } while (code == SCARD_S_SUCCESS || code == SCARD_E_TIMEOUT || code == SCARD_E_UNKNOWN_READER);
    return call_lock_is_open() ? CKR_FUNCTION_FAILED : CKR_CRYPTOKI_NOT_INITIALIZED;
}

CK_RV wait_for_slot_event(CK_FUNCTION_LIST_PTR functions, CK_FLAGS flags, CK_SLOT_ID_PTR slot) {
    CK_RV rv = poll_once(functions, slot);
    if (rv != CKR_NO_EVENT || flags & CKF_DONT_BLOCK)
        return rv;
    watch *w = calloc(1, sizeof *w);
    if (w == NULL)
        return CKR_HOST_MEMORY;
    rv = CKR_FUNCTION_FAILED; /* no pcscd, no events */
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &w->context) == SCARD_S_SUCCESS) {
        join(w);
        rv = wait_with(w, functions, slot);
        leave(w);
        if (w->names != NULL)
            SCardFreeMemory(w->context, w->names);
        SCardReleaseContext(w->context);
    }
    free(w);
    return rv;
}
