/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What was built can be loaded and is what its host looks for: no reader, no card, no library for tests. For every build,
 * also one without the emulation. */
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *file;
    const char *function; /* that its host asks for */
} modules[] = {
    {"pkcs11-jpki/.libs/pkcs11-jpki.so", "C_GetFunctionList"},
    {"pkcs11-jpki/.libs/myna.so", "sc_module_init"},
    {"pkcs11-jpki/.libs/myna.so", "sc_driver_version"},
    {"pkcs11-jpki/.libs/myna-init.so", "sc_module_init"},
    {"pkcs11-jpki/.libs/uketsuke-pcsc.so", "SCardGetStatusChange"},
    {"pkcs11-jpki/.libs/uketsuke-pcsc.so", "SCardTransmit"}, /* libpcsclite's */
    {"se-driver/.libs/uketsuke-se.so", "sc_module_init"},
    {"se-driver/.libs/uketsuke-se.so", "sc_driver_version"},
    {"se-driver/.libs/uketsuke-se-init.so", "sc_module_init"},
    {"ifd-handler/.libs/libifdcardlink.so", "IFDHCreateChannelByName"},
    {"ifd-handler/.libs/libifdcardlink.so", "IFDHTransmitToICC"},
};

static int count, failed;

static void report(int good, const char *file, const char *what) {
    printf("%s %d - %s: %s\n", good ? "ok" : "not ok", ++count, file, what);
    failed |= !good;
}

static void *load(const char *file) {
    char path[4096];
    const char *folder = getenv("top_builddir");
    snprintf(path, sizeof path, "%s/%s", folder != NULL ? folder : ".", file);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        printf("# %s\n", dlerror());
    return library;
}

/* Before C_Initialize the module answers, and says so (PKCS #11 section 5.4). */
static void ask_module(void *library) {
    union {
        void *object;
        CK_RV (*function)(CK_FUNCTION_LIST_PTR_PTR);
    } get = {dlsym(library, "C_GetFunctionList")};
    CK_FUNCTION_LIST_PTR functions = NULL;
    CK_INFO info;
    int listed = get.object != NULL && get.function(&functions) == CKR_OK;
    report(listed && functions->version.major == 2, modules[0].file, "function list of PKCS #11 2.x");
    report(listed && functions->C_GetInfo(&info) == CKR_CRYPTOKI_NOT_INITIALIZED, modules[0].file,
           "CKR_CRYPTOKI_NOT_INITIALIZED before C_Initialize");
}

int main(void) {
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
        void *library = load(modules[i].file);
        report(library != NULL && dlsym(library, modules[i].function) != NULL, modules[i].file, modules[i].function);
        if (i == 0 && library != NULL)
            ask_module(library);
    }
    printf("1..%d\n", count);
    return failed;
}
