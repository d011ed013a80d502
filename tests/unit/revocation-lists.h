/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Revocation lists by order, in a folder with their CA: also those that no CA would make. Everything in here ends the test
 * when it fails. */
#pragma once

#include "test_certificates.h"

#include <stdint.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define DAY 86400
#define PERSON_SERIAL 0x1234
#define CA_USAGE (GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN)

typedef struct list_order {
    int64_t from, until;         /* days from now; until NO_UPDATE: without nextUpdate */
    const char *extension;       /* of the list: hexadecimal Extension, or NULL */
    int64_t revoked;             /* days from now; NOBODY: nobody is listed */
    const char *entry_extension; /* hexadecimal Extension, or NULL */
    int64_t invalid;             /* days from now: invalidityDate; 0: none */
    const test_identity *signer; /* NULL: the CA */
} list_order;
#define NOBODY INT64_MIN
#define NO_UPDATE INT64_MIN

extern char lists_folder[];
extern int64_t lists_now;
/* The CA, one of its name with another key, a person's certificate by it; a CA that has ended, and one by that. */
extern test_identity lists_ca, lists_namesake, lists_person, lists_ended_ca, lists_of_ended;

/* cmocka's setup and teardown of a program. */
int lists_begin(void **state);
int lists_end(void **state);

/* A file of the folder. Overwritten by test_path's next call. */
char *lists_path(const char *name);
/* Puts a new file a.crl in the place of the former one, as whoever renews it must. */
void lists_write(const list_order *orders, size_t count);
