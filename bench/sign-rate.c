/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How many RSA signatures a second a token makes through PKCS #11: C_SignInit and C_Sign, CKM_SHA256_RSA_PKCS, logged
 * in once, each thread with a session of its own.
 *
 *   sign-rate MODULE TOKEN-LABEL SECONDS THREADS     the PIN in BENCH_PIN; prints "sign MEDIAN P99 COUNT"
 *                                                  in microseconds
 *                                                    and "rate SIGNATURES-PER-SECOND", of all threads together */
#include "samples.h"
#include "tests/pkcs11/p11.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WARM_UP 3
#define THREADS_MAX 64

typedef struct signer {
    pthread_t thread;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key;
    samples times;
} signer;

static CK_FUNCTION_LIST_PTR m;
static CK_SLOT_ID slot;
static double ends;
static pthread_barrier_t start;

static void must(const char *what, CK_RV rv) {
    if (rv == CKR_OK)
        return;
    fprintf(stderr, "sign-rate: %s: %s\n", what, p11_name(rv));
    exit(1);
}

static void sign(const signer *s) {
    unsigned char signature[512];
    CK_ULONG length = sizeof signature;
    must("signature", p11_sign(m, s->session, s->key, "what is signed here is not the point", signature, &length));
}

static void *work(void *one) {
    signer *s = one;
    for (int i = 0; i < WARM_UP; i++)
        sign(s);
    pthread_barrier_wait(&start); /* warm */
    pthread_barrier_wait(&start); /* the end is known */
    for (double now = samples_now_us(); now < ends;) {
        sign(s);
        double then = now;
        now = samples_now_us();
        samples_add(&s->times, now - then);
    }
    return NULL;
}

static void open_sessions(signer *signers, long count, char *pin) {
    for (long i = 0; i < count; i++) {
        signers[i].key = CK_INVALID_HANDLE;
        must("C_OpenSession", m->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &signers[i].session));
        if (i == 0)
            must("C_Login", m->C_Login(signers[0].session, CKU_USER, (CK_BYTE_PTR)pin, strlen(pin)));
        must("key", p11_find(m, signers[i].session, CKO_PRIVATE_KEY, &signers[i].key));
    }
}

/* Signatures a second. */
static double run(signer *signers, long count, double seconds, samples *all) {
    pthread_barrier_init(&start, NULL, (unsigned)count + 1);
    for (long i = 0; i < count; i++)
        if (pthread_create(&signers[i].thread, NULL, work, &signers[i]) != 0)
            exit(1);
    pthread_barrier_wait(&start);
    double begun = samples_now_us();
    ends = begun + seconds * 1e6;
    pthread_barrier_wait(&start);
    for (long i = 0; i < count; i++) {
        pthread_join(signers[i].thread, NULL);
        for (size_t n = 0; n < signers[i].times.count; n++)
            samples_add(all, signers[i].times.values[n]);
    }
    return (double)all->count / (samples_now_us() - begun) * 1e6;
}

int main(int argc, char **argv) {
    static signer signers[THREADS_MAX];
    CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK};
    samples times = {0};
    char serial[17], *pin = getenv("BENCH_PIN");
    long count = argc == 5 ? strtol(argv[4], NULL, 10) : 0;
    if (count < 1 || count > THREADS_MAX || pin == NULL) {
        fputs("usage: BENCH_PIN=PIN sign-rate MODULE TOKEN-LABEL SECONDS THREADS\n", stderr);
        return 2;
    }
    m = p11_load(argv[1]);
    must("C_Initialize", m->C_Initialize(&arguments));
    must("token", p11_find_token(m, argv[2], &slot, serial));
    open_sessions(signers, count, pin);
    double rate = run(signers, count, strtod(argv[3], NULL), &times);
    samples_print(&times, "sign");
    printf("rate %.1f\n", rate);
    m->C_Finalize(NULL);
    return 0;
}
