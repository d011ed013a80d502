/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One of several processes, or several threads of one, that sign with the same key. TAP-less: prints
 * "signed N of M, wrong W, logins L" and ends with status 0 when all M signatures are there and verify.
 *
 *   contention MODULE LABEL PIN SIGNATURES THREADS
 *
 * A login that another process has taken away is made again; C_Logout of one ends the rights of all. */
#include "p11.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS_MAX 16
#define TEXT "one of many"

static CK_FUNCTION_LIST_PTR m;
static CK_SLOT_ID slot;
static const char *pin;
static int wanted;
static atomic_int signed_all, wrong, logins;
static pthread_mutex_t login_once = PTHREAD_MUTEX_INITIALIZER;

static CK_RV login(CK_SESSION_HANDLE session) {
    pthread_mutex_lock(&login_once);
    CK_RV rv = m->C_Login(session, CKU_USER, (CK_BYTE_PTR)pin, strlen(pin));
    if (rv == CKR_USER_ALREADY_LOGGED_IN) {
        m->C_Logout(session);
        rv = m->C_Login(session, CKU_USER, (CK_BYTE_PTR)pin, strlen(pin));
    }
    atomic_fetch_add(&logins, 1);
    pthread_mutex_unlock(&login_once);
    return rv;
}

static CK_RV sign_once(CK_SESSION_HANDLE session) {
    unsigned char signature[512];
    CK_ULONG length = sizeof signature;
    CK_OBJECT_HANDLE key, certificate;
    CK_RV rv = p11_find(m, session, CKO_PRIVATE_KEY, &key);
    if (rv == CKR_OK && key == CK_INVALID_HANDLE)
        return CKR_USER_NOT_LOGGED_IN;
    if (rv == CKR_OK)
        rv = p11_sign(m, session, key, TEXT, signature, &length);
    if (rv == CKR_OK)
        rv = p11_find(m, session, CKO_CERTIFICATE, &certificate);
    if (rv == CKR_OK && !p11_verifies(m, session, certificate, TEXT, signature, length))
        atomic_fetch_add(&wrong, 1);
    return rv;
}

static void *worker(void *nothing) {
    CK_SESSION_HANDLE session;
    int done = 0;
    if (m->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session) != CKR_OK)
        return nothing;
    for (int tries = 0; done < wanted && tries < 50 * wanted; tries++) {
        CK_RV rv = sign_once(session);
        if (rv == CKR_OK)
            done++;
        else if (rv == CKR_USER_NOT_LOGGED_IN || rv == CKR_KEY_HANDLE_INVALID || rv == CKR_OBJECT_HANDLE_INVALID)
            rv = login(session);
        if (rv != CKR_OK)
            fprintf(stderr, "# %s\n", p11_name(rv));
    }
    atomic_fetch_add(&signed_all, done);
    m->C_CloseSession(session);
    return NULL;
}

int main(int count, char **arguments) {
    pthread_t threads[THREADS_MAX];
    CK_C_INITIALIZE_ARGS locking = {.flags = CKF_OS_LOCKING_OK};
    char serial[17];
    int number = count == 6 ? atoi(arguments[5]) : 0;
    if (number < 1 || number > THREADS_MAX)
        return 2;
    m = p11_load(arguments[1]);
    pin = arguments[3];
    wanted = atoi(arguments[4]);
    if (m->C_Initialize(&locking) != CKR_OK || p11_find_token(m, arguments[2], &slot, serial) != CKR_OK)
        return puts("no token"), 1;
    /* Once for all threads, which find themselves logged in. */
    CK_SESSION_HANDLE first;
    if (m->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &first) != CKR_OK || login(first) != CKR_OK)
        return puts("no login"), 1;
    for (int i = 0; i < number; i++)
        if (pthread_create(&threads[i], NULL, worker, NULL) != 0)
            return 1;
    for (int i = 0; i < number; i++)
        pthread_join(threads[i], NULL);
    CK_RV rv = m->C_Finalize(NULL);
    printf("signed %d of %d, wrong %d, logins %d\n", signed_all, number * wanted, wrong, logins);
    return rv != CKR_OK || signed_all != number * wanted || wrong > 0;
}
