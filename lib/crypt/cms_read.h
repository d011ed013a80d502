/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Strict reader of CMS SignedData (RFC 5652 5); it verifies nothing. Accepts DER, content type id-data, signers named
 * by issuer and serial number, SHA-256, RSA PKCS#1 v1.5, and signed attributes; no revocation lists and no unsigned
 * attributes, because they are not signed. Everything is borrowed from the message. For the files of lib/crypt only. */
#pragma once

#include "base/buffer.h"
#include "crypt/cms_bounds.h"
#include "crypt/der.h"

typedef struct cms_certificate {
    bytes der;
    bytes issuer, serial; /* Name with its header, INTEGER's content */
} cms_certificate;

typedef struct cms_signer_info {
    bytes issuer, serial;    /* sid; as in cms_certificate */
    bytes signed_attributes; /* the whole of [0] */
    bytes message_digest;    /* 32 bytes */
    int64_t signing_time;    /* -1 when absent */
    bytes certificate_hash;  /* of signing-certificate-v2, 32 bytes; empty when that attribute is absent */
    bytes certificate_issuer, certificate_serial; /* its issuerSerial; empty when absent */
    bytes signature;
} cms_signer_info;

typedef struct cms_signed_data {
    bytes content; /* data NULL when it is not inside */
    cms_certificate certificates[CMS_CERTIFICATES_MAX];
    size_t certificate_count;
    cms_signer_info signers[CMS_SIGNERS_MAX];
    size_t signer_count;
    bool as_we_write; /* the one form that cms_sign writes (cms.h) */
} cms_signed_data;

/* RESULT_INVALID, RESULT_TRUNCATED, RESULT_TOO_LONG (more signers or certificates than fit), RESULT_UNSUPPORTED (BER),
 * RESULT_BAD_SIGNATURE (an unsupported algorithm), RESULT_NOT_FOUND (no signed attributes), RESULT_REFUSED (another
 * kind of content, of certificate or of naming the signer). */
result cms_read(bytes message, cms_signed_data *out);
/* Appends the signed bytes of a signer: the attributes as a SET OF, not as the [0] of the message (RFC 5652 5.4). */
result cms_attributes_as_signed(const cms_signer_info *info, buffer *set);
/* The signed attributes of a signer whose signed_attributes are set. Fails as der.h tells. */
void cms_read_attributes(cms_signer_info *out, result *failed);
