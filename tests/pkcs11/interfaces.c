/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a program finds the module's functions: C_GetFunctionList, C_GetInterfaceList and C_GetInterface (PKCS #11 3.0,
 * 5.4). The program has functions of the same names itself, as every program has that links libp11-kit: the module must
 * never call those. TAP. Usage: interfaces MODULE */
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default"), used))

typedef struct interface {
    char *name;
    CK_FUNCTION_LIST *functions;
    CK_FLAGS flags;
} interface;
typedef CK_RV get_list(interface *list, CK_ULONG *count);
typedef CK_RV get_one(const char *name, CK_VERSION *version, interface **found, CK_FLAGS flags);
typedef CK_RV get_functions(CK_FUNCTION_LIST **functions);

static int third_parties_called, number, failed;

EXPORTED CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR functions) {
    *functions = NULL;
    third_parties_called++;
    return CKR_GENERAL_ERROR;
}

EXPORTED CK_RV C_Initialize(CK_VOID_PTR arguments) {
    (void)arguments;
    third_parties_called++;
    return CKR_GENERAL_ERROR;
}

EXPORTED CK_RV C_GetSlotList(CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count) {
    (void)present, (void)list, (void)count;
    third_parties_called++;
    return CKR_GENERAL_ERROR;
}

EXPORTED int uketsuke_end_rights(const char *reader) {
    (void)reader;
    third_parties_called++;
    return -1;
}

static void ok(bool good, const char *what) {
    printf("%sok %d - %s\n", good ? "" : "not ", ++number, what);
    failed += !good;
}

/* Through a union: ISO C has no cast from object to function. */
static void look_up(void *library, const char *name, void *function) {
    void *object = dlsym(library, name);
    memcpy(function, &object, sizeof object);
}

static void try_functions(const char *what, CK_FUNCTION_LIST *f, CK_BYTE major, CK_BYTE minor) {
    CK_ULONG count = 0;
    char title[96];
    snprintf(title, sizeof title, "%s: version %d.%d, and it works", what, major, minor);
    bool good = f != NULL && f->version.major == major && f->version.minor == minor &&
                f->C_Initialize(NULL) == CKR_OK && f->C_GetSlotList(CK_TRUE, NULL, &count) == CKR_OK && count == 4 &&
                f->C_Finalize(NULL) == CKR_OK;
    ok(good, title);
}

static void try_more(CK_FUNCTION_LIST *f) {
    struct {
        CK_FUNCTION_LIST first;
        CK_RV (*list)(interface *, CK_ULONG *);
        CK_RV (*one)(const char *, CK_VERSION *, interface **, CK_FLAGS);
        CK_RV (*login_user)(CK_SESSION_HANDLE, CK_USER_TYPE, void *, CK_ULONG, void *, CK_ULONG);
        CK_RV (*cancel)(CK_SESSION_HANDLE, CK_FLAGS);
        CK_RV (*messages[20])(CK_SESSION_HANDLE);
    } longer;
    memcpy(&longer, f, sizeof longer);
    CK_ULONG count = 0;
    ok(longer.list(NULL, &count) == CKR_OK && count == 2, "3.0: C_GetInterfaceList is in the list");
    ok(longer.login_user(1, CKU_USER, NULL, 0, NULL, 0) == CKR_FUNCTION_NOT_SUPPORTED, "3.0: C_LoginUser is refused");
    ok(longer.cancel(1, 0) == CKR_CRYPTOKI_NOT_INITIALIZED, "3.0: C_SessionCancel before C_Initialize");
    bool refused = true;
    for (size_t i = 0; i < sizeof longer.messages / sizeof *longer.messages; i++)
        refused &= longer.messages[i](1) == CKR_FUNCTION_NOT_SUPPORTED;
    ok(refused, "3.0: every function of messages is refused");
}

int main(int count, char **arguments) {
    if (count != 2)
        return 2;
    void *library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        printf("Bail out! %s\n", dlerror());
        return 99;
    }
    get_functions *functions_of;
    get_list *list_of;
    get_one *one_of;
    look_up(library, "C_GetFunctionList", &functions_of);
    look_up(library, "C_GetInterfaceList", &list_of);
    look_up(library, "C_GetInterface", &one_of);
    ok(functions_of != NULL && list_of != NULL && one_of != NULL, "the three ways in are there");
    if (failed)
        return 1;
    CK_FUNCTION_LIST *f = NULL;
    ok(functions_of(&f) == CKR_OK, "C_GetFunctionList");
    try_functions("C_GetFunctionList", f, 2, 40);

    interface list[4], *one = NULL;
    CK_ULONG length = 0;
    ok(list_of(NULL, NULL) == CKR_ARGUMENTS_BAD, "C_GetInterfaceList: nowhere to count");
    ok(list_of(NULL, &length) == CKR_OK && length == 2, "C_GetInterfaceList: how many");
    length = 1;
    ok(list_of(list, &length) == CKR_BUFFER_TOO_SMALL && length == 2, "C_GetInterfaceList: too little room");
    length = 4;
    ok(list_of(list, &length) == CKR_OK && length == 2 && strcmp(list[0].name, "PKCS 11") == 0 &&
           strcmp(list[1].name, "PKCS 11") == 0,
       "C_GetInterfaceList: the list");

    ok(one_of(NULL, NULL, NULL, 0) == CKR_ARGUMENTS_BAD, "C_GetInterface: nowhere to answer");
    ok(one_of(NULL, NULL, &one, 0) == CKR_OK, "C_GetInterface: any");
    try_functions("C_GetInterface, any", one->functions, 3, 0);
    try_more(one->functions);
    CK_VERSION old = {2, 40}, newest = {3, 0}, none = {3, 2};
    ok(one_of("PKCS 11", &old, &one, 0) == CKR_OK, "C_GetInterface: 2.40");
    try_functions("C_GetInterface, 2.40", one->functions, 2, 40);
    ok(one_of("PKCS 11", &newest, &one, 0) == CKR_OK, "C_GetInterface: 3.0");
    try_functions("C_GetInterface, 3.0", one->functions, 3, 0);
    ok(one_of("PKCS 11", &none, &one, 0) == CKR_FUNCTION_FAILED, "C_GetInterface: no such version");
    ok(one_of("Vendor somebody", NULL, &one, 0) == CKR_FUNCTION_FAILED, "C_GetInterface: no such name");
    ok(one_of(NULL, NULL, &one, 1) == CKR_FUNCTION_FAILED, "C_GetInterface: none works on after a fork by itself");
    ok(third_parties_called == 0, "nothing of the program's own of the same names was called");
    printf("1..%d\n", number);
    return failed != 0;
}
