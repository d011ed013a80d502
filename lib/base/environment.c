/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/environment.h"

#include <stddef.h>

/* Names; one that ends in an asterisk is the beginning of names. */
/* clang-format off */
static const char *const allowed[] = {
    "HOME",   "LANG", "LANGUAGE", "LC_*", "LOGNAME", "PATH", "TERM", "TZ", "USER",
    "NOTIFY_SOCKET", "WATCHDOG_*", /* systemd's, sd_notify(3) */
    "LISTEN_FDS", "LISTEN_PID",    /* and sd_listen_fds(3) */
    "JOURNAL_STREAM",              /* and systemd.exec(5) */
    "PCSCLITE_CSOCK_NAME",         /* another pcscd than the machine's: the tests' */
    "UKETSUKE_*",                  /* ours; docs/guides/terminal.md */
    "LD_*",                        /* the loader has used them already; our child processes get theirs from us */
};
/* clang-format on */

/* This runs before the C library, a sanitizer or a profiler has begun: no calls, no instrumentation. */
#define BEFORE_ALL __attribute__((no_sanitize("address", "undefined")))

BEFORE_ALL static bool is_named(const char *variable, const char *name) {
    while (*name != 0 && *name == *variable) {
        name++;
        variable++;
    }
    return *name == '*' || (*name == 0 && *variable == '=');
}

BEFORE_ALL bool environment_allows(const char *variable) {
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (is_named(variable, allowed[i]))
            return true;
    return false;
}

BEFORE_ALL void environment_keep_allowed(int count, char **arguments, char **variables) {
    char **kept = variables;
    (void)count;
    (void)arguments;
    for (char **each = variables; *each != NULL; each++)
        if (environment_allows(*each))
            *kept++ = *each;
    *kept = NULL;
}
