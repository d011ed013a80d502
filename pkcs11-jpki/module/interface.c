/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "interface.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

/* Places in interface_functions.more */
#define PLACE_LIST 0
#define PLACE_INTERFACE 1
#define PLACE_CANCEL 3

static interface_functions longer;
static CK_FUNCTION_LIST shorter;
static char name_of_all[] = "PKCS 11";
/* The first: the default. */
static CK_INTERFACE interfaces[] = {{name_of_all, &longer, 0}, {name_of_all, &shorter, 0}};
#define INTERFACES (sizeof interfaces / sizeof *interfaces)

/* C_LoginUser and the message functions: our cards do not support them. The arguments are ignored. */
static CK_RV refuse(void) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static void fill(void) {
    CK_FUNCTION_LIST_PTR functions;
    C_GetFunctionList(&functions);
    shorter = longer.first = *functions;
    longer.first.version = (CK_VERSION){3, 0};
    for (size_t i = 0; i < sizeof longer.more / sizeof *longer.more; i++)
        longer.more[i] = refuse;
    longer.more[PLACE_LIST] = (interface_function *)(void (*)(void))C_GetInterfaceList;
    longer.more[PLACE_INTERFACE] = (interface_function *)(void (*)(void))C_GetInterface;
    longer.more[PLACE_CANCEL] = (interface_function *)(void (*)(void))interface_session_cancel;
}

static void fill_once(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fill);
}

CK_RV C_GetInterfaceList(CK_INTERFACE *list, CK_ULONG *count) {
    if (count == NULL)
        return CKR_ARGUMENTS_BAD;
    fill_once();
    CK_ULONG room = *count;
    *count = INTERFACES;
    if (list != NULL && room < INTERFACES)
        return CKR_BUFFER_TOO_SMALL;
    if (list != NULL)
        memcpy(list, interfaces, sizeof interfaces);
    return CKR_OK;
}

CK_RV C_GetInterface(CK_UTF8CHAR *name, CK_VERSION *version, CK_INTERFACE **found, CK_FLAGS flags) {
    if (found == NULL)
        return CKR_ARGUMENTS_BAD;
    fill_once();
    for (size_t i = 0; i < INTERFACES; i++) {
        const CK_VERSION *has = interfaces[i].pFunctionList;
        bool named = name == NULL || strcmp((const char *)name, interfaces[i].pInterfaceName) == 0;
        bool versioned = version == NULL || (version->major == has->major && version->minor == has->minor);
        if (!named || !versioned || (interfaces[i].flags & flags) != flags)
            continue;
        *found = &interfaces[i];
        return CKR_OK;
    }
    return CKR_FUNCTION_FAILED;
}
