/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The five certification authorities, and what each signs: certificates and its CRL. The two JPKI ones can have older
 * generations beside them: the same names, other keys (authority_create_generations). */
#pragma once

#include "office.h"
#include "x509.h"

typedef enum authority_kind {
    AUTHORITY_JPKI_AUTH,
    AUTHORITY_JPKI_SIGN,
    AUTHORITY_OPERATOR,
    AUTHORITY_INSTITUTION,
    AUTHORITY_TLS,
    AUTHORITY_CURRENT_COUNT,
    AUTHORITY_JPKI_AUTH_2 = AUTHORITY_CURRENT_COUNT,
    AUTHORITY_JPKI_SIGN_2,
    AUTHORITY_JPKI_AUTH_1,
    AUTHORITY_JPKI_SIGN_1,
    AUTHORITY_COUNT
} authority_kind;

#define AUTHORITY_GENERATIONS 3 /* of the JPKI CAs; the last is the current one */

typedef struct authority {
    const char *name; /* file name without ending: jpki-auth-ca */
    X509 *certificate;
    EVP_PKEY *key;
} authority;

/* Makes all five and anchors/roots.pem. */
result authority_create_all(office *o);

/* Makes the JPKI CAs of generation 1 (its ten years are over) and 2 (three are left), in
 * generations/. RESULT_EXISTS. */
result authority_create_generations(office *o);
/* A JPKI CA in that generation: 1 to 3. */
authority_kind authority_of_generation(authority_kind current, unsigned generation);

/* Reads certificate and key of one authority; close it. RESULT_NOT_FOUND: authority_create_all has not run. */
result authority_open(const office *o, authority_kind kind, authority *out);
void authority_close(authority *a);

/* Issues, records in the register, and gives the certificate. request->serial 0: the next one. */
result authority_issue(office *o, authority_kind kind, x509_request *request, const char *what, X509 **certificate);

/* Revokes a serial that this office issued. RESULT_NOT_FOUND, RESULT_EXISTS when revoked already. */
result authority_revoke(office *o, const char *serial);
/* Writes every authority's CRL from the register of revocations. */
result authority_write_crls(office *o);
