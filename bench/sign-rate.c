/* How many RSA signatures a second a token makes through PKCS #11: C_SignInit and C_Sign, CKM_SHA256_RSA_PKCS, one
 * thread, logged in once.
 *
 *   sign-rate MODULE TOKEN-LABEL SECONDS     the PIN in BENCH_PIN; prints "sign MEDIAN P99 COUNT" in microseconds and
 *                                            "rate SIGNATURES-PER-SECOND" */
#include "samples.h"
#include "tests/pkcs11/p11.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WARM_UP 3

static CK_FUNCTION_LIST_PTR m;

static void must(const char *what, CK_RV rv) {
    if (rv == CKR_OK)
        return;
    fprintf(stderr, "sign-rate: %s: %s\n", what, p11_name(rv));
    exit(1);
}

static void sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key) {
    unsigned char signature[512];
    CK_ULONG length = sizeof signature;
    must("signature", p11_sign(m, session, key, "what is signed here is not the point", signature, &length));
}

int main(int argc, char **argv) {
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    samples times = {0};
    char serial[17], *pin = getenv("BENCH_PIN");
    if (argc != 4 || pin == NULL) {
        fputs("usage: BENCH_PIN=PIN sign-rate MODULE TOKEN-LABEL SECONDS\n", stderr);
        return 2;
    }
    m = p11_load(argv[1]);
    must("C_Initialize", m->C_Initialize(NULL));
    must("token", p11_find_token(m, argv[2], &slot, serial));
    must("C_OpenSession", m->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session));
    must("C_Login", m->C_Login(session, CKU_USER, (CK_BYTE_PTR)pin, strlen(pin)));
    must("key", p11_find(m, session, CKO_PRIVATE_KEY, &key));
    for (int i = 0; i < WARM_UP; i++)
        sign(session, key);
    double begun = samples_now_us(), end = begun + strtod(argv[3], NULL) * 1e6, now = begun;
    while (now < end) {
        sign(session, key);
        double then = now;
        now = samples_now_us();
        samples_add(&times, now - then);
    }
    double rate = (double)times.count / (now - begun) * 1e6;
    samples_print(&times, "sign");
    printf("rate %.1f\n", rate);
    m->C_Finalize(NULL);
    return 0;
}
