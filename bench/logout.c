/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What C_Logout costs: C_Login, a signature, C_Logout, again and again; all three are timed together, and the last alone.
 *
 *   logout MODULE TOKEN-LABEL COUNT     the PIN in BENCH_PIN; prints "whole MEDIAN P99 COUNT" in microseconds, "logout"
 *                                       likewise, then "before" and "after" round one more C_Logout, and waits for a
 *                                       line after each, so that a script can count what the card was sent */
#include "samples.h"
#include "tests/pkcs11/p11.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static CK_FUNCTION_LIST_PTR m;
static CK_SESSION_HANDLE session;

static void must(const char *what, CK_RV rv) {
    if (rv == CKR_OK)
        return;
    fprintf(stderr, "logout: %s: %s\n", what, p11_name(rv));
    exit(1);
}

static void use(char *pin) {
    unsigned char signature[512];
    CK_ULONG length = sizeof signature;
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    must("C_Login", m->C_Login(session, CKU_USER, (CK_BYTE_PTR)pin, strlen(pin)));
    must("key", p11_find(m, session, CKO_PRIVATE_KEY, &key));
    must("signature", p11_sign(m, session, key, "what is signed here is not the point", signature, &length));
}

static double log_out(void) {
    double begun = samples_now_us();
    must("C_Logout", m->C_Logout(session));
    return samples_now_us() - begun;
}

static void show(const char *word) {
    puts(word);
    fflush(stdout);
    for (int c = getchar(); c != '\n' && c != EOF; c = getchar())
        ;
}

int main(int argc, char **argv) {
    samples times = {0}, whole = {0};
    CK_SLOT_ID slot;
    char serial[17], *pin = getenv("BENCH_PIN");
    if (argc != 4 || pin == NULL) {
        fputs("usage: BENCH_PIN=PIN logout MODULE TOKEN-LABEL COUNT\n", stderr);
        return 2;
    }
    m = p11_load(argv[1]);
    must("C_Initialize", m->C_Initialize(NULL));
    must("token", p11_find_token(m, argv[2], &slot, serial));
    must("C_OpenSession", m->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session));
    for (long left = strtol(argv[3], NULL, 10); left > 0; left--) {
        double begun = samples_now_us();
        use(pin);
        samples_add(&times, log_out());
        samples_add(&whole, samples_now_us() - begun);
    }
    samples_print(&whole, "whole");
    samples_print(&times, "logout");
    use(pin);
    show("before");
    log_out();
    show("after");
    m->C_Finalize(NULL);
    return 0;
}
