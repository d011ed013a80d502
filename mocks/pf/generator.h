/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Synthetic people for tests and measurements: households with an insured person and dependants, renewed cards with a
 * new serial, changes of job, losses, 限度額適用認定証, 高齢受給者, 後期高齢者. They do not exist: insurer numbers have prefecture 99.
 * The same seed gives the same people, whatever their number. */
#pragma once

#include "store/platform_store.h"

typedef struct generator {
    uint64_t seed;
    const char *day;    /* the present of the data set, YYYY-MM-DD */
    const char *issuer; /* of all certificates, RFC 4514 */
    /* the present household */
    uint64_t household;
    unsigned member, members;
    uint64_t person; /* how many were made */
} generator;

/* Makes the next person. */
void generator_next(generator *g, platform_person *out);
