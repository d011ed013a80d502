/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every C_ function with NULL in place of every pointer it needs, in every state of the module. Each function is tried
 * in a process of its own, so that a crash is one failed test. TAP. Usage: arguments MODULE LABEL PIN
 *
 * Then with handles of nothing and of a closed session. Arguments are words, described by letters: S session,
 * N number (1), L length (16), P pointer that must be given, O pointer that may be NULL, X pointer that must
 * be NULL. */
#include "p11.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 8
#define ROW(name, letters) {#name, offsetof(CK_FUNCTION_LIST, name), letters}

static const struct {
    const char *name;
    size_t offset;
    const char *letters;
} rows[] = {
    ROW(C_GetInfo, "P"),
    ROW(C_GetSlotList, "NOP"),
    ROW(C_GetSlotInfo, "NP"),
    ROW(C_GetTokenInfo, "NP"),
    ROW(C_WaitForSlotEvent, "NPX"),
    ROW(C_GetMechanismList, "NOP"),
    ROW(C_GetMechanismInfo, "NNP"),
    ROW(C_InitToken, "NPLP"),
    ROW(C_InitPIN, "SPL"),
    ROW(C_SetPIN, "SPLPL"),
    ROW(C_OpenSession, "NNOOP"),
    ROW(C_CloseSession, "S"),
    ROW(C_CloseAllSessions, "N"),
    ROW(C_GetSessionInfo, "SP"),
    ROW(C_GetOperationState, "SOP"),
    ROW(C_SetOperationState, "SPLNN"),
    ROW(C_Login, "SNPL"),
    ROW(C_Logout, "S"),
    ROW(C_CreateObject, "SPLP"),
    ROW(C_CopyObject, "SNPLP"),
    ROW(C_DestroyObject, "SN"),
    ROW(C_GetObjectSize, "SNP"),
    ROW(C_GetAttributeValue, "SNPL"),
    ROW(C_SetAttributeValue, "SNPL"),
    ROW(C_FindObjectsInit, "SPL"),
    ROW(C_FindObjects, "SPLP"),
    ROW(C_FindObjectsFinal, "S"),
    ROW(C_EncryptInit, "SPN"),
    ROW(C_Encrypt, "SPLOP"),
    ROW(C_EncryptUpdate, "SPLOP"),
    ROW(C_EncryptFinal, "SOP"),
    ROW(C_DecryptInit, "SPN"),
    ROW(C_Decrypt, "SPLOP"),
    ROW(C_DecryptUpdate, "SPLOP"),
    ROW(C_DecryptFinal, "SOP"),
    ROW(C_DigestInit, "SP"),
    ROW(C_Digest, "SPLOP"),
    ROW(C_DigestUpdate, "SPL"),
    ROW(C_DigestKey, "SN"),
    ROW(C_DigestFinal, "SOP"),
    ROW(C_SignInit, "SPN"),
    ROW(C_Sign, "SPLOP"),
    ROW(C_SignUpdate, "SPL"),
    ROW(C_SignFinal, "SOP"),
    ROW(C_SignRecoverInit, "SPN"),
    ROW(C_SignRecover, "SPLOP"),
    ROW(C_VerifyInit, "SPN"),
    ROW(C_Verify, "SPLPL"),
    ROW(C_VerifyUpdate, "SPL"),
    ROW(C_VerifyFinal, "SPL"),
    ROW(C_VerifyRecoverInit, "SPN"),
    ROW(C_VerifyRecover, "SPLOP"),
    ROW(C_DigestEncryptUpdate, "SPLOP"),
    ROW(C_DecryptDigestUpdate, "SPLOP"),
    ROW(C_SignEncryptUpdate, "SPLOP"),
    ROW(C_DecryptVerifyUpdate, "SPLOP"),
    ROW(C_GenerateKey, "SPPLP"),
    ROW(C_GenerateKeyPair, "SPPLPLPP"),
    ROW(C_WrapKey, "SPNNOP"),
    ROW(C_UnwrapKey, "SPNPLPLP"),
    ROW(C_DeriveKey, "SPNPLP"),
    ROW(C_SeedRandom, "SPL"),
    ROW(C_GenerateRandom, "SPL"),
    ROW(C_GetFunctionStatus, "S"),
    ROW(C_CancelFunction, "S"),
};

static CK_FUNCTION_LIST_PTR m;
static const char *label, *pin;
static unsigned char filler[4096]; /* zeros: what a P or O points at, as a mechanism, a template, a length */
static size_t row;

typedef unsigned long word;

static CK_RV call(const word a[MOST]) {
    CK_RV (*function)(word, word, word, word, word, word, word, word);
    memcpy(&function, (const char *)m + rows[row].offset, sizeof function);
    return function(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
}

static void good_arguments(CK_SESSION_HANDLE session, word a[MOST]) {
    memset(a, 0, MOST * sizeof *a);
    for (size_t i = 0; rows[row].letters[i] != 0; i++) {
        switch (rows[row].letters[i]) {
        case 'S': a[i] = session; break;
        case 'N': a[i] = 1; break;
        case 'L': a[i] = 16; break;
        case 'X': a[i] = 0; break;
        default: a[i] = (word)filler;
        }
    }
}

static int expect(CK_RV rv, CK_RV wanted, const char *state, int argument) {
    if (rv == wanted)
        return 0;
    printf("# %s %s, argument %d: %s, expected ", rows[row].name, state, argument + 1, p11_name(rv));
    printf("%s\n", p11_name(wanted));
    return 1;
}

/* NULL for one P after the other, something for one X after the other; then everything NULL that is a pointer. */
static int sweep(CK_SESSION_HANDLE session, const char *state, CK_RV wanted) {
    word a[MOST];
    int failures = 0;
    for (int i = 0; rows[row].letters[i] != 0; i++) {
        char letter = rows[row].letters[i];
        good_arguments(session, a);
        if (letter != 'P' && letter != 'X')
            continue;
        a[i] = letter == 'P' ? 0 : (word)filler;
        failures += expect(call(a), wanted, state, i);
    }
    good_arguments(session, a);
    for (int i = 0; rows[row].letters[i] != 0; i++)
        if (strchr("PO", rows[row].letters[i]) != NULL)
            a[i] = 0;
    if (strchr(rows[row].letters, 'P') != NULL)
        failures += expect(call(a), wanted, state, -1);
    return failures;
}

/* Operations under way, so that the functions that continue them get past their first checks. */
static void begin_operations(CK_SESSION_HANDLE session) {
    CK_MECHANISM digest = {CKM_SHA256, NULL, 0}, rsa = {CKM_SHA256_RSA_PKCS, NULL, 0};
    CK_OBJECT_HANDLE key;
    m->C_Login(session, CKU_USER, (CK_BYTE_PTR)pin, strlen(pin));
    if (p11_find(m, session, CKO_PRIVATE_KEY, &key) != CKR_OK || key == CK_INVALID_HANDLE)
        puts("# no key: less is tested");
    m->C_DigestInit(session, &digest);
    m->C_SignInit(session, &rsa, key);
    m->C_FindObjectsInit(session, NULL, 0);
}

/* Handles that were never given, and the one of a session that is closed: with good arguments otherwise. What a
 * function makes of them is its own; but it must say something, and a function with a session must not work. */
static int stale_handles(CK_SESSION_HANDLE closed, CK_SESSION_HANDLE open) {
    const word handles[] = {closed, 0, 1, ~0UL, (word)filler};
    int failures = 0;
    word a[MOST];
    bool has_session = rows[row].letters[0] == 'S';
    for (size_t h = 0; h < sizeof handles / sizeof *handles; h++) {
        good_arguments(has_session ? handles[h] : open, a);
        for (int i = 0; rows[row].letters[i] != 0; i++)
            if (rows[row].letters[i] == 'N' && rows[row].offset != offsetof(CK_FUNCTION_LIST, C_GetSlotList) &&
                rows[row].offset != offsetof(CK_FUNCTION_LIST, C_WaitForSlotEvent))
                a[i] = handles[h];
        CK_RV rv = call(a);
        if (has_session && rv == CKR_OK)
            failures += expect(rv, CKR_SESSION_HANDLE_INVALID, "with a stale session", 0);
        if (!has_session)
            continue;
        good_arguments(open, a); /* a session that lives, but objects and slots that do not */
        for (int i = 1; rows[row].letters[i] != 0; i++)
            if (rows[row].letters[i] == 'N')
                a[i] = handles[h];
        if (strchr(rows[row].letters + 1, 'N') != NULL)
            call(a);
    }
    return failures;
}

/* A template that claims a value and has none, or has one of the length that C_GetAttributeValue leaves behind for a value
 * that there is not. */
static int hollow_template(CK_SESSION_HANDLE session) {
    CK_ATTRIBUTE hollow[] = {{CKA_LABEL, NULL, 16}, {CKA_LABEL, filler, CK_UNAVAILABLE_INFORMATION}};
    CK_OBJECT_HANDLE object;
    int failures = 0;
    row = 0;
    for (size_t i = 0; i < sizeof hollow / sizeof *hollow; i++)
        failures += expect(m->C_CreateObject(session, &hollow[i], 1, &object), CKR_ARGUMENTS_BAD,
                           "hollow template, C_CreateObject", 1) +
                    expect(m->C_FindObjectsInit(session, &hollow[i], 1), CKR_ARGUMENTS_BAD,
                           "hollow template, C_FindObjectsInit", 1);
    return failures;
}

static int try_row(void) {
    word a[MOST];
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE session;
    char serial[17];
    good_arguments(1, a);
    int failures = expect(call(a), CKR_CRYPTOKI_NOT_INITIALIZED, "before C_Initialize", -1);
    failures += sweep(1, "before C_Initialize", CKR_CRYPTOKI_NOT_INITIALIZED);
    if (m->C_Initialize(NULL) != CKR_OK)
        return puts("# C_Initialize fails"), 1;
    failures += sweep(0, "without a session", CKR_ARGUMENTS_BAD);
    if (p11_find_token(m, label, &slot, serial) != CKR_OK ||
        m->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session) != CKR_OK)
        return puts("# no token"), 1;
    failures += sweep(session, "in a session", CKR_ARGUMENTS_BAD);
    begin_operations(session);
    failures += sweep(session, "in the middle of operations", CKR_ARGUMENTS_BAD);
    CK_SESSION_HANDLE closed;
    if (m->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &closed) != CKR_OK ||
        m->C_CloseSession(closed) != CKR_OK)
        failures += puts("# no second session") != 0;
    failures += stale_handles(closed, session);
    failures += row == 0 ? hollow_template(session) : 0;
    if (m->C_Finalize(NULL) != CKR_OK)
        failures += puts("# C_Finalize fails") != 0;
    good_arguments(1, a);
    return failures + expect(call(a), CKR_CRYPTOKI_NOT_INITIALIZED, "after C_Finalize", -1);
}

/* The four that are not rows: they work before C_Initialize, or are it. */
static int try_beginnings(void) {
    CK_C_INITIALIZE_ARGS reserved = {.pReserved = filler}, half = {.flags = 0};
    CK_FUNCTION_LIST_PTR list;
    half.CreateMutex = (CK_CREATEMUTEX)(void *)abort;
    int failures = 0;
    failures += expect(m->C_GetFunctionList(NULL), CKR_ARGUMENTS_BAD, "C_GetFunctionList", 0);
    failures += expect(m->C_GetFunctionList(&list), CKR_OK, "C_GetFunctionList", 0);
    failures += expect(m->C_Finalize(NULL), CKR_CRYPTOKI_NOT_INITIALIZED, "C_Finalize", 0);
    failures += expect(m->C_Finalize(filler), CKR_ARGUMENTS_BAD, "C_Finalize", 0);
    failures += expect(m->C_Initialize(&reserved), CKR_ARGUMENTS_BAD, "C_Initialize, pReserved", 0);
    failures += expect(m->C_Initialize(&half), CKR_ARGUMENTS_BAD, "C_Initialize, one mutex function", 0);
    failures += expect(m->C_Initialize(NULL), CKR_OK, "C_Initialize", 0);
    failures += expect(m->C_Initialize(NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED, "C_Initialize twice", 0);
    failures += expect(m->C_Finalize(filler), CKR_ARGUMENTS_BAD, "C_Finalize", 0);
    failures += expect(m->C_Finalize(NULL), CKR_OK, "C_Finalize", 0);
    failures += expect(m->C_Initialize(NULL), CKR_OK, "C_Initialize again", 0);
    return failures + expect(m->C_Finalize(NULL), CKR_OK, "C_Finalize again", 0);
}

static bool survives(int (*test)(void)) {
    int status = -1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(30);
        int failures = test();
        fflush(stdout);
        _exit(failures > 0);
    }
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status))
        printf("# signal %d\n", WTERMSIG(status));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int count, char **arguments) {
    size_t number = sizeof rows / sizeof *rows, failed = 0;
    if (count != 4)
        return 2;
    m = p11_load(arguments[1]);
    label = arguments[2];
    pin = arguments[3];
    printf("1..%zu\n", number + 1);
    bool good = survives(try_beginnings);
    printf("%sok 1 - C_Initialize, C_Finalize, C_GetFunctionList\n", good ? "" : "not ");
    failed += !good;
    for (row = 0; row < number; row++) {
        good = survives(try_row);
        printf("%sok %zu - %s\n", good ? "" : "not ", row + 2, rows[row].name);
        failed += !good;
    }
    return failed > 0;
}
