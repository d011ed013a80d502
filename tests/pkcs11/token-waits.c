/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Steps that wait for events, and steps of several threads. */
#include "token-steps.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

CK_RV step_wait_for_event(const char *value) {
    CK_SLOT_ID slot;
    (void)value;
    return w.m->C_WaitForSlotEvent(0, &slot, NULL);
}

/* Takes all events that are there already: one per slot. */
CK_RV step_drain(const char *value) {
    CK_SLOT_ID slot;
    CK_RV rv;
    (void)value;
    for (int i = 0; i < 100 && (rv = w.m->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL)) == CKR_OK; i++)
        ;
    return rv == CKR_NO_EVENT ? CKR_OK : rv;
}

CK_RV step_poll_once(const char *value) {
    CK_SLOT_ID slot;
    (void)value;
    return w.m->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL);
}

/* As programs do that cannot wait: five seconds at most. */
CK_RV step_poll_for_event(const char *value) {
    CK_SLOT_ID slot;
    CK_RV rv = CKR_NO_EVENT;
    (void)value;
    for (int i = 0; i < 250 && (rv = w.m->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL)) == CKR_NO_EVENT; i++)
        usleep(20000);
    return rv;
}

static void *waiter(void *result) {
    *(CK_RV *)result = step_wait_for_event("");
    return NULL;
}

/* C_Finalize ends a C_WaitForSlotEvent that has waited in another thread for so long. */
static CK_RV finalise_with_waiter(useconds_t delay) {
    pthread_t thread;
    CK_RV waited = CKR_GENERAL_ERROR;
    static char note[48];
    if (pthread_create(&thread, NULL, waiter, &waited) != 0)
        return CKR_HOST_MEMORY;
    usleep(delay);
    CK_RV rv = w.m->C_Finalize(NULL);
    pthread_join(thread, NULL);
    snprintf(note, sizeof note, " %s", p11_name(waited));
    w.note = note;
    return rv;
}

CK_RV step_finalise_under_wait(const char *value) {
    (void)value;
    return finalise_with_waiter(300000);
}

CK_RV step_finalise_at_once(const char *value) {
    static useconds_t delay;
    (void)value;
    delay = (delay + 97) % 2000;
    return finalise_with_waiter(delay);
}

#define THREADS 4
#define SIGNATURES 10

/* Each thread with a session of its own. */
static void *signer(void *right) {
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key, certificate;
    int *count = right;
    if (w.m->C_OpenSession(w.slot, CKF_SERIAL_SESSION, NULL, NULL, &session) != CKR_OK ||
        p11_find(w.m, session, CKO_PRIVATE_KEY, &key) != CKR_OK ||
        p11_find(w.m, session, CKO_CERTIFICATE, &certificate) != CKR_OK)
        return NULL;
    for (int i = 0; i < SIGNATURES; i++) {
        unsigned char signature[512];
        CK_ULONG length = sizeof signature;
        if (p11_sign(w.m, session, key, DATA, signature, &length) == CKR_OK)
            *count += p11_verifies(w.m, session, certificate, DATA, signature, length);
    }
    w.m->C_CloseSession(session);
    return NULL;
}

CK_RV step_sign_in_threads(const char *value) {
    pthread_t threads[THREADS];
    int right[THREADS] = {0}, all = 0;
    static char note[32];
    (void)value;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, signer, &right[i]) != 0)
            return CKR_HOST_MEMORY;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        all += right[i];
    }
    snprintf(note, sizeof note, " %d of %d", all, THREADS * SIGNATURES);
    w.note = note;
    return CKR_OK;
}

CK_RV step_initialise_for_threads(const char *value) {
    CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK};
    (void)value;
    return w.m->C_Initialize(&arguments);
}
