/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "applet_loader.h"

#include "patient/applications.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* A name without a slash would be looked for in the system's library folders. */
static void *open_object(const char *object_path) {
    char *path = realpath(object_path, NULL);
    void *object = path == NULL ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
    free(path);
    return object;
}

result applet_load(const char *object_path, const char **problem) {
    void *object = open_object(object_path);
    const applet *loaded = object == NULL ? NULL : dlsym(object, APPLET_SYMBOL);
    *problem = "is no shared object, or one that lacks something";
    if (object != NULL)
        *problem = "has no applet in it: the symbol " APPLET_SYMBOL " is missing";
    if (loaded != NULL)
        *problem = "was built for another softcard";
    result code = loaded != NULL && loaded->interface == APPLET_INTERFACE ? RESULT_OK : RESULT_INVALID;
    if (code == RESULT_OK)
        code = applications_add(loaded->kind, problem);
    if (code != RESULT_OK && object != NULL)
        dlclose(object);
    return code;
}
