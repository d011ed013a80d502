/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One program that uses the institution key of a Secure Element, alone or beside others, each a process of its own.
 *
 *   relay_sign sign MODULE MESSAGE UNTIL    C_SignInit and C_Sign of the message in that file, again and again until that
 *                                         time (seconds since 1970), its own start included. Prints "COUNT MEDIAN P95", the
 *                                         times in microseconds
 *   relay_sign look MODULE SECONDS          as an idle terminal: finds and reads the object "SE state" four times a
 *                                         second; prints how often it could
 *   relay_sign idle MODULE SECONDS          opens a session, and does nothing
 *
 * BENCH_PIN: the SE's PIN, when it asks for one. */
#include "samples.h"
#include "tests/pkcs11/p11.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE_MAX 4096
#define LOOK_US 250000

static CK_FUNCTION_LIST_PTR m;
static CK_SESSION_HANDLE session;

static void must(const char *what, CK_RV rv) {
    if (rv == CKR_OK)
        return;
    fprintf(stderr, "relay_sign: %s: %s\n", what, p11_name(rv));
    exit(1);
}

/* The SE's is the only token that is seen here. */
static void open_session(void) {
    CK_SLOT_ID slots[16];
    CK_ULONG count = 16;
    char *pin = getenv("BENCH_PIN");
    must("C_GetSlotList", m->C_GetSlotList(CK_TRUE, slots, &count));
    must("token", count > 0 ? CKR_OK : CKR_TOKEN_NOT_PRESENT);
    must("C_OpenSession", m->C_OpenSession(slots[0], CKF_SERIAL_SESSION, NULL, NULL, &session));
    if (pin != NULL)
        must("C_Login", m->C_Login(session, CKU_USER, (CK_BYTE_PTR)pin, strlen(pin)));
}

static CK_OBJECT_HANDLE find(CK_OBJECT_CLASS class, const char *label) {
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof class}, {CKA_LABEL, (void *)(size_t)label, strlen(label)}};
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    CK_ULONG count = 0;
    must("C_FindObjectsInit", m->C_FindObjectsInit(session, wanted, 2));
    must("C_FindObjects", m->C_FindObjects(session, &object, 1, &count));
    must("C_FindObjectsFinal", m->C_FindObjectsFinal(session));
    must(label, count == 1 ? CKR_OK : CKR_OBJECT_HANDLE_INVALID);
    return object;
}

static double real_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void sign_until(const char *path, double until) {
    CK_BYTE message[MESSAGE_MAX], signature[512];
    CK_MECHANISM method = {CKM_SHA256_RSA_PKCS, NULL, 0};
    samples times = {0};
    FILE *file = fopen(path, "rb");
    const size_t length = file != NULL ? fread(message, 1, sizeof message, file) : 0;
    const CK_OBJECT_HANDLE key = find(CKO_PRIVATE_KEY, "institution");
    while (real_time() < until) {
        CK_ULONG size = sizeof signature;
        const double begun = samples_now_us();
        must("C_SignInit", m->C_SignInit(session, &method, key));
        must("C_Sign", m->C_Sign(session, message, length, signature, &size));
        samples_add(&times, samples_now_us() - begun);
    }
    printf("%zu %.1f %.1f\n", times.count, samples_share(&times, 0.5), samples_share(&times, 0.95));
}

static void look(double seconds) {
    CK_BYTE value[256];
    long count = 0;
    for (const double until = real_time() + seconds; real_time() < until; count++) {
        CK_ATTRIBUTE asked = {CKA_VALUE, value, sizeof value};
        must("C_GetAttributeValue", m->C_GetAttributeValue(session, find(CKO_DATA, "SE state"), &asked, 1));
        usleep(LOOK_US);
    }
    printf("%ld\n", count);
}

int main(int argc, char **argv) {
    CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK};
    if (argc < 4)
        return 2;
    m = p11_load(argv[2]);
    must("C_Initialize", m->C_Initialize(&arguments));
    open_session();
    if (strcmp(argv[1], "sign") == 0 && argc == 5)
        sign_until(argv[3], strtod(argv[4], NULL));
    else if (strcmp(argv[1], "look") == 0)
        look(strtod(argv[3], NULL));
    else if (strcmp(argv[1], "idle") == 0)
        usleep((useconds_t)(strtod(argv[3], NULL) * 1e6));
    m->C_Finalize(NULL);
    return 0;
}
