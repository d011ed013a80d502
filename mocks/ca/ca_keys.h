/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Key pairs: RSA-2048 (cards, institutions, CVCs) and ECDSA P-256 (TLS), made ahead of use by two threads, and their
 * files: PKCS#8 PEM, mode 0600. */
#pragma once

#include "base/buffer.h"

#include <openssl/evp.h>

/* Starts making count RSA keys in the background; keys_rsa takes them. At most once per process. Without it, or when
 * all are taken, keys_rsa makes each key itself. */
void keys_expect(unsigned count);
void keys_finish(void); /* waits for the threads; unused keys are freed */

EVP_PKEY *keys_rsa(void); /* NULL when OpenSSL fails; free with EVP_PKEY_free */
EVP_PKEY *keys_p256(void);

/* The file folder/name: PKCS#8 PEM, mode 0600. Free a key that was read with EVP_PKEY_free. */
result keys_write(const char *folder, const char *name, EVP_PKEY *key);
result keys_read(const char *folder, const char *name, EVP_PKEY **key);

/* RSA modulus, 256 bytes, and exponent, 3 bytes. RESULT_INVALID for any other key. */
result keys_rsa_numbers(EVP_PKEY *key, uint8_t modulus[256], uint8_t exponent[3]);

/* RSA PKCS#1 v1.5 with SHA-256, 256 bytes. */
result keys_sign(EVP_PKEY *key, bytes data, uint8_t signature[256]);

/* SHA-256 of the SubjectPublicKeyInfo (DER). */
result keys_fingerprint(EVP_PKEY *key, uint8_t digest[32]);
