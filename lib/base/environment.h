/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The environment variables that libraries may read. GnuTLS, p11-kit, OpenSC, OpenSSL, libcurl, libpq, SQLite and libc
 * read dozens of variables: some make them write secrets into files (SSLKEYLOGFILE), some print (GNUTLS_DEBUG_LEVEL,
 * P11_KIT_DEBUG, OPENSC_DEBUG), some load code or redirect calls (OPENSSL_CONF, https_proxy, HOSTALIASES, PGHOST).
 * Every variable that is not in the table of environment.c is removed. */
#pragma once

#include <stdbool.h>

/* Whether "NAME=VALUE" stays. */
bool environment_allows(const char *variable);

/* Closes the gaps in variables (as of main's third argument; ended by NULL) after taking out what is not allowed. Calls
 * nothing. */
void environment_keep_allowed(int count, char **arguments, char **variables);

/* Once in every program, at file level: runs before the initialisation of any library, when many of them read the
 * environment (System V ABI, DT_PREINIT_ARRAY: executables only, not plug-ins). */
#define ENVIRONMENT_CLEARED_AT_START                                                                                   \
    __attribute__((section(".preinit_array"), used)) static void (*environment_at_start)(                              \
        int, char **, char **) = environment_keep_allowed
