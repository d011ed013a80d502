/* A private key that lives elsewhere (a token), as GnuTLS sees it. For the files of lib/crypt only. */
#pragma once

#include "base/buffer.h"
#include "crypt/digest.h"

#include <gnutls/abstract.h>

/* RSA-2048. sign_digest as in crypt/cms.h. A signature that does not verify with the public key never leaves: one wrong
 * result of an RSA computation by the Chinese remainder theorem tells the private key to whoever sees it (Boneh,
 * DeMillo, Lipton, 1997). */
typedef struct foreign_key {
    result (*sign_digest)(void *context, const uint8_t digest[CRYPT_SHA256_LENGTH], buffer *signature);
    void *context;
    gnutls_pubkey_t public_key;
    /* what the signer said; GnuTLS would only keep a number of its own. RESULT_BAD_SIGNATURE: it has failed */
    result code;
} foreign_key;

/* key has been initialised; foreign must live as long. RESULT_INTERNAL. */
result foreign_key_import(gnutls_privkey_t key, foreign_key *foreign);
