/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server forks: what holds in the parent does not hold in the child, and the child harms nothing. TAP.
 * Usage: forking MODULE LABEL PIN */
#include "p11.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static CK_FUNCTION_LIST_PTR m;
static const char *label, *pin;
static CK_SESSION_HANDLE session;
static CK_OBJECT_HANDLE key;
static int number, failed;

static void is(const char *name, CK_RV got, CK_RV wanted) {
    bool good = got == wanted;
    failed += !good;
    printf("%sok %d - %s\n", good ? "" : "not ", ++number, name);
    if (!good)
        printf("# got %s\n", p11_name(got));
    fflush(stdout);
}

static CK_RV sign(void) {
    unsigned char signature[512];
    CK_ULONG length = sizeof signature;
    return p11_sign(m, session, key, "forked", signature, &length);
}

static CK_RV login(void) {
    CK_RV rv = m->C_Login(session, CKU_USER, (CK_BYTE_PTR)pin, strlen(pin));
    return rv != CKR_OK ? rv : p11_find(m, session, CKO_PRIVATE_KEY, &key);
}

static CK_RV start(void) {
    CK_SLOT_ID slot;
    char serial[17];
    CK_RV rv = m->C_Initialize(NULL);
    if (rv == CKR_OK)
        rv = p11_find_token(m, label, &slot, serial);
    if (rv == CKR_OK)
        rv = m->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session);
    return rv != CKR_OK ? rv : login();
}

/* Only looks; ends through exit, with all handlers. */
static void idle_child(void) {
    CK_INFO info;
    is("child: C_GetInfo", m->C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
    is("child: C_Sign with the parent's session", sign(), CKR_CRYPTOKI_NOT_INITIALIZED);
    is("child: C_Logout of the parent", m->C_Logout(session), CKR_CRYPTOKI_NOT_INITIALIZED);
    is("child: C_Finalize", m->C_Finalize(NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
}

static void busy_child(void) {
    is("child: initialises itself and logs in", start(), CKR_OK);
    is("child: signs", sign(), CKR_OK);
    is("child: finalises", m->C_Finalize(NULL), CKR_OK);
}

static void with_child(const char *name, void (*run)(void), int tests) {
    int status = -1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(30);
        failed = 0;
        run();
        exit(failed);
    }
    waitpid(child, &status, 0);
    number += tests;
    failed += !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    is(name, WIFEXITED(status) ? CKR_OK : CKR_GENERAL_ERROR, CKR_OK);
}

int main(int count, char **arguments) {
    if (count != 4)
        return 2;
    m = p11_load(arguments[1]);
    label = arguments[2];
    pin = arguments[3];
    is("parent: logs in", start(), CKR_OK);
    is("parent: signs", sign(), CKR_OK);
    with_child("an idle child ends in order", idle_child, 4);
    is("parent: signs without logging in again", sign(), CKR_OK);
    with_child("a busy child ends in order", busy_child, 3);
    /* The child has selected the application, and that takes the card's rights away, whoever had them. */
    is("parent: is told that its login is gone", sign(), CKR_USER_NOT_LOGGED_IN);
    is("parent: logs in again", login(), CKR_OK);
    is("parent: signs again", sign(), CKR_OK);
    with_child("another busy child", busy_child, 3);
    is("parent: finalises", m->C_Finalize(NULL), CKR_OK);
    is("parent: starts again", start(), CKR_OK);
    is("parent: signs after that", sign(), CKR_OK);
    is("parent: ends", m->C_Finalize(NULL), CKR_OK);
    printf("1..%d\n", number);
    return failed > 0;
}
