/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* CMS SignedData (RFC 5652) with CAdES-BES signed attributes (ETSI EN 319 122-1): signing-time and
 * signing-certificate-v2 (RFC 5035). RSA PKCS#1 v1.5 with SHA-256. The private key may be anywhere. */
#pragma once

#include "crypt/certificate.h"
#include "crypt/cms_bounds.h"
#include "crypt/digest.h"

/* sign: RSA PKCS#1 v1.5 with SHA-256 over message, which is the DER of the signed attributes (RFC 5652 5.4): so the
 * holder of the key gets the signed bytes. Appends 256 bytes. With a token: CKM_SHA256_RSA_PKCS. */
typedef struct cms_signer {
    const certificate *certificate;
    result (*sign)(void *context, bytes message, buffer *signature);
    void *context;
} cms_signer;

/* A signer with a PKCS#8 PEM key in a file, which must not be readable for all users (base/file.h:
 * file_read_secret). */
typedef struct cms_key cms_key;
result cms_key_from_file(const char *path, cms_key **out);
void cms_key_free(cms_key **key);
cms_signer cms_key_signer(cms_key *key, const certificate *c);
/* The same key for one bare signature over data (SHA-256, RSA PKCS#1 v1.5). Appends. */
result cms_key_sign(cms_key *key, bytes data, buffer *signature);

/* Appends the DER. detached: the content is not inside. at: signing time, seconds since 1970. The signers' certificates
 * are inside. Returns a signer's failure unchanged; RESULT_BAD_SIGNATURE: its signature does not verify with its
 * certificate. */
result cms_sign(bytes content, bool detached, const cms_signer *signers, size_t count, int64_t at, buffer *der);

/* Why a message could not be verified, in addition to the result. */
typedef enum cms_problem {
    CMS_NO_PROBLEM = 0,
    CMS_CONTENT_MISSING,     /* detached, and no content was given: RESULT_INVALID */
    CMS_CONTENT_INSIDE,      /* content was given, but the message has one inside: RESULT_INVALID */
    CMS_CERTIFICATE_MISSING, /* a signer's certificate is not inside: RESULT_BAD_SIGNATURE */
    CMS_ALGORITHM,           /* not RSA PKCS#1 v1.5 with SHA-256: RESULT_BAD_SIGNATURE */
    CMS_NO_ATTRIBUTES,       /* no signed attributes, so the time is not signed: RESULT_INVALID */
    CMS_NOT_DER,             /* indefinite lengths: BER, `openssl cms -cmsout -inform DER -outform DER` makes DER of it:
                                RESULT_INVALID */
    CMS_KEY,                 /* a signer's key is outside crypt/key_rule.h and was not used: RESULT_KEY */
    CMS_FORM,                /* valid CMS, but not in the one form that cms_sign writes: RESULT_INVALID */
    CMS_KIND,                /* perhaps valid CMS, but of a kind that cms_verify does not accept: RESULT_INVALID */
} cms_problem;

typedef struct cms_message {
    buffer content;
    cms_problem problem;
    certificate *signers[CMS_SIGNERS_MAX];
    int64_t signing_time[CMS_SIGNERS_MAX];   /* -1 when absent */
    bool names_certificate[CMS_SIGNERS_MAX]; /* signing-certificate-v2 is there, and fits */
    size_t count;
} cms_message;

/* Verifies every signature with the certificate inside that belongs to it; trust_check tells whether those certificates
 * are trusted. detached: the content when it is not inside (data NULL otherwise). Only DER is read, with content type
 * id-data, signers named by issuer and serial number, and signed attributes: content-type, message-digest and, when
 * there, signing-time and signing-certificate-v2 must fit; each type once. Revocation lists and unsigned attributes are
 * refused. RESULT_INVALID, RESULT_BAD_SIGNATURE, RESULT_KEY, RESULT_TOO_LONG (signers or certificates). Free with
 * cms_message_free also after failure.
 *
 * cms_verify takes the one form that cms_sign writes, so that a signed message has no second form (evidence is
 * identified by the SHA-256 of its DER): every signer with signing-time and signing-certificate-v2; one digest
 * algorithm for each of them, SHA-256 without parameters; rsaEncryption; the signers' certificates and no others; every
 * SET OF in the order of DER. cms_verify_foreign_forms also accepts the forms of third-party programs. */
result cms_verify(bytes der, bytes detached, cms_message *out);
/* The same in the order of cost: reads signers and content, compares digests and certificate hashes, then asks vet
 * whether *message shall be verified, and only then uses keys. So there is no computation with the key of an untrusted
 * certificate. A result of vet other than RESULT_OK is returned. */
typedef result cms_vet(void *context, const cms_message *message);
result cms_verify_vetted(bytes der, bytes detached, cms_vet *vet, void *context, cms_message *out);
result cms_verify_foreign_forms(bytes der, bytes detached, cms_message *out);
void cms_message_free(cms_message *message);
