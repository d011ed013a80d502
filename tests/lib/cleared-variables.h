/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* For what is preloaded into a program that clears its environment before anything else (lib/base/environment.h): the
 * kernel still has the variables that were taken out. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Those whose names begin so are in the environment again. Once in a process. */
static inline void give_variables_back(const char *beginning) {
    static char text[1 << 17];
    FILE *file = fopen("/proc/self/environ", "re");
    const size_t length = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file != NULL)
        fclose(file);
    for (char *each = text; each < text + length; each += strlen(each) + 1)
        if (strncmp(each, beginning, strlen(beginning)) == 0)
            putenv(each);
}
