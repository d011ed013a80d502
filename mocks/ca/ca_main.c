/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* mock-ca: the offline certification authority of the demonstration (docs/interfaces/pki.md). */
#include "base/environment.h"
#include "base/secret.h"
#include "ca_commands.h"

#include <sys/stat.h>

ENVIRONMENT_CLEARED_AT_START;

int main(int argc, char **argv) {
    secret_forbid_core_dumps();
    umask(022); /* what is private is made 0600 and 0700 */
    return commands_run(argc, argv);
}
