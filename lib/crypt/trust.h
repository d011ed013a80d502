/* What is trusted: CA certificates and their CRLs, and the check of a certificate against them (RFC 5280 6). Several
 * generations of a CA may share one name; the signature decides whose certificate it is. */
#pragma once

#include "crypt/certificate.h"

typedef struct trust trust;

typedef enum trust_verdict {
    TRUST_OK = 0,
    TRUST_UNKNOWN_ISSUER, /* none of the CAs signed it */
    TRUST_NOT_YET_VALID,
    TRUST_EXPIRED,
    TRUST_REVOKED,
    TRUST_WRONG_PURPOSE,  /* key usage or extended key usage do not allow it */
    TRUST_FAILED,         /* the check itself failed */
} trust_verdict;

typedef enum trust_purpose {
    TRUST_ANY_PURPOSE,
    TRUST_CLIENT_AUTHENTICATION,
    TRUST_SERVER_AUTHENTICATION,
    TRUST_SIGNATURE, /* key usage digitalSignature or nonRepudiation */
    TRUST_COMMITMENT, /* key usage nonRepudiation: a person's signature under a document (RFC 5280 4.2.1.3) */
} trust_purpose;

/* Trusts nobody yet. RESULT_NO_MEMORY. */
result trust_new(trust **out);
/* Another holder of the same: each frees it. Nothing may be added to what is shared. */
trust *trust_share(trust *t);
void trust_free(trust **t);

/* PEM files with one or more CA certificates, or one or more CRLs. RESULT_NOT_FOUND, RESULT_INVALID. */
result trust_add_authorities(trust *t, const char *path);
result trust_add_revocations(trust *t, const char *path);
/* name.pem and, if there, name.crl in a folder of anchors (docs/interfaces/pki.md). */
result trust_add_anchor(trust *t, const char *folder, const char *name);

/* at: seconds since 1970. */
trust_verdict trust_check(const trust *t, const certificate *c, trust_purpose purpose, int64_t at);
const char *trust_verdict_text(trust_verdict verdict);

/* What is in it: for showing, and for judging a new set of anchors against the present one. */
typedef struct trust_entry {
    bool revocation_list;           /* a CRL, else a CA certificate */
    char name[CRYPT_NAME_MOST];     /* subject of the CA, issuer of the CRL: RFC 4514 text */
    int64_t from, until;            /* validity, or thisUpdate and nextUpdate; until -1: a CRL without one */
    bool signed_here;               /* a CRL: by one of these CAs. A CA: always */
} trust_entry;

/* visit returns false to stop. */
void trust_each(const trust *t, bool (*visit)(void *context, const trust_entry *entry), void *context);
