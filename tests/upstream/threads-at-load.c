/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The module starts threads when it is loaded, before anybody has said whether it may. MODULE */
#include "upstream.h"

#include <dirent.h>

static int threads(void) {
    DIR *tasks = opendir("/proc/self/task");
    int count = -2; /* . and .. */
    while (tasks != NULL && readdir(tasks) != NULL)
        count++;
    if (tasks != NULL)
        closedir(tasks);
    return count;
}

int main(int count, char **arguments) {
    CK_C_INITIALIZE_ARGS none = {.flags = CKF_LIBRARY_CANT_CREATE_OS_THREADS};
    if (count != 2)
        return 2;
    int before = threads();
    CK_FUNCTION_LIST_PTR p11 = load(arguments[1]);
    int loaded = threads();
    need("C_Initialize(CKF_LIBRARY_CANT_CREATE_OS_THREADS)", p11->C_Initialize(&none));
    int initialised = threads();
    printf("threads at first: %d, after dlopen: %d, after C_Initialize: %d\n", before, loaded, initialised);
    return verdict(
        loaded > before || initialised > before,
        "PKCS #11 2.40, 5.4, C_Initialize: with CKF_LIBRARY_CANT_CREATE_OS_THREADS a library starts no thread; "
        "and none before an application could say so.");
}
