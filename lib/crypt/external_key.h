/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A private key that lives elsewhere (a token) and signs only what it can read. GnuTLS hands a key of somebody else
 * nothing but a digest; so it first gets a placeholder, and what it has written goes to the real signer afterwards, as
 * bytes. For the files of lib/crypt only. */
#pragma once

#include "base/buffer.h"
#include "crypt/digest.h"

#include <gnutls/abstract.h>

#define EXTERNAL_SIGNATURE 256 /* RSA-2048 */

typedef struct external_key {
    /* As in crypt/cms.h. */
    result (*sign)(void *context, bytes message, buffer *signature);
    void *context;
    gnutls_pubkey_t public_key;
    uint8_t digest[CRYPT_SHA256_LENGTH];     /* that GnuTLS wanted a signature over */
    uint8_t placeholder[EXTERNAL_SIGNATURE]; /* that it got */
    bool asked;
} external_key;

/* key has been initialised; foreign must live as long. RESULT_INTERNAL, RESULT_NO_MEMORY. */
result external_key_import(gnutls_privkey_t key, external_key *foreign);

/* The signature over message in the place of the placeholder, which must be in written exactly once. message: what
 * GnuTLS made the digest of (RESULT_INTERNAL: it is not). The signer's failure is returned as it is. A signature that
 * does not verify with the public key never leaves (RESULT_BAD_SIGNATURE): one wrong result of an RSA computation by
 * the Chinese remainder theorem tells the private key to whoever sees it (Boneh, DeMillo, Lipton, 1997). */
result external_key_sign(const external_key *foreign, bytes message, buffer *written);
