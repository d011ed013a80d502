/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* For LD_PRELOAD: tells descriptor 8 which variables the libraries of a program see when they begin. */
#include <string.h>
#include <unistd.h>

extern char **environ;

__attribute__((constructor)) static void tell(void) {
    for (char **each = environ; *each != NULL; each++)
        if (write(8, *each, strcspn(*each, "=")) < 0 || write(8, "\n", 1) < 0)
            return;
}
