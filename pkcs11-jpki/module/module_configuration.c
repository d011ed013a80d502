/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "module_configuration.h"

#include "base/file_guard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *kept;

static const char *choose(void) {
    const char *named = secure_getenv("UKETSUKE_OPENSC_CONF");
    char *copy = named == NULL ? NULL : strdup(named);
    if (copy != NULL) {
        free(kept);
        kept = copy;
    }
    return named != NULL ? named : kept != NULL ? kept : CONFIGURATION;
}

const char *configuration_path(void) {
    const char *path = choose();
    char culprit[PATH_MAX];
    const file_fault fault = file_guard(path, culprit);
    if (fault != FILE_GUARDED) { /* it names the drivers that are loaded, and keys */
        fprintf(stderr, "pkcs11-jpki: %s %s %s\n", culprit, file_guard_advice(fault), culprit);
        return NULL;
    }
    if (access(path, R_OK) == 0)
        return path;
    fprintf(stderr,
            "pkcs11-jpki: the configuration %s: %s.\n"
            "pkcs11-jpki: Install it (make install), or name another one in UKETSUKE_OPENSC_CONF.\n",
            path, strerror(errno));
    return NULL;
}
