/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What one certificate is to say. */
#pragma once

#include "base/buffer.h"
#include "names.h"
#include "profiles.h"
#include "validity.h"

/* The certificate's person in a signature certificate's subjectAltName (otherName 1.2.392.200149.8.5.5.x). */
typedef struct x509_person {
    const char *name, *address;    /* UTF-8 */
    const char *birth;             /* YYYY-MM-DD */
    char sex;                      /* JIS X 0303: 1 male, 2 female (0 of the type, too), 9 not applicable */
    const char *prefecture, *city; /* Roman letters, for subject and CRL distribution point */
    /* As the certificate has them, with another character for each one outside JIS X 0208; NULL: there is none. */
    const char *substituted_name, *substituted_address;
} x509_person;

/* The sex as one digit. */
static inline const char *x509_sex(const x509_person *p) {
    return p->sex == '1' ? "1" : p->sex == '9' ? "9" : "2";
}

typedef struct x509_request {
    const profile *profile;
    const name_part *subject;
    EVP_PKEY *key;
    uint32_t serial; /* 4 bytes, first bit clear */
    validity valid;
    const x509_person *person;     /* NULL, except for patient-auth and patient-sign */
    const char *alternative_unit;  /* CA: OU of the subjectAltName directory name; NULL: none */
    const char *distribution_unit; /* CA: OU of the CRL distribution point; NULL: none */
} x509_request;
