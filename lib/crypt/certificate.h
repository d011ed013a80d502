/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* X.509 certificates (RFC 5280), read. */
#pragma once

#include "base/buffer.h"

#define CRYPT_NAME_MAX 512    /* of an issuer or subject as RFC 4514 text */
#define CRYPT_SERIAL_MAX 41   /* 20 bytes as capital hexadecimal, NUL */
#define CRYPT_MODULUS_MAX 512 /* RSA-4096 */

typedef struct certificate certificate;

/* One certificate, DER or PEM; exactly one. RESULT_INVALID, RESULT_KEY (crypt/key_rule.h). */
result certificate_new(bytes encoded, certificate **out);
result certificate_from_file(const char *path, certificate **out);
void certificate_free(certificate **c);

/* As PEM (RFC 7468). Appends. */
result certificate_pem(const certificate *c, buffer *pem);

/* Borrowed until certificate_free. */
bytes certificate_der(const certificate *c);
const uint8_t *certificate_fingerprint(const certificate *c); /* SHA-256 of the DER: 32 bytes */
/* The same in capital hexadecimal. */
#define CERTIFICATE_FINGERPRINT_SIZE 65
void certificate_fingerprint_text(const certificate *c, char text[CERTIFICATE_FINGERPRINT_SIZE]);
/* SHA-256 of the SubjectPublicKeyInfo in capital hexadecimal: identifies the key, independent of its certificate. */
result certificate_key_hash(const certificate *c, char text[65]);
const char *certificate_issuer(const certificate *c); /* RFC 4514 text, as GnuTLS writes it */
const char *certificate_subject(const certificate *c);
const char *certificate_serial(const certificate *c); /* capital hexadecimal, no leading 00 byte */
bool certificate_equal(const certificate *a, const certificate *b);

/* The first attribute of the subject with this object identifier, as UTF-8. RESULT_NOT_FOUND, RESULT_TOO_LONG. */
#define CERTIFICATE_COMMON_NAME "2.5.4.3"
#define CERTIFICATE_SERIAL_NUMBER "2.5.4.5"
#define CERTIFICATE_ORGANIZATION "2.5.4.10"
#define CERTIFICATE_ORGANIZATIONAL_UNIT "2.5.4.11"
#define CERTIFICATE_TITLE "2.5.4.12"
#define CERTIFICATE_ORGANIZATION_IDENTIFIER "2.5.4.97" /* organizationIdentifier, X.520 6.4.4 */
result certificate_subject_attribute(const certificate *c, const char *oid, char *text, size_t size);

/* Seconds since 1970. */
void certificate_validity(const certificate *c, int64_t *not_before, int64_t *not_after);

/* RSA PKCS#1 v1.5 with SHA-256 (RFC 8017 8.2.2). RESULT_BAD_SIGNATURE, also of a key that is no RSA key. */
result certificate_verify(const certificate *c, bytes message, bytes signature);
/* RSAES-PKCS1-v1_5 with the certificate's key (RFC 8017 7.2). Appends. */
result certificate_encrypt(const certificate *c, bytes plain, buffer *encrypted);
/* The RSA modulus without leading zeros. Appends. RESULT_UNSUPPORTED for other keys. */
result certificate_modulus(const certificate *c, buffer *modulus);

/* RSA PKCS#1 v1.5 with SHA-256, from the bare numbers, as a card-verifiable certificate holds them; RESULT_KEY
 * as certificate_new. */
result crypt_rsa_verify(bytes modulus, bytes exponent, bytes message, bytes signature);
/* RSAES-PKCS1-v1_5 likewise. Appends. */
result crypt_rsa_encrypt(bytes modulus, bytes exponent, bytes plain, buffer *encrypted);
