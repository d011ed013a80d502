/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Evidence (証跡): a statement signed by the patient's card and, offline, by the institution key. Format and checks:
 * docs/interfaces/evidence.md. */
#pragma once

#include "crypt/cms.h"
#include "crypt/trust.h"
#include "evidence/clock_quality.h"
#include "evidence/statement.h"

#define EVIDENCE_MAX 32768             /* bytes of DER */
#define EVIDENCE_DAY_TOLERANCE_S 300   /* a reception over midnight: within this time both days are accepted */
#define EVIDENCE_CLOCK_TOLERANCE_S 300 /* how far a terminal's clock may be ahead of the verifier's */

/* patient: the user-authentication key; institution: the institution key, NULL for mode online. The signers sign one
 * after the other, the institution last. Appends the DER. Returns a signer's failure unchanged. */
result evidence_create(const statement *s, const cms_signer *patient, const cms_signer *institution, buffer *der);

/* SHA-256 of the DER in capital hexadecimal: the next evidence's previousEvidence. */
result evidence_hash(bytes der, char text[STATEMENT_HASH_SIZE]);

struct evidence_verdict;

/* A verifier's policy. Borrowed. */
typedef struct evidence_policy {
    const trust *patient_authorities;     /* jpki-auth-ca */
    const trust *institution_authorities; /* institution-ca */
    const cvc *platform;                  /* the platform's CVC: its key's signature in mode online; NULL: not checked,
                                             and mode online is refused */
    /* How long (seconds) a patient's certificate is still accepted after it has expired, for the coverage only; 0: not */
    int64_t patient_grace_s;
    int64_t at;  /* when the certificates must be valid: 0 for the statement's terminalTime */
    int64_t now; /* the verifier's time: evidence of a later one is EVIDENCE_EARLY; 0: the caller checks that */
    /* Called before any signature is verified, with the statement and the certificates' data, checked except for the
     * signatures: whether this sender's evidence shall be verified. False is EVIDENCE_UNWANTED. NULL: always. */
    bool (*wanted)(void *context, const struct evidence_verdict *so_far);
    void *context; /* wanted's */
} evidence_policy;

typedef enum evidence_reason {
    EVIDENCE_GOOD = 0,
    EVIDENCE_MALFORMED,           /* not CMS SignedData with content inside, or too large */
    EVIDENCE_ALTERED,             /* a signature does not verify */
    EVIDENCE_STATEMENT_MALFORMED, /* detail: the field */
    EVIDENCE_WRONG_SIGNERS,       /* not exactly the signers that the mode asks for */
    EVIDENCE_PATIENT_CERTIFICATE, /* detail: the verdict of trust_check */
    EVIDENCE_PATIENT_MISMATCH,    /* the signer is not the certificate named in the statement */
    EVIDENCE_INSTITUTION_CERTIFICATE,
    EVIDENCE_INSTITUTION_MISMATCH,  /* the signer's institution code is not the statement's */
    EVIDENCE_INSTITUTION_SIGNATURE, /* the signature over the card's challenge is wrong */
    EVIDENCE_PLATFORM_UNKNOWN,      /* mode online, and the verifier does not know the platform's key */
    EVIDENCE_SIGNING_TIME,          /* a signing time differs from terminalTime */
    EVIDENCE_SERVICE_DATE,          /* the day of service is not terminalTime's day in Japan */
    EVIDENCE_EARLY,                 /* terminalTime is still to come; passing: one of both clocks is wrong */
    EVIDENCE_KEY,                   /* a signer's key is outside crypt/key_rule.h: no signature was verified */
    EVIDENCE_UNWANTED,              /* the policy's wanted returned false; nothing was verified */
} evidence_reason;

typedef struct evidence_verdict {
    evidence_reason reason;
    const char *detail;   /* static text; NULL when there is nothing to add */
    bool passing;         /* the verifier's own revocation lists or its time are the reason: repeat later */
    bool patient_expired; /* accepted within patient_grace_s: worth a warning */
    evidence_clock clock; /* of good evidence: whether its time can be relied upon */
    statement statement;  /* filled when it could be read */
    char institution_certificate[STATEMENT_HASH_SIZE]; /* offline, once the institution is checked: SHA-256 of the
                                                          certificate's DER in capital hexadecimal: which SE it was */
} evidence_verdict;

/* RESULT_OK when verdict->reason is EVIDENCE_GOOD, else RESULT_REFUSED. */
result evidence_verify(bytes der, const evidence_policy *policy, evidence_verdict *verdict);

/* One English sentence per reason. */
const char *evidence_reason_text(evidence_reason reason);
/* For programs: "good", "altered". */
const char *evidence_reason_name(evidence_reason reason);

/* Appends the statement as lines for people. */
result evidence_print(const statement *s, buffer *text);
