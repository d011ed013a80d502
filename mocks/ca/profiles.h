/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The certificate profiles, one table row each. Patient certificates follow the public knowledge of JPKI certificates;
 * what is not public (the host of OCSP, the signature policy's last arc) is this mock's own choice. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct profile {
    const char *name;
    const char *extensions;        /* in the syntax of x509v3_config(5), sections allowed */
    const char *issuer_unit;       /* OU of the issuerAltName, Japanese; NULL: no issuerAltName */
    const char *distribution_unit; /* OU of the CRL distribution point; NULL: none */
    int years;                     /* validity; 0: the caller's (fifth birthday) */
} profile;

extern const profile profiles[];
extern const size_t profile_count;

/* By name, in the table of profiles. NULL when there is none. */
const profile *profile_find(const char *name); /* NULL when there is none */
