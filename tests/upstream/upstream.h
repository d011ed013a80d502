/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the reproducers of this folder share. They are clients of a PKCS #11 module and of PC/SC like any other, and
 * depend on nothing of Uketsuke's:  cc NAME.c $(pkg-config --cflags p11-kit-1 libpcsclite) -ldl -lpcsclite
 *
 * A program prints what happened, then what the standard says. Exit status: 0 the fault is absent, 1 it is present,
 * 2 it could not be tried. A line that begins with "> " is a request to who sits at the reader; the program goes on
 * when it gets a line. */
#pragma once

#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSION_FLAGS (CKF_SERIAL_SESSION | CKF_RW_SESSION)
#define NAMED(value) {value, #value}

static inline const char *rv_name(CK_RV rv) {
    static const struct {
        CK_RV rv;
        const char *name;
    } names[] = {
        NAMED(CKR_OK),
        NAMED(CKR_SLOT_ID_INVALID),
        NAMED(CKR_GENERAL_ERROR),
        NAMED(CKR_FUNCTION_FAILED),
        NAMED(CKR_ARGUMENTS_BAD),
        NAMED(CKR_NO_EVENT),
        NAMED(CKR_DEVICE_ERROR),
        NAMED(CKR_DEVICE_REMOVED),
        NAMED(CKR_MECHANISM_PARAM_INVALID),
        NAMED(CKR_OBJECT_HANDLE_INVALID),
        NAMED(CKR_OPERATION_NOT_INITIALIZED),
        NAMED(CKR_PIN_INCORRECT),
        NAMED(CKR_SESSION_HANDLE_INVALID),
        NAMED(CKR_TOKEN_NOT_PRESENT),
        NAMED(CKR_TOKEN_NOT_RECOGNIZED),
        NAMED(CKR_USER_ALREADY_LOGGED_IN),
        NAMED(CKR_USER_NOT_LOGGED_IN),
        NAMED(CKR_USER_PIN_NOT_INITIALIZED),
        NAMED(CKR_USER_TYPE_INVALID),
        NAMED(CKR_USER_ANOTHER_ALREADY_LOGGED_IN),
    };
    static char number[24];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].rv == rv)
            return names[i].name;
    snprintf(number, sizeof number, "0x%lx", rv);
    return number;
}

/* Prints and passes on what a call returned. */
static inline CK_RV said(const char *call, CK_RV rv) {
    printf("%s: %s\n", call, rv_name(rv));
    fflush(stdout);
    return rv;
}

static inline void cannot_try(const char *why) {
    printf("could not be tried: %s\n", why);
    exit(2);
}

/* For what has to succeed before the fault can show itself. */
static inline void need(const char *call, CK_RV rv) {
    if (said(call, rv) != CKR_OK)
        cannot_try(call);
}

/* Somebody at the reader does this, then sends a line. */
static inline void ask(const char *request) {
    char line[16];
    printf("> %s\n", request);
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL)
        cannot_try("nobody did it");
}

/* The end of a program. */
static inline int verdict(bool fault, const char *standard) {
    printf("%s\n%s\n", standard, fault ? "present" : "absent");
    return fault ? 1 : 0;
}

static inline CK_FUNCTION_LIST_PTR load(const char *path) {
    union {
        void *object;
        CK_RV (*function)(CK_FUNCTION_LIST_PTR_PTR);
    } get;
    CK_FUNCTION_LIST_PTR functions = NULL;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    get.object = library != NULL ? dlsym(library, "C_GetFunctionList") : NULL;
    if (get.object == NULL || get.function(&functions) != CKR_OK)
        cannot_try("the module cannot be loaded");
    return functions;
}

/* The module, initialised for threads. */
static inline CK_FUNCTION_LIST_PTR begin(const char *path) {
    CK_C_INITIALIZE_ARGS threads = {.flags = CKF_OS_LOCKING_OK};
    CK_FUNCTION_LIST_PTR p11 = load(path);
    need("C_Initialize", p11->C_Initialize(&threads));
    return p11;
}

/* The slot of the token whose label begins so. */
static inline CK_SLOT_ID find_token(CK_FUNCTION_LIST_PTR p11, const char *label) {
    CK_SLOT_ID slots[64];
    CK_ULONG count = sizeof slots / sizeof *slots;
    CK_TOKEN_INFO token;
    need("C_GetSlotList", p11->C_GetSlotList(CK_TRUE, slots, &count));
    for (CK_ULONG i = 0; i < count; i++)
        if (p11->C_GetTokenInfo(slots[i], &token) == CKR_OK && memcmp(token.label, label, strlen(label)) == 0)
            return slots[i];
    cannot_try("there is no token of that name");
    return 0;
}

static inline CK_SESSION_HANDLE open_session(CK_FUNCTION_LIST_PTR p11, CK_SLOT_ID slot) {
    CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
    need("C_OpenSession", p11->C_OpenSession(slot, SESSION_FLAGS, NULL, NULL, &session));
    return session;
}

static inline void log_in(CK_FUNCTION_LIST_PTR p11, CK_SESSION_HANDLE session, const char *pin) {
    need("C_Login(CKU_USER)", p11->C_Login(session, CKU_USER, (CK_UTF8CHAR_PTR)pin, strlen(pin)));
}

/* The first object of this class. */
static inline CK_OBJECT_HANDLE find_object(CK_FUNCTION_LIST_PTR p11, CK_SESSION_HANDLE session, CK_OBJECT_CLASS class) {
    CK_ATTRIBUTE wanted = {CKA_CLASS, &class, sizeof class};
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    CK_ULONG count = 0;
    need("C_FindObjectsInit", p11->C_FindObjectsInit(session, &wanted, 1));
    need("C_FindObjects", p11->C_FindObjects(session, &object, 1, &count));
    need("C_FindObjectsFinal", p11->C_FindObjectsFinal(session));
    if (count == 0)
        cannot_try("the token has no such object");
    return object;
}

/* C_SignInit and C_Sign; what the second one returned. */
static inline CK_RV sign(CK_FUNCTION_LIST_PTR p11, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key) {
    CK_MECHANISM method = {CKM_SHA256_RSA_PKCS, NULL, 0};
    CK_BYTE data[] = "data", signature[512];
    CK_ULONG length = sizeof signature;
    need("C_SignInit", p11->C_SignInit(session, &method, key));
    return said("C_Sign", p11->C_Sign(session, data, sizeof data, signature, &length));
}

/* How many of these sessions are known; the number is printed. */
static inline int count_alive(CK_FUNCTION_LIST_PTR p11, const CK_SESSION_HANDLE *sessions, int count) {
    CK_SESSION_INFO info;
    int alive = 0;
    for (int i = 0; i < count; i++)
        alive += p11->C_GetSessionInfo(sessions[i], &info) == CKR_OK;
    printf("sessions that C_GetSessionInfo still knows: %d of %d\n", alive, count);
    return alive;
}

/* CKS_RW_PUBLIC_SESSION (2), CKS_RW_USER_FUNCTIONS (3), CKS_RW_SO_FUNCTIONS (4); printed. */
static inline CK_STATE state_of(CK_FUNCTION_LIST_PTR p11, CK_SESSION_HANDLE session) {
    CK_SESSION_INFO info = {.state = 99};
    said("C_GetSessionInfo", p11->C_GetSessionInfo(session, &info));
    printf("state: %lu\n", info.state);
    return info.state;
}
