/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "stock.h"

#include "module_configuration.h"
#include "notifications.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#define PREFIX "pkcs11-jpki: "

typedef CK_RV cancel_function(CK_SESSION_HANDLE session, CK_FLAGS flags);

static CK_FUNCTION_LIST_PTR loaded;
static cancel_function *cancel;
static void *own; /* our copy of the module */

/* OpenSC ignores drivers of another version without a message, and the tokens would be missing. */
static int version_is_ours(void *library, const char *path) {
    union {
        void *object;
        const char *(*function)(void);
    } version = {dlsym(library, "sc_get_version")}; /* found in libopensc, which the module depends on */
    const char *running = version.object == NULL ? "unknown" : version.function();
    if (strcmp(running, BUILT_FOR_OPENSC) == 0)
        return 1;
    fprintf(stderr,
            PREFIX
            "%s uses OpenSC %s, but the card drivers were built for OpenSC " BUILT_FOR_OPENSC ".\n" PREFIX
            "Build Uketsuke again on this machine (./configure && make install), or install OpenSC " BUILT_FOR_OPENSC
            ".\n",
            path, running);
    return 0;
}

/* The functions of PKCS #11 2.40 in the order of CK_FUNCTION_LIST. */
/* clang-format off */
static const char *const names[] = {
    "C_Initialize", "C_Finalize", "C_GetInfo", "C_GetFunctionList", "C_GetSlotList", "C_GetSlotInfo",
    "C_GetTokenInfo", "C_GetMechanismList", "C_GetMechanismInfo", "C_InitToken", "C_InitPIN", "C_SetPIN",
    "C_OpenSession", "C_CloseSession", "C_CloseAllSessions", "C_GetSessionInfo", "C_GetOperationState",
    "C_SetOperationState", "C_Login", "C_Logout", "C_CreateObject", "C_CopyObject", "C_DestroyObject",
    "C_GetObjectSize", "C_GetAttributeValue", "C_SetAttributeValue", "C_FindObjectsInit", "C_FindObjects",
    "C_FindObjectsFinal", "C_EncryptInit", "C_Encrypt", "C_EncryptUpdate", "C_EncryptFinal", "C_DecryptInit",
    "C_Decrypt", "C_DecryptUpdate", "C_DecryptFinal", "C_DigestInit", "C_Digest", "C_DigestUpdate", "C_DigestKey",
    "C_DigestFinal", "C_SignInit", "C_Sign", "C_SignUpdate", "C_SignFinal", "C_SignRecoverInit", "C_SignRecover",
    "C_VerifyInit", "C_Verify", "C_VerifyUpdate", "C_VerifyFinal", "C_VerifyRecoverInit", "C_VerifyRecover",
    "C_DigestEncryptUpdate", "C_DecryptDigestUpdate", "C_SignEncryptUpdate", "C_DecryptVerifyUpdate",
    "C_GenerateKey", "C_GenerateKeyPair", "C_WrapKey", "C_UnwrapKey", "C_DeriveKey", "C_SeedRandom",
    "C_GenerateRandom", "C_GetFunctionStatus", "C_CancelFunction", "C_WaitForSlotEvent",
};
/* clang-format on */

typedef CK_RV any_function(void);
_Static_assert(sizeof(CK_FUNCTION_LIST) >= sizeof names / sizeof *names * sizeof(any_function *), "one pointer a name");

/* The loader fills the stock module's own list with the first functions of these names in the process, which may be
 * another PKCS #11 module's. So each is looked up in the stock module itself. */
static CK_FUNCTION_LIST_PTR functions_of(void *library) {
    static CK_FUNCTION_LIST found = {.version = {2, 40}};
    char *place = (char *)&found.C_Initialize;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++, place += sizeof(any_function *)) {
        void *function = dlsym(library, names[i]);
        if (function == NULL)
            return NULL;
        memcpy(place, &function, sizeof function);
    }
    return &found;
}

/* Every version since 0.20 has it in addition to the list of PKCS #11 2.40. */
static cancel_function *cancel_of(void *library) {
    union {
        void *object;
        cancel_function *function;
    } found = {dlsym(library, "C_SessionCancel")};
    return found.function;
}

/* The file's bytes as a file in memory, or -1. */
static int copy_in_memory(const char *path) {
    int from = open(path, O_RDONLY | O_CLOEXEC), to = memfd_create("opensc-pkcs11", MFD_CLOEXEC);
    ssize_t moved = -1;
    if (from >= 0 && to >= 0)
        while ((moved = sendfile(to, from, NULL, 1 << 20)) > 0)
            ;
    if (from >= 0)
        close(from);
    if (moved < 0 && to >= 0)
        close(to);
    else if (to >= 0)
        notifications_turn_off(to);
    return moved < 0 ? -1 : to;
}

/* The stock module has one state per process, and p11-kit loads it beside ours on most machines. The loader tells files
 * apart by inode: a copy is another module, with a state of its own, and as new as the file it was made from. Where
 * files in memory may not be executed, the module itself is loaded. */
static void *load_alone(const char *path) {
    char name[64];
    void *library = NULL;
    int file = copy_in_memory(path);
    if (file >= 0) {
        snprintf(name, sizeof name, "/proc/%ld/fd/%d", (long)getpid(), file);
        library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
        close(file);
    }
    return library != NULL ? library : dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

/* Never unloaded once used, because threads and exit handlers of OpenSC's libraries remain. */
CK_FUNCTION_LIST_PTR stock_functions(void) {
    if (loaded != NULL)
        return loaded;
    const char *path = secure_getenv("UKETSUKE_OPENSC_PKCS11");
    if (path == NULL)
        path = STOCK_MODULE;
    void *library = load_alone(path);
    if (library == NULL) {
        fprintf(stderr,
                PREFIX "cannot load the stock OpenSC module: %s\n" PREFIX "Install the package opensc-pkcs11.\n",
                dlerror());
        return NULL;
    }
    if (version_is_ours(library, path))
        loaded = functions_of(library);
    own = library;
    cancel = loaded != NULL ? cancel_of(library) : NULL;
    if (loaded == NULL)
        dlclose(library);
    return loaded;
}

/* Restores OPENSC_CONF for other parts of the process and its children. */
CK_RV stock_initialize(CK_FUNCTION_LIST_PTR functions, CK_VOID_PTR arguments) {
    const char *ours = configuration_path();
    if (ours == NULL)
        return CKR_GENERAL_ERROR;
    const char *theirs = getenv("OPENSC_CONF");
    char *kept = theirs == NULL ? NULL : strdup(theirs);
    if ((theirs != NULL && kept == NULL) || setenv("OPENSC_CONF", ours, 1) != 0) {
        free(kept);
        return CKR_HOST_MEMORY;
    }
    CK_RV rv = functions->C_Initialize(arguments);
    if (kept != NULL)
        setenv("OPENSC_CONF", kept, 1);
    else
        unsetenv("OPENSC_CONF");
    free(kept);
    return rv;
}

static bool is_stock(const char *path) {
    static const char end[] = "opensc-pkcs11.so"; /* onepin-opensc-pkcs11.so is another of its names */
    size_t length = strlen(path);
    return length >= sizeof end - 1 && strcmp(path + length - (sizeof end - 1), end) == 0;
}

static int look_for_stock(struct dl_phdr_info *about, size_t size, void *path) {
    (void)size;
    if (!is_stock(about->dlpi_name))
        return 0;
    snprintf(path, PATH_MAX, "%s", about->dlpi_name);
    return 1;
}

bool stock_is_beside(void) {
    char path[PATH_MAX];
    if (dl_iterate_phdr(look_for_stock, path) == 0)
        return false;
    void *library = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
    bool another = library != NULL && library != own;
    if (library != NULL)
        dlclose(library);
    return another;
}

CK_RV stock_cancel(CK_SESSION_HANDLE session, CK_FLAGS flags) {
    return cancel != NULL ? cancel(session, flags) : CKR_FUNCTION_NOT_SUPPORTED;
}
