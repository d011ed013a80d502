/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program that has logged in ends, in one of the ways that programs end in.
 * Usage: finalising MODULE LABEL PIN WAY. Exit status 0: every call gave what it should. */
#include "p11.h"

#include <dlfcn.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *path, *label, *pin;
static CK_FUNCTION_LIST_PTR m;
static CK_SESSION_HANDLE session;
static CK_OBJECT_HANDLE key;
static bool finalises_in_destructor;

static void must(const char *what, CK_RV rv) {
    if (rv == CKR_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, p11_name(rv));
    _exit(1);
}

/* The hash is made: nothing here depends on what this process's OpenSSL can do. */
static void sign(void) {
    static unsigned char digest_info[51] = {0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                            0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    unsigned char signature[256];
    CK_ULONG length = sizeof signature;
    CK_MECHANISM method = {CKM_RSA_PKCS, NULL, 0};
    must("C_SignInit", m->C_SignInit(session, &method, key));
    must("C_Sign", m->C_Sign(session, digest_info, sizeof digest_info, signature, &length));
}

static void start(void) {
    CK_SLOT_ID slot = 0;
    char serial[17];
    must("C_Initialize", m->C_Initialize(NULL));
    must("the token", p11_find_token(m, label, &slot, serial));
    must("C_OpenSession", m->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session));
    must("C_Login", m->C_Login(session, CKU_USER, (CK_BYTE_PTR)pin, strlen(pin)));
    must("the key", p11_find(m, session, CKO_PRIVATE_KEY, &key));
    sign();
}

static void finalise(void) {
    must("C_Finalize", m->C_Finalize(NULL));
}

static void sign_and_finalise(void) {
    sign();
    finalise();
}

/* Destructors of ELF files run after all handlers of exit, OpenSSL's among them. */
__attribute__((destructor)) static void destructor(void) {
    if (finalises_in_destructor)
        finalise();
}

static void finalise_in_destructor(void) {
    finalises_in_destructor = true;
}

static void finalise_at_exit(void) {
    atexit(finalise);
}

static void finalise_without_openssl(void) {
    OPENSSL_cleanup();
    finalise();
}

static void sign_without_openssl(void) {
    OPENSSL_cleanup();
    sign_and_finalise();
}

static void with_child(void (*run)(void)) {
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        run();
        exit(0);
    }
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "the child ended with %x\n", (unsigned)status);
        _exit(1);
    }
}

static void try_to_finalise(void) {
    if (m->C_Finalize(NULL) != CKR_CRYPTOKI_NOT_INITIALIZED)
        _exit(1);
}

static void start_and_finalise(void) {
    start();
    finalise();
}

static void child_ends(void) {
    with_child(try_to_finalise);
    sign_and_finalise();
}

/* The child may take away what the parent was allowed to do (docs/interfaces/pkcs11.md). */
static void child_works(void) {
    with_child(start_and_finalise);
    finalise();
}

/* As nginx's workers are; only the way to this test's readers stays. */
static void start_without_environment(void) {
    char *socket = strdup(getenv("PCSCLITE_CSOCK_NAME"));
    clearenv();
    setenv("PCSCLITE_CSOCK_NAME", socket, 1);
    free(socket);
    start_and_finalise();
}

static void child_without_environment(void) {
    with_child(start_without_environment);
    finalise();
}

static void unload(void) {
    void *library = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
    dlclose(library);
    dlclose(library); /* p11_load's */
}

static void finalise_and_unload(void) {
    finalise();
    unload();
}

static void nothing(void) {
}

static void die(void) {
    kill(getpid(), SIGKILL);
}

static const struct {
    const char *name;
    void (*before)(void), (*after)(void); /* the module is loaded; after the first signature */
} ways[] = {
    {"finalise", nothing, finalise},
    {"late-exit-handler", finalise_at_exit, nothing}, /* registered first, so it runs last */
    {"early-exit-handler", nothing, finalise_at_exit},
    {"destructor", nothing, finalise_in_destructor},
    {"after-openssl", nothing, finalise_without_openssl},
    {"signing-after-openssl", nothing, sign_without_openssl},
    {"child-ends", nothing, child_ends},
    {"child-works", nothing, child_works},
    {"child-without-environment", nothing, child_without_environment},
    {"unload", nothing, finalise_and_unload},
    {"unload-alone", nothing, unload},
    {"nothing", nothing, nothing},
    {"killed", nothing, die},
};

int main(int count, char **arguments) {
    if (count != 5)
        return 2;
    path = arguments[1], label = arguments[2], pin = arguments[3];
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(ways[i].name, arguments[4]) != 0)
            continue;
        ways[i].before();
        m = p11_load(path);
        start();
        ways[i].after();
        return 0;
    }
    return 2;
}
