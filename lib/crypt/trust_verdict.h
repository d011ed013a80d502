/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a check of a certificate asks and says, and what there is to see in a set of CAs and their revocation lists. */
#pragma once

#include "crypt/certificate.h"
#include "crypt/revocation_policy.h"

typedef enum trust_verdict {
    TRUST_OK = 0,
    TRUST_UNKNOWN_ISSUER, /* none of the CAs signed it */
    TRUST_NOT_YET_VALID,
    TRUST_EXPIRED,
    TRUST_REVOKED,              /* before the time in question, or at it */
    TRUST_WRONG_PURPOSE,        /* key usage or extended key usage do not allow it */
    TRUST_ISSUER_NOT_YET_VALID, /* the CA's own certificate, at the time in question */
    TRUST_ISSUER_EXPIRED,
    TRUST_LIST_MISSING, /* of the CA's revocation lists; the states of revocation_policy.h */
    TRUST_LIST_STALE,
    TRUST_LIST_NOT_YET_VALID,
    TRUST_LIST_OF_ANOTHER,
    TRUST_LIST_NOT_UNDERSTOOD,
    TRUST_FAILED, /* the check itself failed */
} trust_verdict;

typedef enum trust_purpose {
    TRUST_ANY_PURPOSE,
    TRUST_CLIENT_AUTHENTICATION,
    TRUST_SERVER_AUTHENTICATION,
    TRUST_SIGNATURE,  /* key usage digitalSignature or nonRepudiation */
    TRUST_COMMITMENT, /* key usage nonRepudiation: a person's signature under a document (RFC 5280 4.2.1.3) */
} trust_purpose;

/* What is in it: for showing, and for comparing a new set of anchors against the present one. */
typedef struct trust_entry {
    bool revocation_list;      /* a CRL, else a CA certificate */
    char name[CRYPT_NAME_MAX]; /* subject of the CA, issuer of the CRL: RFC 4514 text */
    int64_t from, until;       /* validity, or thisUpdate and nextUpdate; until -1: a CRL without one */
    bool signed_here;          /* a CRL: by one of these CAs. A CA: always */
    bool understood;           /* a CRL: revocation_list.h. A CA: always */
} trust_entry;
